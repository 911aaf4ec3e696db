"""JSON as a database that keeps it in binary form (PostgreSQL's jsonb) gives it back.

Keys are sorted by length and then bytewise, the last of equal ones wins, one space follows each colon and comma.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from devkit.embedded.domain.errors import InternalFailure

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def normalised(text: str) -> str:
    """The text that comes back. Raises ValueError where it is no JSON, InternalFailure where jsonb refuses it."""
    return _text(json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse))


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return _number(value)
        case str():
            return _string(value)
        case list():
            return f"[{', '.join(_text(item) for item in value)}]"
    members = sorted(value.items(), key=lambda member: (len(_bytes(member[0])), _bytes(member[0])))
    return "{" + ", ".join(f"{_string(name)}: {_text(member)}" for name, member in members) + "}"


def _number(number: Decimal) -> str:
    """Without an exponent; zero has no sign."""
    try:
        if number and abs(number.adjusted()) > 16_000:
            raise InternalFailure("the number is out of the range of a numeric")
        return f"{number or abs(number):f}"
    except InvalidOperation as error:
        raise InternalFailure("the number is out of the range of a numeric") from error


def _string(text: str) -> str:
    _bytes(text)
    return '"' + "".join(_ESCAPES.get(letter, _control(letter)) for letter in text) + '"'


def _control(letter: str) -> str:
    return letter if letter >= " " else f"\\u{ord(letter):04x}"


def _bytes(text: str) -> bytes:
    if "\x00" in text:
        raise InternalFailure("a text of jsonb cannot hold a null character")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InternalFailure("a text of jsonb cannot hold half a surrogate pair") from error
