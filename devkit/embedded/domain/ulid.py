"""The text form of a ULID: 48 bits of milliseconds and 80 more, in Crockford's base 32 (https://github.com/ulid/spec)."""

import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PATTERN = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


def encode(milliseconds: int, tail: int) -> str:
    """26 letters that sort as (milliseconds, tail) does. The tail has 80 bits."""
    number = milliseconds << 80 | tail
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def decode(text: str) -> tuple[int, int]:
    """(milliseconds, tail) of a ULID. Raises ValueError where the text is not one; lower case is none."""
    if not PATTERN.fullmatch(text):
        raise ValueError(f"not a ULID: {text}")
    number = 0
    for letter in text:
        number = number << 5 | _VALUES[letter]
    return number >> 80, number & (1 << 80) - 1
