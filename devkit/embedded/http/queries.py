"""Query strings and path segments as Go's net/url reads them."""

from collections.abc import Mapping

_HEX = frozenset(b"0123456789abcdefABCDEF")
#: What Go leaves as it is when it writes a path.
_PATH_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~$&+,/:;=@")

Query = Mapping[str, list[str]]


class EscapeError(ValueError):
    """A percent sign without two digits after it; the text is Go's."""


def parse(raw: bytes) -> dict[str, list[str]]:
    """All values by name, in order. Pairs that Go cannot read are dropped, as it does."""
    found: dict[str, list[str]] = {}
    for pair in raw.split(b"&"):
        if not pair or b";" in pair:
            continue
        name, _, value = pair.partition(b"=")
        try:
            key, text = _form(name), _form(value)
        except EscapeError:
            continue
        found.setdefault(key, []).append(text)
    return found


def unescape(raw: bytes) -> bytes:
    """Without percent signs. Raises EscapeError."""
    if b"%" not in raw:
        return raw
    head, *parts = raw.split(b"%")
    for part in parts:
        if len(part) < 2 or part[0] not in _HEX or part[1] not in _HEX:
            raise EscapeError(f'invalid URL escape "%{part[:2].decode("utf-8", "replace")}"')
        head += bytes((int(part[:2], 16),)) + part[2:]
    return head


def routed_path(raw: bytes) -> bytes:
    """The path that the router of OpenMeter sees: decoded, unless that would lose something (`%2F`)."""
    plain = unescape(raw)
    return plain if _escaped(plain) == raw else raw


def _form(raw: bytes) -> str:
    return unescape(raw.replace(b"+", b" ")).decode("utf-8", "replace")


def _escaped(plain: bytes) -> bytes:
    return b"".join(bytes((byte,)) if byte in _PATH_SAFE else b"%%%02X" % byte for byte in plain)
