"""The cursor of the event list: `<RFC 3339 time>,<row id>` in base64. A row's id is a ULID of when it was stored."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

from devkit.embedded.domain import go_base64, timestamps
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.ulid import ALPHABET, encode

_TAIL_BITS = 80
_ULID_LENGTH = 26


@dataclass(frozen=True)
class Cursor:
    """The event after which the next page begins. time: epoch seconds. row: a ULID where nobody made one up."""

    time: int
    row: str
    year_one: bool = False

    def problems(self) -> list[str]:
        """What OpenMeter has to say of it."""
        said = {"cursor time is zero": self.year_one, "cursor id is empty": not self.row}
        return [text for text, holds in said.items() if holds]

    def bound(self) -> tuple[int, int]:
        """(stored at, seq): rows below it have a smaller id than this cursor's."""
        milliseconds, tail = divmod(_first_not_below(self.row), 1 << _TAIL_BITS)
        seconds, rest = divmod(milliseconds, 1000)
        return (seconds + 1, 0) if rest else (seconds, tail)


def of_row(time: int, stored_at: int, seq: int) -> str:
    """The text of the cursor behind an event."""
    moment = timestamps.format_seconds(datetime.fromtimestamp(time, UTC))
    return base64.b64encode(f"{moment},{encode(stored_at * 1000, seq)}".encode()).decode()


def decode(text: str) -> Cursor:
    """Raises Invalid where it is none."""
    if not text:
        raise Invalid("text is empty")
    try:
        content = go_base64.decode(text.encode()).decode(errors="replace")
    except go_base64.IllegalBase64Error as error:
        raise Invalid(f"decode cursor: {error}") from None
    moment, comma, row = content.partition(",")
    if not comma:
        raise Invalid("cursor is invalid: no delimiter found")
    try:
        instant = timestamps.parse(moment)
    except ValueError:
        raise Invalid(f"parse cursor timestamp: {timestamps.refusal(moment)}") from None
    return Cursor(int(instant.timestamp() // 1), row, instant == timestamps.ZERO)


def _first_not_below(text: str) -> int:
    """The number of the smallest ULID that, as text, is not below this one."""
    number = 0
    for place in range(_ULID_LENGTH):
        letter = text[place : place + 1]
        shift = 5 * (_ULID_LENGTH - 1 - place)
        if letter and letter in ALPHABET:
            number |= ALPHABET.index(letter) << shift
            continue
        above = sum(known < letter for known in ALPHABET) if letter else 0
        return number + (above << shift)
    return number + (len(text) > _ULID_LENGTH)
