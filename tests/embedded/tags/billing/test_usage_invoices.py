"""Usage on invoices: which of it counts, and how it is billed in parts."""

from datetime import timedelta
from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask
from tests.embedded.tags.billing.metered_scenes import CENTURY, UNIT, Metered, usage_line

GRADUATED = {
    "type": "tiered",
    "mode": "graduated",
    "tiers": [
        {
            "upToAmount": "10",
            "flatPrice": {"type": "flat", "amount": "2"},
            "unitPrice": {"type": "unit", "amount": "1"},
        },
        {"flatPrice": None, "unitPrice": {"type": "unit", "amount": "0.5"}},
    ],
}
CUSTOMER_SUBJECT = "acme"


def long_line(price: dict[str, Any] | None = None) -> dict[str, Any]:
    return usage_line(price, period=CENTURY, invoiceAt=CENTURY["to"])


def issue(scene: Metered, invoice: dict[str, Any]) -> dict[str, Any]:
    """Collects and approves an invoice."""
    if invoice["statusDetails"]["extendedStatus"] == "draft.waiting_for_collection":
        scene.act(invoice, "snapshot-quantities")
    return scene.act(invoice, "approve")


def test_all_subjects_of_the_customer_count_and_no_other(app: Application) -> None:
    scene = Metered(app)
    scene.use(1)
    scene.use(20, subject=CUSTOMER_SUBJECT)
    scene.use(300, subject="stranger")
    scene.use(4000, time="2024-12-31T23:59:59Z")
    scene.use(50000, time="2025-02-01T00:00:00Z")
    scene.add(usage_line())

    (invoice,) = scene.invoice().json
    assert (invoice["lines"][0]["quantity"], invoice["totals"]["total"]) == ("21", "21")


def test_usage_that_comes_after_the_cut_off_is_not_billed(app: Application) -> None:
    scene = Metered(app, {"invoicing": {"autoAdvance": False}, "collection": {"interval": "PT1H"}})
    scene.use(5)
    scene.add(usage_line())

    (invoice,) = scene.invoice().json
    assert (invoice["lines"][0]["quantity"], invoice["totals"]["total"]) == ("0", "0")
    assert invoice["collectionAt"] == "2025-02-01T01:01:00Z"


def test_collection_takes_up_what_came_since(app: Application) -> None:
    scene = Metered(app)
    scene.use(5)
    scene.add(usage_line())
    (invoice,) = scene.invoice().json
    child = invoice["lines"][0]["children"][0]["id"]
    scene.use(2)

    collected = scene.act(invoice, "snapshot-quantities")
    assert (collected["lines"][0]["quantity"], collected["totals"]["total"]) == ("7", "7")
    assert collected["lines"][0]["children"][0]["id"] == child


def test_a_running_period_is_billed_in_parts_that_add_up(app: Application, store: Store) -> None:
    scene = Metered(app)
    scene.add(long_line(GRADUATED))
    billed = []
    for tokens in (12, 10):
        scene.use(tokens)
        (invoice,) = scene.invoice().json
        store.advance_clock(store.now() + timedelta(minutes=2))
        billed.append(issue(scene, invoice))
    first, second = (invoice["lines"][0] for invoice in billed)

    assert [invoice["totals"]["total"] for invoice in billed] == ["13", "5"]
    assert (second["quantity"], second["preLinePeriodQuantity"]) == ("10", "12")
    assert first["period"]["to"] == first["invoiceAt"] == second["period"]["from"]
    (gathering,) = scene.invoices("&statuses=gathering")
    assert gathering["lines"][0]["period"] == {"from": second["period"]["to"], "to": CENTURY["to"]}
    assert gathering["totals"]["total"] == "0"


def test_an_invoice_as_of_the_past_counts_nothing_that_came_later(app: Application) -> None:
    scene = Metered(app)
    scene.use(5)
    scene.add(usage_line())
    (part,) = scene.invoice(asOf="2025-01-16T00:00:00Z").json
    assert part["totals"]["total"] == "0"
    issue(scene, part)

    (rest,) = scene.invoice().json
    assert (rest["totals"]["total"], rest["lines"][0]["period"]["from"]) == ("5", "2025-01-16T00:00:00Z")


