"""Lines of subscriptions that someone changed by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from devkit.embedded.store.store import Store
from tests.embedded.tags.subscriptions.scene import SUBSCRIPTIONS
from tests.embedded.workflows.billing_scene import BillingScene, fee, open_scene

START = datetime(2025, 1, 10, 12, tzinfo=UTC)
FEB, MAR = "2025-02-10T12:00:00Z", "2025-03-10T12:00:00Z"
DAY = timedelta(days=1)
SEAT = fee("seat", "31")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[BillingScene]:
    store = Store(tmp_path / "data", START)
    yield open_scene(store)
    store.close()


def _update(invoice: Any, **first_line: Any) -> dict[str, Any]:
    """What leaves the invoice as it is, but for its first line."""
    lines = [
        {name: line[name] for name in ("id", "name", "period", "invoiceAt", "rateCard")} for line in invoice["lines"]
    ]
    return {
        "supplier": {"name": "Acme", "addresses": [{"country": "US"}]},
        "customer": {"name": "Customer"},
        "lines": [lines[0] | first_line, *lines[1:]],
        "workflow": {"workflow": {"invoicing": {}, "payment": {}}},
    }


def test_a_line_that_was_edited_outlives_its_subscription(scene: BillingScene) -> None:
    subscription = scene.subscribe(SEAT, fee("support", "5"))
    pending = scene.invoices("gathering")[0]
    scene.done("PUT", f"/api/v1/billing/invoices/{pending['id']}", _update(pending, name="Chair"))
    scene.advance(START + DAY)
    for _ in range(2):
        scene.done("POST", f"{SUBSCRIPTIONS}/{subscription['id']}/cancel", {"timing": "next_billing_cycle"})
        assert scene.lines("gathering") == [("Chair", FEB, MAR, "31")]
        scene.done("POST", f"{SUBSCRIPTIONS}/{subscription['id']}/unschedule-cancelation")
        assert scene.lines("gathering") == [("Chair", FEB, MAR, "31"), ("Support", FEB, MAR, "5")]


def test_an_edited_fee_is_meant_for_its_full_period(scene: BillingScene) -> None:
    scene.subscribe(SEAT)
    pending = scene.invoices("gathering")[0]
    week = {"from": FEB, "to": "2025-02-17T12:00:00Z"}
    scene.done("PUT", f"/api/v1/billing/invoices/{pending['id']}", _update(pending, period=week))
    assert scene.lines("gathering") == [("Seat", FEB, week["to"], "7.75")]
