"""Pending lines: lines on a gathering invoice, until they are invoiced."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing.invoices import Invoice, gathering_shown
from devkit.embedded.domain.billing.lines import Line, is_flat, live, pending_shown
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.billing.rating.money import rounded
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.timestamps import ZERO, format_seconds

_UNKNOWN_TIME = format_seconds(ZERO)
#: The table and the constraint that an unknown customer violates, by whether the line is a fee.
_TABLES = {
    True: ("charge_flat_fees", "charge_flat_fees_customers_charges_flat_fee"),
    False: ("charge_usage_based", "charge_usage_based_customers_charges_usage_based"),
}


def fees_first(lines: Iterable[Line]) -> list[Line]:
    """The order in which OpenMeter makes new lines."""
    return sorted(lines, key=lambda line: not is_flat(line))


def with_tax_code(line: Line, default_id: str) -> Line:
    """The line with a tax code for sure; codes of other systems are dropped."""
    given = line.get("taxConfig") or {}
    behavior = {"behavior": given["behavior"]} if given.get("behavior") else {}
    return {**line, "taxConfig": {**behavior, "taxCodeId": given.get("taxCodeId") or default_id}}


def unknown_tax_code(id_: str) -> Invalid:
    return Invalid(f'referenced tax code "{id_}" does not exist')


def unknown_customer(lines: Sequence[Line]) -> Invalid:
    """What OpenMeter's database says of lines for a customer that does not exist."""
    table, constraint = _TABLES[any(is_flat(line) for line in lines)]
    return Invalid(
        "charge references a resource that does not exist: db: constraint failed: "
        f'insert nodes to table "{table}": ERROR: insert or update on table "{table}" violates foreign key constraint '
        f'"{constraint}" (SQLSTATE 23503)'
    )


def check_fees_cost_something(lines: Iterable[Line]) -> None:
    """OpenMeter fails on a fee that rounds to nothing. Raises InternalFailure."""
    for line in lines:
        if is_flat(line) and not rounded(Decimal(line["price"]["amount"]), line["currency"]):
            raise InternalFailure("a fee of nothing")


def with_lines(invoice: Invoice, lines: Iterable[Line], *, now: str) -> Invoice:
    """The gathering invoice with further lines; a deleted one lives again."""
    kept = {name: value for name, value in invoice.items() if name != "deletedAt"}
    return {**kept, "lines": [*invoice["lines"], *fees_first(lines)], "updatedAt": now}


def without_lines(invoice: Invoice, ids: Iterable[str], *, now: str) -> Invoice:
    """The gathering invoice without the lines that are invoiced now; deleted where none is left."""
    gone = set(ids)
    lines = [line for line in invoice["lines"] if line["id"] not in gone]
    deleted = {} if live(lines) else {"deletedAt": now}
    return {**invoice, "lines": lines, "updatedAt": now, **deleted}


def creation_shown(
    invoice: Invoice, new: Sequence[Line], customer: Customer, profile: BillingProfile, *, is_new: bool
) -> dict[str, Any]:
    """The answer to the creation of lines: the new ones come first, without a time of their own.

    new: in the order of the request
    """
    timeless = {line["id"]: _timeless(line) for line in new}
    old = [line for line in invoice["lines"] if line["id"] not in timeless]
    ordered = {**invoice, "lines": [*fees_first(timeless.values()), *old]}
    return {
        "invoice": gathering_shown(ordered, customer, profile),
        "isInvoiceNew": is_new,
        "lines": [pending_shown(timeless[line["id"]], invoice["id"]) for line in new],
    }


def _timeless(line: Mapping[str, Any]) -> Line:
    return {**line, "createdAt": _UNKNOWN_TIME, "updatedAt": _UNKNOWN_TIME}
