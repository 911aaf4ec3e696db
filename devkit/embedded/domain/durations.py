"""ISO 8601 durations as OpenMeter reads, writes and compares them: P1M is not P4W, P1M0D is P1M, P12M stays P12M.

Weeks may stand beside other parts, a sign in front, and the last part may have a fraction (`P1.5M`). A duration has no
length of its own: how long P1M is depends on where it begins (domain/calendar_arithmetic.py).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from functools import lru_cache

_ZERO = Decimal(0)
_DATE_PARTS = {"Y": "years", "M": "months", "W": "weeks", "D": "days"}
_TIME_PARTS = {"H": "hours", "M": "minutes", "S": "seconds"}
_LETTERS = (*_DATE_PARTS, *_TIME_PARTS)
_DIGITS = 19
#: Enough for a part of all digits, in seconds, over the smallest fraction of a second.
_EXACT = Context(prec=80)
_NUMBER = re.compile(r"-?[0-9.,]*")


class DurationError(ValueError):
    """The text is no duration; the message says so in OpenMeter's words."""


@dataclass(frozen=True)
class Duration:
    """Parts with their signs; the sign of the whole is that of the largest part that is not zero."""

    years: Decimal = _ZERO
    months: Decimal = _ZERO
    weeks: Decimal = _ZERO
    days: Decimal = _ZERO
    hours: Decimal = _ZERO
    minutes: Decimal = _ZERO
    seconds: Decimal = _ZERO

    @property
    def parts(self) -> tuple[Decimal, ...]:
        return (self.years, self.months, self.weeks, self.days, self.hours, self.minutes, self.seconds)

    @property
    def sign(self) -> int:
        """-1, 0 or 1."""
        leading = next((part for part in self.parts if part), _ZERO)
        return (leading > 0) - (leading < 0)

    def __str__(self) -> str:
        """The ISO form without parts that are zero; `P0D` where all are."""
        if not self.sign:
            return "P0D"
        texts = [
            f"{part * self.sign:f}{letter}" if part else "" for part, letter in zip(self.parts, _LETTERS, strict=True)
        ]
        date, time = "".join(texts[:4]), "".join(texts[4:])
        return f"{'-' if self.sign < 0 else ''}P{date}{'T' if time else ''}{time}"

    def __neg__(self) -> "Duration":
        return Duration(*(-part if part else part for part in self.parts))

    def __add__(self, other: "Duration") -> "Duration":
        """Part by part, and whole minutes to hours, days to weeks, months to years; never hours to days."""
        summed = Duration(*(mine + theirs for mine, theirs in zip(self.parts, other.parts, strict=True)))
        return summed.normalised()

    def __sub__(self, other: "Duration") -> "Duration":
        return self + -other

    def __mul__(self, factor: int) -> "Duration":
        return Duration(*(part * factor for part in self.parts))

    def normalised(self) -> "Duration":
        """Large values moved to the larger parts, where that is exact."""
        minutes, seconds = _carried(self.minutes, self.seconds, 60)
        hours, minutes = _carried(self.hours, minutes, 60)
        weeks, days = _carried(self.weeks, self.days, 7)
        years, months = _carried(self.years, self.months, 12)
        return Duration(years, months, weeks, days, hours, minutes, seconds)

    def simplified(self) -> "Duration":
        """The same duration with fewer parts, where there is a shorter way of saying it: P1Y1M is P13M."""
        years, months = _merged(self.years, self.months, 12)
        made = replace(self, years=years, months=months)
        if any(part for part in (*made.parts[:2], *made.parts[3:])):
            made = replace(made, weeks=_ZERO, days=made.weeks * 7 + made.days)
        hours, minutes = _merged(made.hours, made.minutes, 60)
        minutes, seconds = _merged(minutes, made.seconds, 60)
        return replace(made, hours=hours, minutes=minutes, seconds=seconds)

    def seconds_with(self, *, days_in_month: int, hours_in_day: int) -> Decimal:
        """Its length where all months and all days are that long."""
        day = hours_in_day * 3600
        month = days_in_month * day
        lengths = (12 * month, month, 7 * day, day, 3600, 60, 1)
        return sum((part * length for part, length in zip(self.parts, lengths, strict=True)), _ZERO)


HOUR = Duration(hours=Decimal(1))


@lru_cache(1024)
def parse(text: str) -> Duration:
    """Reads a duration. Raises DurationError."""
    try:
        return _parse(text)
    except DurationError as error:
        raise DurationError(f"failed to parse duration '{text}': {error}") from None


