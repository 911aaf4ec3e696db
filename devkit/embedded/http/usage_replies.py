"""Answers to questions about usage: JSON, or CSV where that is what the client asks for."""

import re
from collections.abc import Sequence

from devkit.embedded.domain.meter_csv import meter_csv
from devkit.embedded.domain.usage import SUBJECT, Customer, UsageQuery, UsageRow, result
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.store.store import Store

_CSV = "text/csv"
_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PARAMETERS = re.compile(rf'(\s*;\s*{_WORD}=({_WORD}|"(?:[^"\\]|\\.)*"))*\s*;?\s*')


def usage_reply(call: Call, query: UsageQuery) -> Reply:
    """The usage that the query asks for."""
    rows = call.store.usage.query(query)
    if not wants_csv(call.headers.get("accept", "")):
        return Reply(200, result(query, rows))
    text = meter_csv(query, rows, _display_names(call.store, rows))
    disposition = f"attachment; filename={query.meter['slug']}.csv"
    return Reply(200, text, media_type=_CSV, headers={"Content-Disposition": disposition})


def wants_csv(accept: str) -> bool:
    """Whether an Accept header is one media type, and that CSV. A list of several does not count."""
    media_type, separator, parameters = accept.partition(";")
    return media_type.strip().lower() == _CSV and _PARAMETERS.fullmatch(separator + parameters) is not None


def live_customer(store: Store, id_: str) -> Customer | None:
    """The customer with this id unless it was deleted."""
    customer = store.records.get("customer", id_)
    return None if customer is None or "deletedAt" in customer else customer


def _display_names(store: Store, rows: Sequence[UsageRow]) -> dict[str, str]:
    """Display names of the subjects of the rows that exist."""
    keys = dict.fromkeys(row.groups[SUBJECT] for row in rows if SUBJECT in row.groups)
    found = {key: store.records.by_key("subject", key) for key in keys}
    return {key: subject.get("displayName") or "" for key, subject in found.items() if subject is not None}
