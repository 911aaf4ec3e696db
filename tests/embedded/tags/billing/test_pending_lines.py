"""Pending lines: created, gathered, invoiced."""

from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import ask
from tests.embedded.tags.billing.metered_scenes import FEE, Metered, fee_line, usage_line

NEVER = "2090-01-01T00:00:00Z"
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
def scene(app: Application) -> Metered:
    return Metered(app)


def detail(answer: Any) -> tuple[int, str | None]:
    return answer.status, answer.json.get("detail")


def test_all_lines_of_a_currency_are_gathered_in_one_invoice(scene: Metered) -> None:
    first, second = scene.add(usage_line(), fee_line()).json, scene.add(fee_line("Other")).json
    euros = scene.add(fee_line(), currency="EUR").json

    assert [each["isInvoiceNew"] for each in (first, second, euros)] == [True, False, True]
    assert first["invoice"]["id"] == second["invoice"]["id"] != euros["invoice"]["id"]
    assert first["invoice"]["number"].startswith("GATHER-CUAC-USD-")
    assert [line["name"] for line in first["lines"]] == ["Usage", "Fee"]
    assert [line["name"] for line in second["invoice"]["lines"]] == ["Other", "Fee", "Usage"]


def test_what_is_gathered_is_rated_at_every_read(scene: Metered) -> None:
    id_ = scene.add(usage_line(), fee_line(invoiceAt=NEVER)).json["invoice"]["id"]
    assert scene.read(id_).json["totals"]["total"] == "10"
    scene.use(7)
    body = scene.read(id_).json

    assert (body["type"], body["status"], body["totals"]["total"]) == ("standard", "gathering", "17")
    assert [line["totals"]["total"] for line in body["lines"]] == ["10", "7"]
    assert body["statusDetails"]["availableActions"] == {"invoice": {}}
    assert body["collectionAt"] == "2125-02-01T00:01:00Z"


def test_only_what_is_due_is_invoiced(scene: Metered) -> None:
    scene.add(fee_line("Due"), fee_line("Later", invoiceAt=NEVER))
    (invoice,) = scene.invoice().json

    assert [line["name"] for line in invoice["lines"]] == ["Due"]
    assert invoice["number"].startswith("DRAFT-CUAC-")
    assert invoice["statusDetails"]["extendedStatus"] == "draft.manual_approval_needed"
    (gathering,) = scene.invoices("&statuses=gathering")
    assert [line["name"] for line in gathering["lines"]] == ["Later"]
    assert detail(scene.invoice()) == (400, "the new invoice would have no lines")


def test_lines_keep_their_ids_and_each_currency_has_its_invoice(scene: Metered) -> None:
    dollars = scene.add(fee_line()).json["lines"][0]["id"]
    euros = scene.add(fee_line(), currency="EUR").json["lines"][0]["id"]
    found = {invoice["currency"]: invoice["lines"][0]["id"] for invoice in scene.invoice().json}

    assert found == {"USD": dollars, "EUR": euros}
    assert scene.invoices("&statuses=gathering") == []


def test_only_the_lines_that_are_asked_for_are_invoiced(scene: Metered) -> None:
    added = scene.add(fee_line("One"), fee_line("Two")).json["lines"]
    (invoice,) = scene.invoice(filters={"lineIds": [added[1]["id"]]}).json

    assert [line["name"] for line in invoice["lines"]] == ["Two"]
    refused = scene.invoice(filters={"lineIds": [added[0]["id"], UNKNOWN]})
    assert detail(refused) == (400, f"invoice lines are not billable: {UNKNOWN}")
    assert refused.json["extensions"]["code"] == "invoice_lines_not_billable"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"asOf": NEVER}, "asOf must be in the past"),
        ({"filters": {"lineIds": []}}, "includePendingLines must contain at least one line ID"),
        ({"asOf": "2025-01-31T23:59:59Z"}, "the new invoice would have no lines"),
    ],
)
def test_what_cannot_be_invoiced_is_refused(scene: Metered, options: dict[str, Any], text: str) -> None:
    scene.add(fee_line())

    assert detail(scene.invoice(**options)) == (400, text)


def test_an_unknown_customer_has_nothing_to_invoice(app: Application) -> None:
    answer = ask(app, "POST", "/api/v1/billing/invoices/invoice", {"customerId": UNKNOWN})

    assert detail(answer) == (404, f"not found error: customer with id {UNKNOWN} not found in default namespace")


def test_lines_for_an_unknown_customer_violate_a_constraint(scene: Metered) -> None:
    scene.customer_id = UNKNOWN
    fee, usage = scene.add(fee_line(), usage_line()), scene.add(usage_line())

    assert fee.status == usage.status == 400
    assert '"charge_flat_fees_customers_charges_flat_fee" (SQLSTATE 23503)' in fee.json["detail"]
    assert '"charge_usage_based_customers_charges_usage_based" (SQLSTATE 23503)' in usage.json["detail"]


def test_lines_of_an_unknown_feature_or_tax_code_are_refused(scene: Metered) -> None:
    assert detail(scene.add(fee_line(rateCard={"price": FEE, "featureKey": "none"}))) == (
        404,
        "not found error: feature[none] not found",
    )
    taxed = {"price": FEE, "taxConfig": {"taxCodeId": UNKNOWN}}
    assert detail(scene.add(fee_line(rateCard=taxed))) == (
        400,
        f'validation error: referenced tax code "{UNKNOWN}" does not exist',
    )
    assert scene.invoices() == []


def test_a_fee_that_rounds_to_nothing_fails_the_whole_request(scene: Metered) -> None:
    small = {"type": "flat", "amount": "0.004", "paymentTerm": "in_advance"}

    assert scene.add(fee_line(), fee_line(rateCard={"price": small})).status == 500
    assert scene.invoices() == []


def test_lines_of_a_deleted_customer_are_taken_and_invoiced(scene: Metered) -> None:
    assert ask(scene.app, "DELETE", f"/api/v1/customers/{scene.customer_id}").status == 204

    assert scene.add(fee_line()).status == 201
    assert scene.invoice().status == 201


def test_lines_of_an_archived_feature_are_taken_and_rated(scene: Metered) -> None:
    scene.use(3)
    assert ask(scene.app, "DELETE", "/api/v1/features/tokens").status == 204
    scene.add(usage_line())

    (invoice,) = scene.invoice().json
    assert invoice["totals"]["total"] == "3"
