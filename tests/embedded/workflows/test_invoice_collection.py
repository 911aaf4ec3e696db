"""What time does to pending lines and drafts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask
from tests.embedded.tags.billing.scene import INVOICES, Scene, fee, status, usage

START = datetime(2025, 1, 1, tzinfo=UTC)
OTHER = {"name": "Other", "usageAttribution": {"subjectKeys": ["other"]}}
JANUARY = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
FEBRUARY = {"from": "2025-02-01T00:00:00Z", "to": "2025-03-01T00:00:00Z"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Any]:
    store = Store(tmp_path / "data", START)
    yield build_app(store)
    store.close()


def advance(scene: Scene, to: str) -> None:
    answer = ask(scene.app, "POST", "/_devkit/clock", {"to": to})
    assert answer.json["failedJobs"] == [], answer.body


def invoices(scene: Scene) -> list[dict[str, Any]]:
    return list(ask(scene.app, "GET", f"{INVOICES}?expand=lines").json["items"])


def standard(scene: Scene) -> list[dict[str, Any]]:
    return [invoice for invoice in invoices(scene) if status(invoice) != "gathering"]


def test_a_fee_is_invoiced_when_it_is_due(app: Any) -> None:
    scene = Scene.of(app, autoAdvance=True)
    scene.add(fee(period=JANUARY, invoiceAt="2025-01-15T00:00:00Z"))
    advance(scene, "2025-01-15T00:00:30Z")
    assert standard(scene) == []
    advance(scene, "2025-01-15T00:01:00Z")
    assert [status(invoice) for invoice in invoices(scene)] == ["paid"]


def test_each_month_has_an_invoice_of_its_own_however_far_the_clock_goes(app: Any) -> None:
    scene = Scene.of(app, autoAdvance=True)
    scene.add(
        fee("1", period=JANUARY, invoiceAt=JANUARY["to"]),
        fee("2", period=FEBRUARY, invoiceAt=FEBRUARY["to"]),
    )
    advance(scene, "2025-06-01T00:00:00Z")
    found = standard(scene)
    assert [(status(invoice), invoice["totals"]["total"]) for invoice in found] == [("paid", "1"), ("paid", "2")]


def test_usage_waits_for_the_end_of_its_period_and_of_its_collection(app: Any) -> None:
    scene = Scene.of(app, interval="P1D", autoAdvance=True)
    scene.use(3, time="2025-01-01T00:00:00Z")
    scene.add(usage(period=JANUARY, invoiceAt="2025-01-10T00:00:00Z"))
    advance(scene, "2025-01-20T00:00:00Z")
    assert standard(scene) == []
    advance(scene, "2025-02-01T00:01:00Z")
    assert [status(invoice) for invoice in standard(scene)] == ["draft.waiting_for_collection"]
    advance(scene, "2025-02-02T00:02:00Z")
    assert [(status(invoice), invoice["totals"]["total"]) for invoice in standard(scene)] == [("paid", "3")]


def test_a_draft_goes_from_its_collection_to_its_issue_however_far_the_clock_goes(app: Any) -> None:
    scene = Scene.of(app, interval="P1D", autoAdvance=True, draftPeriod="P7D")
    scene.use(3, time="2025-01-01T00:00:00Z")
    scene.add(usage(period=JANUARY, invoiceAt=JANUARY["to"]))
    advance(scene, "2025-06-01T00:00:00Z")
    [invoice] = standard(scene)
    assert status(invoice) == "paid"
    assert invoice["issuedAt"] == invoice["draftUntil"] == "2025-02-09T00:01:00Z"


def test_a_draft_is_issued_when_its_period_is_over(app: Any) -> None:
    scene = Scene.of(app, autoAdvance=True, draftPeriod="P7D")
    draft = scene.invoice(fee(period=JANUARY, invoiceAt=JANUARY["from"]))
    assert status(draft) == "draft.waiting_auto_approval"
    advance(scene, "2025-01-07T00:00:00Z")
    assert status(scene.get(draft)) == "draft.waiting_auto_approval"
    advance(scene, "2025-01-08T00:01:00Z")
    assert status(scene.get(draft)) == "paid"


def test_a_draft_that_someone_approves_waits_for_ever(app: Any) -> None:
    scene = Scene.of(app)
    draft = scene.invoice(fee(period=JANUARY, invoiceAt=JANUARY["from"]))
    advance(scene, "2026-01-01T00:00:00Z")
    assert status(scene.get(draft)) == "draft.manual_approval_needed"


def test_lines_that_cannot_be_rated_keep_no_one_else_from_being_invoiced(app: Any) -> None:
    scene = Scene.of(app, autoAdvance=True)
    ask(app, "POST", "/api/v1/features", {"key": "unmetered", "name": "Unmetered"})
    card = {"price": {"type": "unit", "amount": "1"}, "featureKey": "unmetered"}
    other = ask(app, "POST", "/api/v1/customers", OTHER).json["id"]
    scene.add(usage(rateCard=card, period=JANUARY, invoiceAt="2025-01-02T00:00:00Z"))
    Scene(app, other).add(fee(period=JANUARY, invoiceAt="2025-01-02T00:00:00Z"))
    advance(scene, "2025-03-01T00:00:00Z")
    items = ask(app, "GET", f"{INVOICES}?customers={other}").json["items"]
    assert [status(invoice) for invoice in items] == ["paid"]
    kept = ask(app, "GET", f"{INVOICES}?customers={scene.customer}")
    assert kept.status == 400
