"""The integer `-0`, which is a negative zero to Go and plain 0 to Python's JSON readers."""

import json
import re
from typing import Any

#: Finds one in JSON text (or something like it inside of a string).
NEGATIVE_ZERO = re.compile(rb"-0(?<=[\[:,\s]-0)(?![.0-9eE])")


def kept(raw: bytes, body: Any) -> Any:
    """The decoded body, read again with its negative zeros where it has some. raw: the JSON text that it came from."""
    if NEGATIVE_ZERO.search(raw) is None or b"\\u" in raw:  # Python would let half a surrogate pair through
        return body
    try:
        return json.JSONDecoder(parse_int=_integer).raw_decode(raw.decode().lstrip())[0]
    except (ValueError, RecursionError):
        return body


def _integer(digits: str) -> int | float:
    return -0.0 if digits == "-0" else int(digits)
