"""One CloudEvent, read in the order in which its attributes stand, as OpenMeter's library does it.

The first attribute that is wrong decides the text of the refusal; what stands before `specversion` and depends on it is
looked at together with it.
"""

import re
from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain import event_data, event_time, go_base64, uri_reference
from devkit.embedded.domain.errors import Malformed
from devkit.embedded.domain.events import Event
from devkit.embedded.domain.go_numbers import general
from devkit.embedded.domain.go_values import quote, syntax

_INT32 = 1 << 31
_REQUIRED = ("id", "type", "subject")
_COMMON = {*_REQUIRED, "source", "time", "datacontenttype", "data"}
#: What each version knows; any other attribute is an extension.
_ATTRIBUTES = {
    "1.0": {*_COMMON, "dataschema", "data_base64"},
    "0.3": {*_COMMON, "schemaurl", "datacontentencoding"},
}
_EXTENSION_NAME = re.compile(r"[A-Za-z0-9]+")
_BAD_NAME = (
    "bad key, CloudEvents attribute names MUST consist of lower-case letters ('a' to 'z'), upper-case letters "
    "('A' to 'Z') or digits ('0' to '9') from the ASCII character set"
)
_BAD_ENCODING = "datacontentencoding: invalid datacontentencoding value, the only allowed value is 'base64'\n"


class InvalidEvent(Malformed):
    """400 `invalid event: …`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"invalid event: {reason}")


def read(item: Mapping[str, Any], now: int, blank_before_base64: bool) -> Event | None:
    """The event as it is stored; None where OpenMeter drops it without a word. Raises InvalidEvent.

    now: epoch seconds, the time of an event that has none. blank_before_base64: whether blanks stand between the colon
    and the value of `data_base64`; OpenMeter's library may take them for a part of the value.
    """
    reader = _Reader(blank_before_base64)
    try:
        for name, value in item.items():
            if name == "":  # the library takes an empty name for the end of the event
                break
            reader.attribute(name, value)
        text = reader.finish()
    except go_base64.IllegalBase64Error as error:
        raise InvalidEvent(str(error)) from None
    time = now if reader.time in (None, event_time.ZERO) else min(reader.time, event_time.LATEST)
    if time <= 0 or not reader.source or not all(reader.texts.get(name) for name in _REQUIRED):
        return None
    return Event(reader.texts["id"], reader.source, reader.texts["type"], reader.texts["subject"], time, text)


class _Reader:
    def __init__(self, blank_before_base64: bool) -> None:
        self.texts: dict[str, str] = {}
        self.source = ""
        self.time: int | None = None
        self._blank = blank_before_base64
        self._version = ""
        self._early: list[tuple[str, Any]] = []
        self._typed = False  # datacontenttype has been seen; from then on data is read where it stands
        self._encoded = False  # the data is base64
        self._kept: tuple[Any, bool] | None = None  # data that is read at the end, and whether blanks stand before it
        self._text = ""

    def attribute(self, name: str, value: Any) -> None:
        if name == "specversion":
            self._specversion(value)
        elif name in _REQUIRED:
            self.texts[name] = value
        elif name == "source":
            self.source = _source(value)
        elif name == "time":
            self.time = _time(value)
        elif name == "datacontenttype":
            self._typed = True
        elif name == "data" and not self._version:
            self._kept = (value, False)
        elif not self._version:
            self._early.append((name, value))
        else:
            self._by_version(name, value)

    def finish(self) -> str:
        """The data as text."""
        if not self._version:
            raise InvalidEvent("specversion: no specversion\n")
        if self._kept is None:
            return self._text
        value, blank = self._kept
        if not self._encoded:
            return _canonical(value)
        if blank or not isinstance(value, str):
            raise go_base64.IllegalBase64Error(0)
        return _decoded(value)

    def _specversion(self, version: str) -> None:
        if version not in _ATTRIBUTES:
            raise InvalidEvent(f"specversion: unknown value: {version}\n")
        self._version = version
        for name, value in self._early:
            if name == "data_base64" and version == "1.0":
                self._encoded, self._kept = True, (value, False)
            else:
                self._by_version(name, value)

    def _by_version(self, name: str, value: Any) -> None:
        if name not in _ATTRIBUTES[self._version]:
            _check_extension(name, value, any_name=self._version == "0.3")
        elif name == "datacontentencoding":
            if value != "base64":
                raise InvalidEvent(_BAD_ENCODING)
            self._encoded = True
        elif name in ("data", "data_base64"):
            self._take_data(name, value)

    def _take_data(self, name: str, value: Any) -> None:
        if self._typed and self._version == "1.0":
            self._text = _canonical(value) if name == "data" else _decoded(value)
            return
        self._encoded = self._encoded or name == "data_base64"
        self._kept = (value, self._blank)


def _source(text: str) -> str:
    try:
        return uri_reference.normalise(text)
    except ValueError:
        raise InvalidEvent(f"cannot parse uri ref: {text}") from None


def _time(text: str | None) -> int | None:
    try:
        return None if text is None else event_time.epoch_seconds(text)
    except ValueError:
        raise InvalidEvent(f"cannot convert {quote(text or '')} to time.Time: not in RFC3339 format") from None


def _check_extension(name: str, value: Any, *, any_name: bool) -> None:
    if not any_name and not _EXTENSION_NAME.fullmatch(name):
        raise InvalidEvent(_BAD_NAME)
    if isinstance(value, dict | list):
        raise InvalidEvent(f"invalid CloudEvents value: {syntax(value)}")
    if isinstance(value, int | float) and not isinstance(value, bool) and not -_INT32 <= value < _INT32:
        raise InvalidEvent(f"cannot convert {general(float(value))} to int32: out of range")


def _decoded(value: Any) -> str:
    if not isinstance(value, str):
        raise go_base64.IllegalBase64Error(0)
    content = go_base64.decode(value.encode())
    if not content:
        return ""
    try:
        return event_data.canonical_text(content)
    except ValueError:
        raise InvalidEvent("cannot unmarshal cloudevents data") from None


def _canonical(value: Any) -> str:
    """Canonical text. OpenMeter fails with a 500 on a number beyond the doubles; here the event is refused."""
    try:
        return event_data.canonical(value)
    except (ValueError, OverflowError, RecursionError):
        raise InvalidEvent("cannot unmarshal cloudevents data") from None
