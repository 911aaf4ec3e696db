"""What of an invoice goes to Stripe."""

from datetime import UTC, datetime
from typing import Any

import pytest

from devkit.embedded.domain.stripe_app.invoice_items import (
    days_until_due,
    for_new,
    idempotency_key,
    invoice_params,
    items,
)

NOW = datetime(2025, 1, 31, 12, tzinfo=UTC)
PERIOD = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}


def child(**members: Any) -> dict[str, Any]:
    totals = {"amount": "10", "chargesTotal": "0", **members.pop("totals", {})}
    default = {"id": "c1", "name": "Seats", "quantity": "1", "perUnitAmount": "10", "period": PERIOD}
    return default | {"totals": totals, **members}


def invoice(*children: dict[str, Any], method: str = "charge_automatically", **line: Any) -> dict[str, Any]:
    workflow = {
        "payment": {"collectionMethod": method},
        "tax": {"enabled": True, "enforced": False},
        "invoicing": {"dueAfter": "P30D"},
    }
    lines = [{"currency": "USD", "children": list(children), **line}]
    return {"id": "i1", "currency": "USD", "customer": {"id": "c"}, "workflow": workflow, "lines": lines}


def test_a_draft_carries_its_owner_and_waits_for_its_end() -> None:
    params = invoice_params(invoice(), "01A", {"stripeCustomerId": "cus_1"}, "default", NOW)
    assert params == {
        "auto_advance": False,
        "collection_method": "charge_automatically",
        "currency": "USD",
        "customer": "cus_1",
        "automatic_tax": {"enabled": True},
        "metadata": {"om_namespace": "default", "om_app_id": "01A", "om_customer_id": "c", "om_invoice_id": "i1"},
    }
    assert idempotency_key(invoice()) == "invoice-create-i1"


def test_a_mailed_invoice_is_due_some_time_and_a_known_card_is_charged() -> None:
    data = {"stripeCustomerId": "cus_1", "stripeDefaultPaymentMethodId": "pm_1"}
    params = invoice_params(invoice(method="send_invoice"), "01A", data, "default", NOW)
    assert (params["days_until_due"], params["default_payment_method"]) == (30, "pm_1")


@pytest.mark.parametrize(
    ("due_after", "days"),
    [("P30D", 30), ("P10DT12H", 10), ("P2W", 14), ("P1M", 28), ("P0D", 0), ("PT36H", 2), ("PT35H", 1), ("PT11H", 0)],
)
def test_what_has_no_days_is_measured_from_now(due_after: str, days: int) -> None:
    assert days_until_due(due_after, NOW) == days


def test_each_detailed_line_is_an_item() -> None:
    (item,) = items(invoice(child(externalIds={"invoicing": "il_1"})))
    assert (item.child_id, item.line_at_stripe) == ("c1", "il_1")
    assert item.params == {
        "description": "Seats",
        "amount": 1000,
        "period": {"start": 1735689600, "end": 1738368000},
        "metadata": {"om_line_id": "c1", "om_line_type": "line"},
    }
    assert for_new(item, "cus_1", "in_1") == {**item.params, "customer": "cus_1", "invoice": "in_1"}


def test_a_commitment_costs_what_it_charges() -> None:
    (item,) = items(invoice(child(totals={"amount": "0", "chargesTotal": "18.5"})))
    assert item.params["amount"] == 1850


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"quantity": "0"}, "Seats"),
        ({"quantity": "0.5"}, "Seats"),
        ({"quantity": "1500", "perUnitAmount": "0.1"}, "Seats (1,500 x $0.100000000000)"),
        ({"quantity": "-2"}, "Seats (-2 x $10)"),
        ({"quantity": "2.5", "description": "for the team"}, "Seats (for the team) (2.50 x $10)"),
    ],
)
def test_what_is_more_than_one_says_of_what(members: dict[str, Any], text: str) -> None:
    (item,) = items(invoice(child(**members)))
    assert item.params["description"] == text


def test_the_taxes_of_the_line_come_before_those_of_the_workflow() -> None:
    whole = invoice(child())
    whole["workflow"]["invoicing"]["defaultTaxConfig"] = {"behavior": "inclusive"}
    assert next(items(whole)).params["tax_behavior"] == "inclusive"
    whole["lines"][0]["taxConfig"] = {"behavior": "exclusive", "stripe": {"code": "txcd_10000000"}}
    assert next(items(whole)).params["tax_behavior"] == "exclusive"
    assert "tax_code" not in next(items(whole)).params


def test_deleted_lines_and_lines_without_details_have_none() -> None:
    assert list(items(invoice(child(), deletedAt="2025-01-02T00:00:00Z"))) == []
    assert list(items(invoice())) == []
