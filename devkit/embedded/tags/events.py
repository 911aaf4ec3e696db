"""Events: taking them in, and listing them."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from devkit.embedded.domain import event_cursor, event_filters
from devkit.embedded.domain.cloudevents import events_of
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.events import Event
from devkit.embedded.domain.filters import Condition
from devkit.embedded.domain.ingested_event import ingested_event
from devkit.embedded.domain.negative_zeros import kept
from devkit.embedded.domain.ordering import by
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.events.listing import behind, newest_events
from devkit.embedded.store.meters import all_meters
from devkit.embedded.store.usage_attribution import customer_of_subject, live_customer, subjects_of

_BLANK_BEFORE_BASE64 = re.compile(rb'"data_base64"[ \t\r\n]*:[ \t\r\n]')
_Owner = Callable[[str], str | None]


def ingest_events(call: Call) -> Reply:
    """All events of the request, or none."""
    call.store.events.append(accepted(call, int(call.store.now().timestamp())))
    return Reply(204)


def accepted(call: Call, now: int) -> list[Event]:
    """The events of a request as they are to be stored. now: epoch seconds. Raises Malformed."""
    body = kept(call.raw, call.body)
    blank = _BLANK_BEFORE_BASE64.search(call.raw) is not None
    return events_of(call.headers.get("content-type", ""), body, now, blank_before_base64=blank)


def list_events(call: Call) -> Reply:
    asked = event_filters.period(call.query, call.store.now())
    subjects, owner = _customers(call, call.query.get("customerId", ()))
    conditions = [*event_filters.listing(call.query, asked), *event_filters.of_subjects(subjects)]
    return Reply(200, _items(call, conditions, owner)[0])


def list_events_v2(call: Call) -> Reply:
    text = call.query.get("cursor")
    cursor = None if text is None else event_cursor.decode(text)
    filter_ = call.query.get("filter") or {}
    conditions = event_filters.listing_v2(filter_, cursor)
    subjects, owner = _customers(call, filter_.get("customerId", {}).get("$in") or ())
    conditions += event_filters.of_subjects(subjects)
    items, next_cursor = _items(call, conditions + ([behind(cursor)] if cursor else []), owner)
    return Reply(200, {"items": items} if next_cursor is None else {"items": items, "nextCursor": next_cursor})


def _items(call: Call, conditions: Sequence[Condition], owner: _Owner) -> tuple[list[Any], str | None]:
    """The newest events as the API shows them; the cursor of the next page where this one is full."""
    limit = call.query.get("limit", event_filters.MAXIMUM)
    with call.store.events.reading() as cursor:
        events = newest_events(cursor, conditions, limit)
    meters = all_meters(call.store)
    items = [ingested_event(event, owner(event.subject), meters) for event in events]
    full = len(events) == limit
    return items, event_cursor.of_row(events[-1].time, events[-1].stored_at, events[-1].seq) if full else None


def _customers(call: Call, ids: Sequence[str]) -> tuple[list[str], _Owner]:
    """The subjects of these customers, and whom a subject belongs to: one of them, or where none is asked for, anyone.

    Raises Invalid where one does not exist.
    """
    if not ids:
        return [], lambda subject: customer_of_subject(call.store.records, subject)
    customers = [live_customer(call.store.records, id_) for id_ in ids]
    missing = [id_ for id_, customer in zip(ids, customers, strict=True) if customer is None]
    if missing:
        raise Invalid(f"customers not found in namespace {call.settings.namespace}: {', '.join(missing)}")
    owners: dict[str, str] = {}
    for customer in sorted(filter(None, customers), key=by("name")):
        for subject in subjects_of(customer):
            owners.setdefault(subject, customer["id"])
    return list(owners), lambda subject: owners.get(subject, "")


ROUTES = (
    Route("ingestEvents", ingest_events, read_only=True),  # events have a store of their own
    Route("listEvents", list_events),
    Route("listEventsV2", list_events_v2),
)
