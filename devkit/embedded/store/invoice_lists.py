"""Lists of invoices, filtered, ordered and cut into pages by SQLite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.filters import Condition, all_of
from devkit.embedded.domain.instants import plain, text_of
from devkit.embedded.store.invoices import KIND
from devkit.embedded.store.listing import LIVE, among, ref_among
from devkit.embedded.store.store import Store

#: A gathering invoice has no period of its own: that of its live lines counts.
_PERIOD_START = (
    "coalesce(body ->> '$.period.from', (SELECT min(value ->> '$.period.from') FROM json_each(body, '$.lines')"
    " WHERE value ->> '$.deletedAt' IS NULL))"
)
_CUSTOMER_NAME = (
    "coalesce(body ->> '$.customer.name', (SELECT name FROM records AS customers"
    " WHERE customers.kind = 'customer' AND customers.id = records.body ->> '$.customerId'))"
)
#: What a filter compares and an order goes by. Without the zone, a moment with a fraction sorts behind the one without.
_FIELDS: Mapping[str, str] = {
    "customer.name": _CUSTOMER_NAME,
    "status": "body ->> '$.status'",
    "issuedAt": "rtrim(body ->> '$.issuedAt', 'Z')",
    "createdAt": "rtrim(body ->> '$.createdAt', 'Z')",
    "updatedAt": "rtrim(body ->> '$.updatedAt', 'Z')",
    "periodStart": f"rtrim({_PERIOD_START}, 'Z')",
}


@dataclass(frozen=True)
class Span:
    """Moments of a field, from the first to the last, both included; None: without an end."""

    field: str
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True)
class InvoiceList:
    """Which invoices a list shows, and in which order; empty sequences filter nothing.

    statuses:          beginnings of the extended status
    extended_statuses: the whole of it
    order:             customer.name, status, issuedAt, createdAt, updatedAt or periodStart
    """

    customers: Sequence[str] = ()
    statuses: Sequence[str] = ()
    extended_statuses: Sequence[str] = ()
    spans: Sequence[Span] = ()
    deleted: bool = False
    order: str = "createdAt"
    descending: bool = False


def invoice_page(store: Store, asked: InvoiceList, *, limit: int, offset: int) -> tuple[list[Invoice], int]:
    """The invoices of one page, and how many the whole list has."""
    found = all_of(_conditions(asked))
    total = store.records.rows(f"SELECT count(*) FROM records WHERE {found.sql}", found.values)[0][0]
    direction = "DESC NULLS FIRST" if asked.descending else "ASC NULLS LAST"
    order = f"{_FIELDS[asked.order]} {direction}, id {direction}"
    sql = f"SELECT body FROM records WHERE {found.sql} ORDER BY {order} LIMIT ? OFFSET ?"
    rows = store.records.rows(sql, (*found.values, limit, offset))
    return [msgspec.json.decode(body) for (body,) in rows], total


def _conditions(asked: InvoiceList) -> list[Condition]:
    found = [Condition("kind = ?", (KIND,))]
    if not asked.deleted:
        found.append(LIVE)
    if asked.customers:
        found.append(ref_among(KIND, "customer", asked.customers))
    if asked.statuses:
        patterns = tuple(f"{status}%" for status in asked.statuses)
        any_of_them = " OR ".join(f"{_FIELDS['status']} LIKE ?" for _ in patterns)
        found.append(Condition(f"({any_of_them})", patterns))
    if asked.extended_statuses:
        found.append(among("status", asked.extended_statuses))
    return found + [condition for span in asked.spans for condition in _within(span)]


def _within(span: Span) -> list[Condition]:
    ends = ((">=", span.first), ("<=", span.last))
    return [Condition(f"{_FIELDS[span.field]} {sign} ?", (_text(end),)) for sign, end in ends if end is not None]


def _text(moment: datetime) -> str:
    return text_of(plain(moment)).rstrip("Z")
