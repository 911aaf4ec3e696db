"""Subscriptions on invoices: from their start on, after changes, and while time passes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from devkit.embedded.domain.billing.app_results import AppFailure
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.issues import Issue
from devkit.embedded.store.store import Store
from devkit.embedded.workflows import subscription_billing
from devkit.embedded.workflows.invoicing_apps.sandbox import SandboxInvoicing
from tests.embedded.domain.catalog.examples import phase, plan
from tests.embedded.tags.subscriptions.scene import SUBSCRIPTIONS
from tests.embedded.workflows.billing_scene import BillingScene, fee, open_scene, tokens

START = datetime(2025, 1, 10, 12, tzinfo=UTC)
JAN, FEB, MAR, APR = (f"2025-{month:02}-10T12:00:00Z" for month in (1, 2, 3, 4))
DAY = timedelta(days=1)
SEAT = fee("seat", "31")
INVOICE = "/api/v1/billing/invoices/invoice"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[BillingScene]:
    store = Store(tmp_path / "data", START)
    yield open_scene(store)
    store.close()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _stretched(by: str) -> dict[str, str]:
    return {"op": "stretch_phase", "phaseKey": "first", "extendBy": by}


def _billed_part(scene: BillingScene) -> Any:
    """The invoice of the usage so far, paid."""
    part = scene.done("POST", INVOICE, {"customerId": scene.customer_id})[0]
    scene.done("POST", f"/api/v1/billing/invoices/{part['id']}/snapshot-quantities")
    return scene.done("POST", f"/api/v1/billing/invoices/{part['id']}/approve")


def _truncated(subscription: Any, name: str) -> str:
    return str(subscription[name])[:19] + "Z"


def test_fees_in_advance_are_paid_at_once_and_the_rest_is_gathered(scene: BillingScene) -> None:
    scene.subscribe(SEAT, fee("support", "5", "in_arrears"), tokens())

    assert scene.lines("paid") == [("Seat", JAN, FEB, "31")]
    assert scene.lines("gathering") == [
        ("Seat", FEB, MAR, "31"),
        ("Support", JAN, FEB, "5"),
        ("Tokens", JAN, FEB, "0"),
    ]


def test_a_year_passes_with_an_invoice_a_month_dated_by_it(scene: BillingScene) -> None:
    scene.subscribe(SEAT, tokens())
    scene.use(250)
    scene.advance(START + 366 * DAY)

    paid = scene.invoices("paid")
    assert [invoice["totals"]["total"] for invoice in paid] == ["31", "56", *["31"] * 11]
    assert [invoice["createdAt"][:10] for invoice in paid] == [
        *(f"2025-{month:02}-10" for month in range(1, 13)),
        "2026-01-10",
    ]
    assert [invoice["issuedAt"][:16] for invoice in paid[:3]] == [
        "2025-01-10T12:00",
        "2025-02-10T13:01",
        "2025-03-10T13:01",
    ]
    assert scene.lines("gathering") == [
        ("Seat", "2026-02-10T12:00:00Z", "2026-03-10T12:00:00Z", "31"),
        ("Tokens", "2026-01-10T12:00:00Z", "2026-02-10T12:00:00Z", "0"),
    ]


def test_a_year_in_steps_bills_what_a_year_at_once_does(scene: BillingScene, tmp_path: Path) -> None:
    other_store = Store(tmp_path / "other", START)
    other = open_scene(other_store)
    for one in (scene, other):
        one.subscribe(SEAT, tokens(), fee("licence", "100", cadence="P1Y"))
    scene.advance(START + 400 * DAY)
    for days in range(25, 401, 25):
        other.advance(START + days * DAY)

    assert scene.lines() == other.lines()
    other_store.close()


def test_usage_is_billed_in_the_period_that_it_fell_into(scene: BillingScene) -> None:
    scene.subscribe(tokens())
    for days, amount in ((5, 10), (40, 20), (80, 30)):
        scene.advance(START + days * DAY)
        scene.use(amount)
    scene.advance(START + 100 * DAY)

    assert scene.lines("paid") == [("Tokens", JAN, FEB, "1"), ("Tokens", FEB, MAR, "2"), ("Tokens", MAR, APR, "3")]


def test_the_minimum_is_billed_with_the_last_part_of_a_period(scene: BillingScene) -> None:
    scene.subscribe(tokens(minimumAmount="5"))
    scene.use(10)
    scene.advance(START + 10 * DAY)
    _billed_part(scene)
    scene.advance(START + 40 * DAY)

    totals = [Decimal(total) for _, _, _, total in scene.lines("paid")]
    assert totals == [1, 4]


def test_an_end_at_once_bills_the_usage_so_far_and_warns_of_what_was_paid(scene: BillingScene) -> None:
    subscription = scene.subscribe(SEAT, tokens())
    scene.use(40)
    scene.advance(START + 10 * DAY)
    end = _truncated(scene.act(subscription, "cancel", timing="immediate"), "activeTo")

    assert ("Tokens", JAN, end, "4") in scene.lines("draft")
    assert scene.lines("gathering") == []
    assert scene.lines("paid") == [("Seat", JAN, FEB, "31")]
    assert scene.warnings() == ["line should be deleted, but the invoice is immutable"]


def test_an_end_makes_a_fee_on_a_draft_cheaper(scene: BillingScene) -> None:
    scene.bill_by_hand()
    subscription = scene.subscribe(SEAT)
    scene.advance(START + 10 * DAY)
    end = _truncated(scene.act(subscription, "cancel", timing="immediate"), "activeTo")

    assert scene.lines("draft") == [("Seat", JAN, end, "10")]
    assert scene.invoices("draft")[0]["totals"]["total"] == "10"
    assert scene.warnings() == []


def test_an_end_within_a_second_leaves_nothing(scene: BillingScene) -> None:
    scene.bill_by_hand()
    subscription = scene.subscribe(SEAT, tokens())
    scene.act(subscription, "cancel", timing="immediate")

    assert scene.lines("draft") == []
    assert scene.lines("gathering") == []


def test_a_cancelation_taken_back_restores_what_is_gathered(scene: BillingScene) -> None:
    subscription = scene.subscribe(SEAT, tokens())
    before = scene.lines("gathering")
    scene.act(subscription, "cancel", timing="next_billing_cycle")
    assert scene.lines("gathering") == [("Tokens", JAN, FEB, "0")]
    scene.act(subscription, "unschedule-cancelation")

    assert scene.lines("gathering") == before


def test_usage_goes_on_where_a_part_of_it_is_billed_and_the_end_is_moved(scene: BillingScene) -> None:
    scene.published(plan(phase(tokens(), key="first", duration="P31D"), phase(SEAT, key="second"), key="phased"))
    subscription = scene.done("POST", SUBSCRIPTIONS, {"customerKey": "acme", "plan": {"key": "phased"}})
    scene.use(10)
    scene.advance(START + 5 * DAY)
    middle = _billed_part(scene)["period"]["to"]

    assert scene.edit(subscription, _stretched("-PT240H")).status == 200
    assert scene.lines("gathering") == [("Tokens", middle, "2025-01-31T12:00:00Z", "0")]
    assert scene.edit(subscription, _stretched("PT240H")).status == 200
    assert scene.lines("gathering") == [("Tokens", middle, FEB, "0")]
    assert scene.lines("paid") == [("Tokens", JAN, middle, "1")]


def test_usage_has_its_old_price_up_to_the_edit(scene: BillingScene) -> None:
    subscription = scene.subscribe(tokens())
    scene.use(10)
    scene.advance(START + 5 * DAY)
    middle = _billed_part(scene)["period"]["to"]
    scene.use(20)
    scene.advance(START + 8 * DAY)
    dearer = {"op": "add_item", "phaseKey": "main", "rateCard": tokens(amount="1")}
    assert scene.edit(subscription, dearer, timing="immediate").status == 200
    scene.use(30)
    scene.advance(START + 40 * DAY)

    (first, second, third) = scene.lines("paid")
    assert (first, second[1], second[3]) == (("Tokens", JAN, middle, "1"), middle, "2")
    assert (third[1], third[2], third[3]) == (second[2], FEB, "30")


def test_an_edited_price_is_billed_for_the_rest_of_the_period(scene: BillingScene) -> None:
    subscription = scene.subscribe(SEAT)
    scene.advance(START + 11 * DAY)
    edited = scene.edit(
        subscription, {"op": "add_item", "phaseKey": "main", "rateCard": fee("seat", "62")}, timing="immediate"
    )
    assert edited.status == 200
    paid = scene.lines("paid")

    assert [(line[0], line[2]) for line in paid] == [("Seat", FEB), ("Seat", FEB)]
    assert [line[3] for line in paid] == ["31", "40"]
    assert scene.lines("gathering") == [("Seat", FEB, MAR, "62")]
    assert scene.warnings() == ["line should be deleted, but the invoice is immutable"]


def test_a_change_of_plan_bills_the_new_plan_from_the_change_on(scene: BillingScene) -> None:
    subscription = scene.subscribe(SEAT)
    scene.advance(START + 11 * DAY)
    custom = {"name": "Own", "currency": "USD", "billingCadence": "P1M", "phases": [{"key": "main", "name": "Main"}]}
    custom["phases"] = [{"key": "main", "name": "Main", "duration": None, "rateCards": [fee("desk", "31")]}]
    scene.act(subscription, "change", timing="immediate", customPlan=custom)

    assert [(line[0], line[2], line[3]) for line in scene.lines("paid")] == [("Seat", FEB, "31"), ("Desk", FEB, "20")]
    assert scene.lines("gathering") == [("Desk", FEB, MAR, "31")]


def test_a_scheduled_subscription_is_gathered_and_forgotten_with_it(scene: BillingScene) -> None:
    subscription = scene.subscribe(SEAT, timing=FEB)
    assert scene.lines("gathering") == [("Seat", FEB, MAR, "31")]
    scene.done("DELETE", f"/api/v1/subscriptions/{subscription['id']}")

    assert scene.invoices() == []


def test_a_scheduled_subscription_is_billed_when_it_begins(scene: BillingScene) -> None:
    scene.subscribe(SEAT, timing=FEB)
    scene.advance(_at(FEB) + DAY)

    assert scene.lines("paid") == [("Seat", FEB, MAR, "31")]
    assert scene.lines("gathering") == [("Seat", MAR, APR, "31")]


def test_a_deleted_customer_is_billed_no_more(scene: BillingScene) -> None:
    scene.subscribe({**SEAT, "price": None}, {**SEAT, "key": "desk"}, timing=FEB)
    scene.bill_by_hand()
    gathering = scene.invoices()[0]
    parties = {"supplier": {"name": "Shop", "addresses": [{"country": "US"}]}, "customer": {"name": "Acme"}}
    settings: dict[str, Any] = {"workflow": {"workflow": {"invoicing": {}, "payment": {}}}}
    scene.done("PUT", f"/api/v1/billing/invoices/{gathering['id']}", {**parties, **settings, "lines": []})
    scene.done("DELETE", f"/api/v1/customers/{scene.customer_id}")
    scene.advance(START + 100 * DAY)

    assert scene.invoices() == []


def test_an_ended_subscription_is_billed_no_more(scene: BillingScene) -> None:
    subscription = scene.subscribe(SEAT, tokens())
    scene.act(subscription, "cancel", timing="next_billing_cycle")
    scene.use(10)
    scene.advance(START + 200 * DAY)

    assert scene.lines() == [("Seat", JAN, FEB, "31"), ("Tokens", JAN, FEB, "1")]


def test_a_failure_leaves_the_subscription_is_logged_and_mended_later(
    scene: BillingScene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise InternalFailure("no period")

    with monkeypatch.context() as broken:
        broken.setattr(subscription_billing, "expected", fail)
        subscription = scene.subscribe(SEAT)

    assert scene.read(subscription)["status"] == "active"
    assert scene.invoices() == []
    assert "is not billed" in caplog.text
    scene.advance(START + timedelta(hours=2))
    assert scene.lines("paid") == [("Seat", JAN, FEB, "31")]


def test_nobody_subscribes_who_cannot_be_billed(scene: BillingScene, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AppFailure([Issue("no way to pay")])

    monkeypatch.setattr(SandboxInvoicing, "validate", refuse)
    scene.published(plan(phase(SEAT), key="billed"))
    scene.published(plan(phase({**SEAT, "price": None}), key="free"))
    refused = scene.send("POST", SUBSCRIPTIONS, {"customerKey": "acme", "plan": {"key": "billed"}})

    assert (refused.status, refused.json["detail"]) == (409, "conflict error: invalid billing setup: no way to pay")
    assert scene.send("POST", SUBSCRIPTIONS, {"customerKey": "acme", "plan": {"key": "free"}}).status == 201


def test_a_failure_on_the_clock_waits_for_an_hour(scene: BillingScene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.subscribe(SEAT)
    with monkeypatch.context() as broken:
        broken.setattr(subscription_billing, "expected", lambda *_: (_ for _ in ()).throw(InternalFailure("no period")))
        scene.advance(_at(FEB) + DAY)
        gathered = scene.lines("gathering")
    scene.advance(_at(FEB) + DAY + timedelta(hours=2))

    assert gathered == []
    assert scene.lines("gathering") == [("Seat", MAR, APR, "31")]
