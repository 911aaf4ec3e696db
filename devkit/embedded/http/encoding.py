"""Answers as Go writes them: JSON with its numbers and its escapes, ending in a newline."""

import math
from typing import Any

import msgspec

from devkit.embedded.http.calls import Reply

_ESCAPED = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    ("\u2028".encode(), b"\\u2028"),
    ("\u2029".encode(), b"\\u2029"),
)


def body_bytes(reply: Reply) -> bytes:
    """The body of a reply as it goes onto the wire."""
    if reply.status == 204:
        return b""
    if isinstance(reply.body, bytes):
        return reply.body
    if reply.media_type.endswith("json"):
        return json_bytes(reply.body)
    return str(reply.body or "").encode()


def json_bytes(value: Any) -> bytes:
    """The JSON of a body. Floats without a fraction lose their `.0`; text is escaped for HTML."""
    encoded = msgspec.json.encode(_go_numbers(value))
    for plain, escaped in _ESCAPED:
        if plain in encoded:
            encoded = encoded.replace(plain, escaped)
    return encoded + b"\n"


def number_text(value: float) -> str:
    """A double as encoding/json prints it: shortest digits, an exponent below 1e-6 and from 1e21 on."""
    if not math.isfinite(value):
        raise ValueError("JSON has no infinity and no NaN")
    size = abs(value)
    if size and (size < 1e-6 or size >= 1e21):
        mantissa, _, exponent = f"{value!r}".partition("e")
        if not exponent:  # Python writes some of them in full
            mantissa, _, exponent = f"{value:e}".partition("e")
        return f"{mantissa.removesuffix('.0')}e{exponent[:1]}{exponent[1:].lstrip('0')}"
    if value == math.trunc(value):
        return ("-" if math.copysign(1, value) < 0 and not value else "") + str(int(value))
    text = repr(value)
    return text if "e" not in text else f"{value:.{_places(text)}f}"


def _places(text: str) -> int:
    """The decimals that show all digits of a number written with a negative exponent."""
    mantissa, _, exponent = text.partition("e")
    return len(mantissa.partition(".")[2]) - int(exponent)


def _go_numbers(value: Any) -> Any:
    """The same value with each float replaced by its text in Go's form; the value itself where it holds none."""
    if isinstance(value, float):
        return msgspec.Raw(number_text(value).encode())
    if isinstance(value, dict):
        return {key: _go_numbers(part) if isinstance(part, _HOLDERS) else part for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_go_numbers(part) if isinstance(part, _HOLDERS) else part for part in value]
    return value


_HOLDERS = (float, dict, list, tuple)