def test_the_next_part_waits_until_the_draft_of_the_one_before_is_issued(app: Application) -> None:
    scene = Metered(app)
    line_id = scene.add(usage_line()).json["lines"][0]["id"]
    (part,) = scene.invoice(asOf="2025-01-16T00:00:00Z").json
    assert part["lines"][0]["id"] == line_id

    refused = scene.invoice(asOf="2025-01-17T00:00:00Z")
    assert refused.status == 400
    assert "an active realization run already exists for this charge" in refused.json["detail"]
    (gathering,) = scene.invoices("&statuses=gathering")
    assert gathering["lines"][0]["period"]["from"] == "2025-01-16T00:00:00Z"


def test_a_deleted_draft_takes_the_unbilled_rest_with_it(app: Application) -> None:
    scene = Metered(app)
    scene.add(usage_line())
    (part,) = scene.invoice(asOf="2025-01-16T00:00:00Z").json

    assert ask(app, "DELETE", f"/api/v1/billing/invoices/{part['id']}").status == 204
    assert scene.invoices() == []


def test_parts_are_billed_only_where_profile_or_request_say_so(app: Application) -> None:
    scene = Metered(app, {"invoicing": {"autoAdvance": False, "progressiveBilling": False}})
    scene.use(5)
    scene.add(long_line())

    assert scene.invoice().status == 400
    (invoice,) = scene.invoice(progressiveBillingOverride=True).json
    assert invoice["totals"]["total"] == "5"


def test_what_costs_less_than_is_billed_is_refused_with_its_charge(app: Application, store: Store) -> None:
    scene = Metered(app)
    scene.use(25)
    gathering_id = scene.add(long_line()).json["invoice"]["id"]
    (part,) = scene.invoice().json
    store.advance_clock(store.now() + timedelta(minutes=2))
    issue(scene, part)
    scene.use(-5)

    for answer in (scene.read(gathering_id), scene.invoice()):
        assert answer.status == 400
        assert "detail" not in answer.json
        (error,) = answer.json["extensions"]["validationErrors"]
        assert (error["code"], error["total"]) == ("charge_total_is_negative", "-5")


def test_negative_usage_cannot_be_rated(app: Application) -> None:
    scene = Metered(app)
    scene.use(-5)
    gathering_id = scene.add(usage_line()).json["invoice"]["id"]

    assert scene.read(gathering_id).status == 500
    refused = scene.invoice()
    assert (refused.status, refused.json["detail"]) == (
        400,
        "validation error: metered quantity must be zero or positive",
    )


def test_usage_of_no_time_poisons_its_gathering_invoice(app: Application) -> None:
    scene = Metered(app)
    empty = {"from": "2025-01-01T00:00:00Z", "to": "2025-01-01T00:00:00.9Z"}
    gathering_id = scene.add(usage_line(period=empty)).json["invoice"]["id"]

    assert scene.read(gathering_id).status == 500
    assert ask(app, "GET", "/api/v1/billing/invoices").status == 500
    refused = scene.invoice()
    assert refused.status == 400
    assert refused.json["extensions"]["code"] == "invoice_create_ubp_line_period_is_empty"


@pytest.mark.parametrize("path", ["read", "invoice"])
def test_a_feature_without_a_meter_cannot_be_rated(app: Application, path: str) -> None:
    scene = Metered(app)
    assert ask(app, "POST", "/api/v1/features", {"key": "seats", "name": "Seats"}).status == 201
    card = {"price": UNIT, "featureKey": "seats"}
    gathering_id = scene.add(usage_line(rateCard=card)).json["invoice"]["id"]
    refused = scene.read(gathering_id) if path == "read" else scene.invoice()

    assert (refused.status, refused.json["detail"]) == (
        400,
        "validation error: feature[seats] has no meter associated",
    )


def test_usage_discounts_are_used_up_part_by_part(app: Application, store: Store) -> None:
    scene = Metered(app)
    discounts = {"usage": {"quantity": "20"}}
    card = {"price": UNIT, "featureKey": "tokens", "discounts": discounts}
    scene.add(long_line() | {"rateCard": card})
    found = []
    for tokens in (12, 10):
        scene.use(tokens)
        (invoice,) = scene.invoice().json
        store.advance_clock(store.now() + timedelta(minutes=2))
        found.append(issue(scene, invoice)["lines"][0])

    assert [line["totals"]["total"] for line in found] == ["0", "2"]
    assert [line["discounts"]["usage"][0]["quantity"] for line in found] == ["12", "8"]
    assert (found[1]["quantity"], found[1]["meteredQuantity"]) == ("2", "10")
