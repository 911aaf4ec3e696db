from itertools import count
from typing import Any

import pytest

from devkit.embedded.domain.billing.line_edits import LineEdits, changed_fee, check, gone_line, new_line, read
from devkit.embedded.domain.errors import Invalid, Malformed, Plain

PERIOD = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
FLAT = {"type": "flat", "amount": "10", "paymentTerm": "in_advance"}
FEE = {
    "id": "fee",
    "name": "Fee",
    "managedBy": "subscription",
    "period": PERIOD,
    "invoiceAt": "2025-01-01T00:00:00Z",
    "price": FLAT,
    "metadata": {"a": "1"},
    "taxConfig": {"taxCodeId": "default"},
    "currency": "USD",
    "totals": {"total": "10"},
    "children": [{"id": "child"}],
}
USAGE = FEE | {"id": "usage", "name": "Usage", "price": {"type": "unit", "amount": "1"}, "featureKey": "tokens"}


def body(line: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The line as a client echoes it."""
    card = {"price": line["price"], "featureKey": line.get("featureKey")} | members.pop("card", {})
    echoed = {name: line[name] for name in ("id", "name", "period", "invoiceAt")}
    return echoed | {"rateCard": card} | members


def taxes(given: Any) -> dict[str, Any]:
    given = given or {}
    behavior = {"behavior": given["behavior"]} if "behavior" in given else {}
    return behavior | {"taxCodeId": given.get("taxCodeId", "default")}


def edits_of(*bodies: dict[str, Any], pending: bool = False) -> LineEdits:
    numbers = count()
    return read([FEE, USAGE], bodies, new_id=lambda: f"new-{next(numbers)}", taxes=taxes, pending=pending)


def test_lines_that_are_echoed_are_no_change() -> None:
    edits = edits_of(body(FEE), body(USAGE))
    assert not edits
    assert [line["id"] for line in edits.unchanged] == ["fee", "usage"]
    assert "taxConfig" not in edits.unchanged[0]


def test_a_line_that_is_not_named_goes_and_one_without_a_known_id_is_new() -> None:
    edits = edits_of(body(FEE, id="unknown"), body(USAGE))
    assert [line["id"] for line in edits.gone] == ["fee"]
    assert ["id" in line for line in edits.created] == [False]


def test_a_line_that_is_named_twice_is_what_is_said_of_it_last() -> None:
    edits = edits_of(body(FEE, name="First"), body(FEE, name="Last"), body(USAGE))
    assert [after["name"] for _, after in edits.changed] == ["Last"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"description": "New"},
        {"metadata": {"b": "2"}},
        {"period": {**PERIOD, "to": "2025-03-01T00:00:00Z"}},
        {"card": {"price": FLAT | {"amount": "11"}}},
        {"card": {"discounts": {"percentage": {"percentage": 10}}}},
    ],
)
def test_a_fee_may_change_in_all_that_does_not_touch_feature_and_taxes(change: dict[str, Any]) -> None:
    edits = edits_of(body(FEE, **change), body(USAGE))
    check(edits, "USD", taxes=taxes)
    changed = changed_fee(*edits.changed[0])
    assert changed["managedBy"] == "manual"
    assert changed["invoiceAt"] == FEE["invoiceAt"]
    assert changed["taxConfig"] == FEE["taxConfig"]


def test_only_pending_lines_can_be_moved_to_another_day() -> None:
    moved = body(FEE, invoiceAt="2025-06-01T00:00:00Z")
    assert not edits_of(moved, body(USAGE)).changed
    edits = edits_of(moved, body(USAGE), pending=True)
    assert changed_fee(*edits.changed[0], pending=True)["invoiceAt"] == "2025-06-01T00:00:00Z"


@pytest.mark.parametrize(
    ("bodies", "code"),
    [
        ([body(FEE), body(USAGE, name="Other")], "cannot_update_charge_managed_line"),
        ([body(FEE, card={"featureKey": "tokens"})], "invoice_line_feature_key_edit_not_supported"),
        ([body(FEE, card={"taxConfig": {"behavior": "inclusive"}})], "invoice_line_tax_config_edit_not_supported"),
        ([body(FEE, card={"price": FLAT | {"amount": "0.001"}})], "invoice_line_zero_amount_delete_instead"),
        ([body(FEE, id="", card={"price": FLAT | {"amount": "0"}})], "invoice_line_zero_amount_create"),
    ],
)
def test_what_the_charges_behind_lines_do_not_allow_is_refused(bodies: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(Plain) as refused:
        check(edits_of(*bodies), "USD", taxes=taxes)
    assert refused.value.extensions["code"] == code


@pytest.mark.parametrize(
    ("bodies", "detail"),
    [
        (
            [body(FEE, card={"price": FLAT | {"amount": "-1"}})],
            "updated: lineOverrides[0]: changes to apply: price: validation error: the Amount must not be negative",
        ),
        (
            [body(FEE, period={"from": PERIOD["to"], "to": PERIOD["from"]})],
            "updated: lineOverrides[0]: changes to apply: period: from must be before to",
        ),
        (
            [body(USAGE, id="", invoiceAt="2025-01-01T00:00:00Z")],
            (
                "created[0]: invoice at (2025-01-01 00:00:00 +0000 UTC) must be after period end"
                " (2025-02-01 00:00:00 +0000 UTC) for usage based line"
            ),
        ),
    ],
)
def test_lines_without_sense_are_refused_with_their_place(bodies: list[dict[str, Any]], detail: str) -> None:
    with pytest.raises(Malformed) as refused:
        check(edits_of(*bodies), "USD", taxes=taxes)
    assert refused.value.detail == f"collecting mutable invoice line changes: {detail}"


def test_a_fee_has_to_say_when_it_is_paid() -> None:
    with pytest.raises(Invalid, match="invalid payment term"):
        check(edits_of(body(FEE, card={"price": {"type": "flat", "amount": "10"}})), "USD", taxes=taxes)


@pytest.mark.parametrize(("line", "prefix"), [(FEE, "failed to map usage based line: "), (FEE | {"id": ""}, "")])
def test_a_line_that_cannot_be_read_is_refused(line: dict[str, Any], prefix: str) -> None:
    with pytest.raises(Malformed) as refused:
        edits_of(body(line, card={"price": None}))
    assert refused.value.detail == f"{prefix}price is required"


@pytest.mark.parametrize(("term", "at"), [("in_advance", PERIOD["from"]), ("in_arrears", PERIOD["to"])])
def test_a_new_fee_of_a_draft_is_invoiced_by_its_term(term: str, at: str) -> None:
    line = {"name": "New", "period": PERIOD, "invoiceAt": "2090-01-01T00:00:00Z", "price": FLAT | {"paymentTerm": term}}
    assert new_line(line, "USD", {"taxCodeId": "default"})["invoiceAt"] == at
    assert new_line(line, "USD", {"taxCodeId": "default"}, pending=True)["invoiceAt"] == line["invoiceAt"]


def test_a_line_that_went_shows_what_it_cost_but_not_for_what() -> None:
    gone = gone_line(FEE, "2025-02-02T00:00:00Z")
    assert (gone["totals"], gone["children"], gone["managedBy"]) == (FEE["totals"], [], "manual")
