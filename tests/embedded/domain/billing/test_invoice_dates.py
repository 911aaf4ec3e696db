from typing import Any

import pytest

from devkit.embedded.domain.billing.invoice_dates import dated, issued
from devkit.embedded.domain.errors import InternalFailure

PERIOD = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
FEE = {"id": "fee", "price": {"type": "flat", "amount": "1"}, "period": PERIOD, "invoiceAt": "2025-02-01T00:00:00Z"}
USAGE = FEE | {"id": "usage", "price": {"type": "unit", "amount": "1"}}


def invoice(*lines: dict[str, Any], interval: str = "PT1H", **invoicing: Any) -> dict[str, Any]:
    settings = {"autoAdvance": True, "draftPeriod": "P2D", "dueAfter": "P30D"} | invoicing
    return {
        "createdAt": "2025-01-31T12:00:00.5Z",
        "workflow": {"collection": {"interval": interval}, "invoicing": settings},
        "lines": list(lines),
    }


def test_fees_are_not_collected_and_their_draft_begins_at_once() -> None:
    found = dated(invoice(FEE))
    assert "collectionAt" not in found
    assert found["draftUntil"] == "2025-02-02T12:00:00.5Z"
    assert found["dueAt"] == "2025-03-04T12:00:00Z"


def test_a_line_on_a_meter_is_collected_some_time_after_it_is_invoiced() -> None:
    found = dated(invoice(FEE, USAGE))
    assert found["collectionAt"] == "2025-02-01T01:00:00Z"
    assert found["draftUntil"] == "2025-02-03T01:00:00Z"


def test_the_run_of_a_line_says_when_it_is_collected() -> None:
    late = USAGE | {"collectionAt": "2025-03-01T00:01:00Z"}
    assert dated(invoice(USAGE, late))["collectionAt"] == "2025-03-01T00:01:00Z"


def test_a_collection_that_is_over_does_not_begin_the_draft_before_the_invoice() -> None:
    early = USAGE | {"collectionAt": "2025-01-01T00:00:00Z"}
    assert dated(invoice(early))["draftUntil"] == "2025-02-02T12:00:00.5Z"


def test_an_invoice_that_someone_approves_is_due_from_its_issue() -> None:
    draft = dated(invoice(FEE, autoAdvance=False))
    assert not draft.keys() & {"draftUntil", "dueAt"}
    assert issued(draft, "2025-02-10T08:00:00.25Z")["dueAt"] == "2025-03-12T08:00:00Z"


def test_dates_of_before_go_where_nothing_asks_for_them_any_more() -> None:
    found = dated(dated(invoice(USAGE)) | {"lines": [USAGE | {"deletedAt": "2025-02-01T00:00:00Z"}]})
    assert not found.keys() & {"collectionAt", "period"}


@pytest.mark.parametrize("interval", ["P0D", "-P1D"])
def test_without_an_interval_collection_is_when_the_line_is_invoiced(interval: str) -> None:
    assert dated(invoice(USAGE, interval=interval))["collectionAt"] == USAGE["invoiceAt"]


@pytest.mark.parametrize("setting", ["draftPeriod", "dueAfter"])
def test_a_date_beyond_the_calendar_fails_as_in_openmeter(setting: str) -> None:
    with pytest.raises(InternalFailure, match="calendar"):
        dated(invoice(FEE, **{setting: "P9999Y"}))