def divides(longer: Duration, shorter: Duration) -> bool:
    """Whether one is a whole multiple of the other, with months of 28 to 31 days and days of 23 to 25 hours alike."""
    if not longer.sign or not shorter.sign:
        return False
    with localcontext(_EXACT):
        longer, shorter = longer.simplified(), shorter.simplified()
        return all(
            _is_multiple(
                longer.seconds_with(days_in_month=days, hours_in_day=hours),
                shorter.seconds_with(days_in_month=days, hours_in_day=hours),
            )
            for days in (28, 29, 30, 31)
            for hours in (25, 24, 23)
        )


def aligned(one: Duration, other: Duration) -> bool:
    """Whether two billing cadences go together: they are equal, or one is a multiple of the other."""
    return str(one.simplified()) == str(other.simplified()) or divides(one, other) or divides(other, one)


def _is_multiple(larger: Decimal, smaller: Decimal) -> bool:
    return bool(smaller) and not larger % smaller and larger / smaller > 0


def _carried(larger: Decimal, smaller: Decimal, size: int) -> tuple[Decimal, Decimal]:
    if not smaller:
        return larger, smaller
    rest = smaller % size
    if rest and abs(rest) < 1:
        return larger, smaller
    return larger + int((smaller - rest) / size), rest


def _merged(larger: Decimal, smaller: Decimal, size: int) -> tuple[Decimal, Decimal]:
    if not larger or _is_simple(larger, smaller):
        return larger, smaller
    carried = _carried(larger, smaller, size)
    if _is_simple(*carried):
        return carried
    merged = _trimmed(smaller + larger * size)
    if _digits(merged) > _digits(larger) + _digits(smaller):
        return larger, smaller
    return _ZERO, merged


def _is_simple(larger: Decimal, smaller: Decimal) -> bool:
    return not smaller and _decimals(larger) == 0


def _trimmed(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _digits(number: Decimal) -> int:
    return len(number.as_tuple().digits) if number else 0


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _parse(text: str) -> Duration:
    rest = text[1:] if text[:1] in ("-", "+") else text
    if not rest:
        raise DurationError("cannot parse a blank string as a period")
    if not rest.startswith("P"):
        raise DurationError(f"{text}: expected 'P' period mark at the start")
    fields = list(_fields(rest[1:], text))
    if not fields:
        raise DurationError(f"{text}: expected 'Y', 'M', 'W', 'D', 'H', 'M', or 'S' designator")
    read = Duration(**dict(fields))
    return -read if text.startswith("-") else read


def _fields(rest: str, text: str) -> Iterable[tuple[str, Decimal]]:
    """The parts in the order of the text, checked as they come."""
    in_time, fraction, seen = False, "", set()
    while rest:
        if rest[0] == "T":
            if in_time:
                raise DurationError(f"{text}: 'T' designator cannot occur more than once")
            in_time, rest = True, rest[1:]
            continue
        number, letter, rest = _field(rest, text)
        if fraction and number:
            raise DurationError(f"{text}: '{fraction}' & '{letter}' only the last field can have a fraction")
        name = _name(letter, text, in_time=in_time)
        if name in seen:
            raise DurationError(f"{text}: '{letter}' designator cannot occur more than once")
        seen.add(name)
        fraction = letter if _decimals(number) else fraction
        yield name, number


def _field(rest: str, text: str) -> tuple[Decimal, str, str]:
    found = _NUMBER.match(rest)
    digits = found.group() if found else ""
    if not digits:
        raise DurationError(f"{text}: expected a number but found '{rest[0]}'")
    if len(digits) == len(rest):
        raise DurationError(f"{text}: missing designator at the end")
    number, letter = _number(digits.replace(",", "."), text), rest[len(digits)]
    if letter not in _LETTERS:
        raise DurationError(f"{text}: expected a designator Y, M, W, D, H, or S not '{letter}'")
    return number, letter, rest[len(digits) + 1 :]


def _number(digits: str, text: str) -> Decimal:
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", digits):
        raise DurationError(f"{text}: number invalid or out of range")
    number = Decimal(digits)
    whole = len(str(abs(int(number)))) if int(number) else 0
    if whole > _DIGITS:
        raise DurationError(f"{text}: number invalid or out of range")
    decimals = min(_decimals(number), _DIGITS - whole)
    return round(number, decimals) if decimals else Decimal(round(number))


def _name(letter: str, text: str, *, in_time: bool) -> str:
    parts = _TIME_PARTS if in_time else _DATE_PARTS
    if letter not in parts:
        raise DurationError(f"{text}: '{letter}' designator cannot occur here")
    return parts[letter]
