from datetime import UTC, datetime
from typing import Any

import pytest

from devkit.embedded.domain.billing import custom_invoicing as rules
from devkit.embedded.domain.billing.app_results import Finalized, Upserted
from devkit.embedded.domain.errors import Invalid, Malformed

NOW = datetime(2025, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def _invoice() -> dict[str, Any]:
    line = {"id": "line", "children": [{"id": "child"}], "usageDiscounts": [{"id": "discount"}]}
    return {"id": "invoice", "number": "DRAFT-ACME-1", "lines": [line, {"id": "other"}]}


def test_a_body_without_results_says_nothing() -> None:
    with pytest.raises(Invalid, match="upsert invoice results are required"):
        rules.upserted({})
    assert rules.upserted({"invoicing": {}}) == Upserted()
    assert rules.finalized({}) == Finalized()


def test_ids_of_lines_children_and_discounts_are_kept_where_they_belong() -> None:
    body = {
        "externalId": "ext",
        "invoiceNumber": "R-1",
        "lineExternalIds": [{"lineId": "line", "externalId": "l"}, {"lineId": "child", "externalId": "c"}],
        "lineDiscountExternalIds": [{"lineDiscountId": "discount", "externalId": "d"}],
    }
    invoice = rules.draft_synchronized(_invoice(), rules.upserted({"invoicing": body}), NOW)
    line, other = invoice["lines"]
    assert (invoice["number"], invoice["externalIds"]) == ("R-1", {"invoicing": "ext"})
    assert line["externalIds"] == {"invoicing": "l"}
    assert line["children"][0]["externalIds"] == {"invoicing": "c"}
    assert line["usageDiscounts"][0]["externalIds"] == {"invoicing": "d"}
    assert other == {"id": "other"}


def test_ids_that_the_invoice_does_not_have_are_refused_all_at_once() -> None:
    told = Upserted(line_external_ids={"line": "l", "x": "1", "y": "2"}, discount_external_ids={"z": "3"})
    with pytest.raises(Malformed) as refused:
        rules.draft_synchronized(_invoice(), told, NOW)
    assert refused.value.detail.splitlines() == [
        "some lines were not found in the invoice: ids=[x, y]",
        "some line discounts were not found in the invoice: ids=[z]",
    ]


def test_the_metadata_say_when_the_integrator_was_done() -> None:
    drafted = rules.draft_synchronized(_invoice() | {"metadata": {"a": "b"}}, Upserted(), NOW)
    issued = rules.issuing_synchronized(drafted, Finalized(), NOW)
    at = "2025-01-02T03:04:05Z"
    assert issued["metadata"] == {"a": "b", rules.DRAFT_SYNCED_AT: at, rules.FINALIZED_AT: at}
    assert issued["number"] == "DRAFT-ACME-1"


def test_a_final_invoice_gets_its_number_its_payment_and_when_it_was_sent() -> None:
    body = {
        "invoicing": {"invoiceNumber": "R-1", "sentToCustomerAt": "2025-02-03T05:05:06+01:00"},
        "payment": {"externalId": "pay"},
    }
    invoice = rules.issuing_synchronized(_invoice(), rules.finalized(body), NOW)
    assert (invoice["number"], invoice["externalIds"]) == ("R-1", {"payment": "pay"})
    assert invoice["sentToCustomerAt"] == "2025-02-03T04:05:06Z"
