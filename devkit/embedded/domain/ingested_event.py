"""A stored event as the listings show it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from devkit.embedded.domain.event_validation import Meter, validation_error
from devkit.embedded.domain.timestamps import format_seconds

# What Go's strings.TrimSpace takes away; Python's strip takes the separators 1c to 1f too.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


class StoredEvent(NamedTuple):
    """A row of the event store; all times are seconds since the epoch, `data` is canonical JSON text."""

    id: str
    source: str
    type: str
    subject: str
    time: int
    data: str
    ingested_at: int
    stored_at: int
    seq: int


def ingested_event(event: StoredEvent, customer_id: str | None, meters: Iterable[Meter]) -> dict[str, Any]:
    """The API's IngestedEvent. customer_id: the customer that the subject belongs to, today."""
    shown: dict[str, Any] = {"event": _cloud_event(event)}
    if customer_id is not None:
        shown["customerId"] = customer_id
    shown["ingestedAt"] = _instant(event.ingested_at)
    shown["storedAt"] = _instant(event.stored_at)
    problem = validation_error(event.type, event.subject, event.data, customer_id, meters)
    return shown if problem is None else {**shown, "validationError": problem}


def _cloud_event(event: StoredEvent) -> dict[str, Any]:
    """OpenMeter builds it anew for the listing, and its library trims what it is given."""
    shown: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id.strip(_SPACE),
        "source": event.source,
        "type": event.type.strip(_SPACE),
    }
    if subject := event.subject.strip(_SPACE):
        shown["subject"] = subject
    if event.data:
        shown["datacontenttype"] = "application/json"
    shown["time"] = _instant(event.time)
    if event.data not in ("", "null"):
        shown["data"] = msgspec.Raw(event.data.encode())
    return shown


def _instant(seconds: int) -> str:
    return format_seconds(datetime.fromtimestamp(seconds, UTC))
