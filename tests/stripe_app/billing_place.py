"""An OpenMeter with a Stripe app whose webhooks arrive: the embedded server, the stand-in and what is between them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.stripe_app.connection import StripeConnection
from devkit.stripe_app.ownership import Owner
from devkit.stripe_app.triggers import TriggerResult, run_trigger
from tests.servers import embedded_server

KEY = "sk_test_devkit_123"  # with which the stand-in of the tests starts


@dataclass(frozen=True)
class BillingPlace:
    """One account at the stand-in, and the app that a server has for it."""

    openmeter: OpenMeter
    connection: StripeConnection
    told: list[str]

    @property
    def access(self) -> StripeAccess:
        return self.connection.access

    @property
    def app(self) -> str:
        return self.connection.app

    @property
    def owner(self) -> Owner:
        return self.connection.owner

    def control(self, route: str, **given: Any) -> Any:
        """Calls a route of the stand-in's own for this account."""
        headers = {"authorization": f"Bearer {self.access.key}"}
        answer = httpx.post(f"{self.access.base}/_standin/{route}", json=given, headers=headers, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def fail(self, method: str, path: str, **fault: Any) -> None:
        self.control("faults", method=method, path=f"/v1/{path}", **fault)

    def requests(self) -> list[tuple[str, str]]:
        """What this account was asked until now, by whomever."""
        return [(each["method"], each["path"]) for each in self.control("state")["requests"]]

    def disable_webhooks(self) -> None:
        v1 = self.access.client().v1
        for endpoint in v1.webhook_endpoints.list().data:
            v1.webhook_endpoints.update(endpoint.id, {"disabled": True})

    def customer(self, key: str, **more: Any) -> str:
        """The id of a new customer of OpenMeter."""
        return str(self.openmeter.call("createCustomer", body={"key": key, "name": f"The {key}", **more})["id"])

    def trigger(self, name: str, within: float = 30) -> TriggerResult:
        access, owner, app = self.access, self.owner, self.app
        return run_trigger(name, self.openmeter, access, owner, app, tell=self.told.append, within=within)


@contextmanager
def billing_place(url: str, address: str) -> Iterator[BillingPlace]:
    """url: of the server; address: of the stand-in. The account is a new one; the app stays."""
    access = StripeAccess(f"{KEY}_{uuid.uuid4().hex}", address)
    with OpenMeter(url) as openmeter:
        body = {"apiKey": access.key, "createBillingProfile": False}
        installed = openmeter.call("marketplaceAppAPIKeyInstall", path={"type": "stripe"}, body=body)
        owner = Owner(uuid.uuid4().hex, "machine", "test")
        yield BillingPlace(openmeter, StripeConnection(access, owner, installed["app"]["id"]), [])


@contextmanager
def billing_place_alone(data: Path, stripe_address: str) -> Iterator[BillingPlace]:
    """The same with a server of its own over this data folder."""
    variables = {"DEVKIT_STRIPE_API_BASE": stripe_address}
    with embedded_server(data, variables=variables) as url, billing_place(url, stripe_address) as place:
        yield place
