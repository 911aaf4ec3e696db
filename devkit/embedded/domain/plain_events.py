"""The quick way for ordinary events, and nothing else: what is in any way unusual is left to domain/cloudevents.

For each body that `plain_events` answers it gives what the contract's validator and domain/cloudevents together give;
a property test holds them to it.
"""

import re
from datetime import datetime
from functools import lru_cache, partial
from typing import Annotated, Any, Literal

import msgspec

from devkit.embedded.domain import event_data, event_time, uri_reference
from devkit.embedded.domain.cloudevents import BATCH, EITHER, SINGLE
from devkit.embedded.domain.events import Event
from devkit.embedded.domain.negative_zeros import NEGATIVE_ZERO

_Text = Annotated[str, msgspec.Meta(min_length=1)]
# What the schema's pattern lets through; a leap second and a day that does not exist are refused later, elsewhere.
_TIME = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


_WITHIN_HOUR = {f":{second // 60:02}:{second % 60:02}Z": second for second in range(3600)}


class _Plain(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    id: _Text
    source: _Text
    type: _Text
    subject: _Text
    specversion: Literal["1.0", "0.3"]
    time: str | None = None
    data: dict[str, Any] | msgspec.UnsetType | None = msgspec.UNSET


_single = msgspec.json.Decoder(_Plain).decode
_made = partial(tuple.__new__, Event)  # half the price of calling Event
_batch = msgspec.json.Decoder(list[_Plain]).decode


def plain_events(content_type: str, body: bytes, now: int) -> list[Event] | None:
    """The events of a request as they are to be stored; None where they are not plain (or not right).

    now: epoch seconds, for events without a time.
    """
    if content_type == EITHER:
        content_type = BATCH if body.startswith(b"[") else SINGLE
    try:
        if content_type == SINGLE:
            items = [_single(body)]
        elif content_type == BATCH:
            items = _batch(body)
        else:
            return None
        if not items or NEGATIVE_ZERO.search(body):
            return None
        events = [_event(item, now) for item in items]
    except (msgspec.DecodeError, ValueError, RecursionError, OverflowError):  # UnicodeDecodeError is a ValueError
        return None
    return [event for event in events if event is not None]


def _event(item: _Plain, now: int) -> Event | None:
    data: Any = item.data
    text = ""
    if data is None:
        text = "null"
    elif data is not msgspec.UNSET:
        text = event_data.canonical_object(data)
    source = uri_reference.normalise(item.source)
    seconds = now if item.time is None else _seconds(item.time)
    if seconds <= 0 or not source:
        return None
    return _made((item.id, source, item.type, item.subject, seconds, text))


def _seconds(text: str) -> int:
    """Nearly all times are `YYYY-MM-DDTHH:MM:SSZ` of few hours: those are looked up."""
    rest = _WITHIN_HOUR.get(text[13:])
    return _moment(text) if rest is None else _hour(text[:13]) + rest


@lru_cache(maxsize=4096)
def _hour(text: str) -> int:
    moment = _moment(f"{text}:00:00Z")
    if moment + 3600 > event_time.LATEST:
        raise ValueError("at the end of time seconds matter")
    return moment


def _moment(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise ValueError(f"not an ordinary time: {text}")
    moment = datetime.fromisoformat(text)
    if moment.year == 1:
        raise ValueError("the year 1 is where Go's zero time lies")
    return min(int(moment.timestamp() // 1), event_time.LATEST)
