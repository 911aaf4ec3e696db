"""CloudEvents as OpenMeter takes them: what it refuses beyond its schema, and what becomes of the rest."""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.embedded.domain.cloudevent_reader import InvalidEvent, read
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.domain.events import Event

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
EITHER = "application/json"


def events_of(content_type: str, body: Any, now: int, *, blank_before_base64: bool = False) -> list[Event]:
    """The events of a request, normalised; those that OpenMeter drops without a word are left out.

    body: has passed the contract's schema. now: epoch seconds, for events without a time.
    blank_before_base64: whether blanks stand before the value of a `data_base64` (see `read`).
    Raises InvalidEvent, or Malformed for another content type.
    """
    if content_type not in (SINGLE, BATCH, EITHER):
        raise Malformed(f"invalid content type: {content_type}")
    items: Sequence[Mapping[str, Any]] = [body] if isinstance(body, Mapping) else body
    try:
        events = [read(item, now, blank_before_base64) for item in items]
    except InvalidEvent:
        if content_type == EITHER:  # it tries both forms and keeps neither's complaint
            raise InvalidEvent("no events found") from None
        raise
    if content_type == EITHER and not events:
        raise InvalidEvent("no events found")
    return [event for event in events if event is not None]
