"""Answers as Go writes them: JSON with its numbers and its escapes, ending in a newline."""

from typing import Any

import msgspec

from devkit.embedded.domain.go_numbers import json_number
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


def _go_numbers(value: Any) -> Any:
    """The same value with each float replaced by its text in Go's form; the value itself where it holds none."""
    if isinstance(value, float):
        return msgspec.Raw(json_number(value).encode())
    if isinstance(value, dict):
        return {key: _go_numbers(part) if isinstance(part, _HOLDERS) else part for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_go_numbers(part) if isinstance(part, _HOLDERS) else part for part in value]
    return value


_HOLDERS = (float, dict, list, tuple)
