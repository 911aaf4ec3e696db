"""What the advanced clock does to everything that depends on time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.domain.timestamps import format_seconds
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask

START = datetime(2026, 1, 31, tzinfo=UTC)
CARD = {"type": "flat_fee", "name": "S", "billingCadence": "P1M", "price": None}
PLAN = {
    "key": "trial",
    "name": "Trial",
    "currency": "USD",
    "billingCadence": "P1M",
    "phases": [
        {"key": "free", "name": "Free", "duration": "P1M", "rateCards": [{**CARD, "key": "free"}]},
        {"key": "paid", "name": "Paid", "duration": None, "rateCards": [{**CARD, "key": "paid"}]},
    ],
}


@pytest.fixture
def app(tmp_path: Path) -> Any:
    store = Store(tmp_path / "data", START)
    yield build_app(store)
    store.close()


def made(app: Application, method: str, target: str, body: Any = None) -> Any:
    answer = ask(app, method, target, body)
    assert answer.status < 300, (target, answer.status, answer.body)
    return answer.json if answer.body else None


def advance(app: Application, by: str) -> None:
    assert made(app, "POST", "/_devkit/clock", {"by": by})["failedJobs"] == []


def send(app: Application, id_: str, at: datetime) -> None:
    event = {"id": id_, "source": "test", "specversion": "1.0", "type": "call", "subject": "ann"}
    event["time"] = format_seconds(at)
    made(app, "POST", "/api/v1/events", [event])


def test_a_subscription_moves_through_its_phases_and_ends_when_it_was_canceled_for(app: Application) -> None:
    plan = made(app, "POST", "/api/v1/plans", PLAN)
    made(app, "POST", f"/api/v1/plans/{plan['id']}/publish")
    made(app, "POST", "/api/v1/customers", {"name": "Ann", "key": "ann"})
    id_ = made(app, "POST", "/api/v1/subscriptions", {"customerKey": "ann", "plan": {"key": "trial"}})["id"]

    def status() -> str:
        return str(made(app, "GET", f"/api/v1/subscriptions/{id_}")["status"])

    def shown_by_customer() -> bool:
        return "currentSubscriptionId" in made(app, "GET", "/api/v1/customers/ann")

    advance(app, "P45D")
    assert (status(), shown_by_customer()) == ("active", True)
    made(app, "POST", f"/api/v1/subscriptions/{id_}/cancel", {"timing": "next_billing_cycle"})
    assert (status(), shown_by_customer()) == ("canceled", True)
    advance(app, "P2M")
    assert (status(), shown_by_customer()) == ("inactive", False)
    made(app, "DELETE", "/api/v1/customers/ann")


def test_usage_is_reset_with_its_period_and_grants_expire(app: Application) -> None:
    made(app, "POST", "/api/v1/meters", {"slug": "calls", "aggregation": "COUNT", "eventType": "call"})
    made(app, "POST", "/api/v1/features", {"key": "calls", "name": "Calls", "meterSlug": "calls"})
    made(app, "POST", "/api/v1/customers", {"name": "Ann", "key": "ann"})
    wanted = {"type": "metered", "featureKey": "calls", "usagePeriod": {"interval": "MONTH"}, "isSoftLimit": True}
    made(app, "POST", "/api/v2/customers/ann/entitlements", wanted)
    grant = {"amount": 10, "effectiveAt": format_seconds(START), "expiration": {"duration": "DAY", "count": 40}}
    made(app, "POST", "/api/v2/customers/ann/entitlements/calls/grants", grant)

    def value() -> tuple[float, float]:
        shown = made(app, "GET", "/api/v2/customers/ann/entitlements/calls/value")
        return shown["usage"], shown["balance"]

    advance(app, "PT2M")
    for number in range(3):
        send(app, str(number), START + timedelta(seconds=90))
    advance(app, "PT2M")
    assert value() == (3, 7)
    advance(app, "P1M")
    assert value() == (0, 7)
    advance(app, "P1M")
    assert value() == (0, 0)


def test_the_present_of_lists_and_the_furthest_that_they_look_back_move_along(app: Application) -> None:
    send(app, "early", START)
    early = quote(format_seconds(START))
    assert [event["event"]["id"] for event in made(app, "GET", f"/api/v1/events?from={early}")] == ["early"]
    advance(app, "P33D")
    send(app, "late", START + timedelta(days=33))
    assert [event["event"]["id"] for event in made(app, "GET", "/api/v1/events")] == ["late"]
    assert ask(app, "GET", f"/api/v1/events?from={early}").status == 400
    days = made(app, "GET", f"/api/v1/events?from={quote(format_seconds(START + timedelta(days=2)))}")
    assert [event["event"]["id"] for event in days] == ["late"]


def test_a_portal_token_expires(app: Application) -> None:
    made(app, "POST", "/api/v1/meters", {"slug": "calls", "aggregation": "COUNT", "eventType": "call"})
    token = made(app, "POST", "/api/v1/portal/tokens", {"subject": "ann"})["token"]

    def status() -> int:
        headers = {"authorization": f"Bearer {token}"}
        return ask(app, "GET", "/api/v1/portal/meters/calls/query", headers=headers).status

    assert status() == 200
    advance(app, "P1D")
    assert status() == 401
