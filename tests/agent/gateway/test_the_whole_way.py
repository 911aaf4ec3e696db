"""Stripe's stand-in → ngrok's public address → gateway → OpenMeter: real sockets, real signatures, the real pyngrok."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from devkit.adapters.tunnels.ngrok.tunnel import NgrokSettings, NgrokTunnel
from devkit.adapters.tunnels.reach import problem_with
from devkit.agent.gateway.app import Gateway
from devkit.agent.gateway.server import GatewayServer
from devkit.core.contract import contract
from devkit.core.ports import bind
from devkit.standins.ngrok.executable import write_executable
from tests.embedded.stripe_account import StripeAccount, stripe_account
from tests.servers import embedded_server


@dataclass(frozen=True)
class Place:
    """An OpenMeter, its public address, the gateway between them, and the account at Stripe."""

    inside: httpx.Client
    public: str
    gateway: Gateway
    account: StripeAccount

    def post(self, path: str, body: Any) -> Any:
        answer = self.inside.post(f"/api/v1/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def has_card(self) -> bool:
        return "stripeDefaultPaymentMethodId" in self.inside.get("/api/v1/customers/acme/stripe").json()

    def deliveries(self, app: str) -> list[int]:
        done = self.account.control("state")["deliveries"]
        return [each["status"] for each in done if f"/{app}/" in each["url"]]


@pytest.fixture
def place(tmp_path: Path, stripe_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("NGROK_AUTHTOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    listener = bind(0)
    tunnel = NgrokTunnel(NgrokSettings(write_executable(tmp_path / "ngrok"), tmp_path / "ngrok.yml", "token"))
    try:
        public = tunnel.start(listener.getsockname()[1])
        variables = {"DEVKIT_STRIPE_API_BASE": stripe_address, "DEVKIT_APPS_BASE_URL": public}
        with (
            stripe_account(stripe_address) as account,
            embedded_server(tmp_path / "data", variables=variables) as url,
            httpx.Client(base_url=url, timeout=60, trust_env=False) as inside,
            GatewayServer(Gateway(url, name="mine"), listener) as server,
        ):
            yield Place(inside, public, server.gateway, account)
    finally:
        tunnel.stop()


def test_a_card_that_is_left_at_checkout_arrives_and_nothing_else_gets_in(place: Place) -> None:
    app = place.post("marketplace/listings/stripe/install/apikey", {"apiKey": place.account.key})["app"]["id"]
    place.gateway.admit([app])
    roles = dict.fromkeys(("tax", "invoicing", "payment"), app)
    supplier = {"name": "Acme", "addresses": [{"country": "US"}]}
    profile = {"name": "S", "default": True, "workflow": {}, "apps": roles, "supplier": supplier}
    place.post("billing/profiles", profile)
    place.post("customers", {"name": "Acme", "key": "acme", "usageAttribution": {"subjectKeys": ["acme"]}})
    options = {"successURL": "https://example.com"}
    session = place.post("stripe/checkout/sessions", {"customer": {"key": "acme"}, "options": options})
    assert not place.has_card()
    place.account.control(f"checkout/{session['sessionId']}/complete")
    deadline = time.monotonic() + 30
    while not place.has_card():
        assert time.monotonic() < deadline, place.deliveries(app)
        time.sleep(0.05)

    assert all(200 <= status < 300 for status in place.deliveries(app))
    assert problem_with(place.public, "mine") == ""
    with httpx.Client(base_url=place.public, trust_env=False) as outside:
        assert outside.post(f"/api/v1/apps/{app}/stripe/webhook", content=b"{}").status_code == 400  # OpenMeter's own
        for operation in contract().operations.values():
            if "{" not in operation.path:
                assert outside.request(operation.method, operation.path).status_code == 404
