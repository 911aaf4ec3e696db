"""URI references as Go's net/url reads and writes them: what the source of an event becomes when it is stored."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address

_SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*):")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_USERINFO = re.compile(rb"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_PORT = re.compile(rb"(?::[0-9]*)?")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_PLAIN = {
    "path": _UNRESERVED | frozenset(b"$&+,/:;=@"),
    "fragment": _UNRESERVED | frozenset(b"$&+,/:;=?@!()*"),
    "userinfo": _UNRESERVED | frozenset(b"$&+,;="),
    "host": _UNRESERVED | frozenset(b"!$&'()*+,;=:[]<>\""),
}
_KEPT = frozenset(b"!$&'()*+,;=:@[]%")
_HOST_CHARACTERS = _PLAIN["host"] | frozenset(b"%")


@dataclass(frozen=True)
class _Authority:
    userinfo: bytes | None
    host: bytes


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """The reference as Go prints it after parsing. Raises ValueError where Go cannot parse it."""
    rest, _, fragment = text.encode(errors="surrogatepass").partition(b"#")
    if _CONTROL.search(rest):
        raise ValueError("a control character in a URI reference")
    head, rest = _scheme(rest)
    rest, query = _query(rest)
    if head and not rest.startswith(b"/"):
        return (head + rest + query + _fragment(fragment)).decode(errors="replace")
    if not rest.startswith(b"/") and b":" in rest.partition(b"/")[0]:
        raise ValueError("the first path segment of a URI reference cannot contain a colon")
    authority = _Authority(None, b"")
    found = rest.startswith(b"//") and (bool(head) or not rest.startswith(b"///"))
    if found:
        before, slash, path = rest[2:].partition(b"/")
        authority, rest = _authority(before, head in (b"http:", b"https:")), slash + path
    path = _kept_or_escaped(rest, "path")
    written = head + _written(authority, path, found, bool(head))
    if not written and b":" in path.partition(b"/")[0]:
        written = b"./"
    return (written + path + query + _fragment(fragment)).decode(errors="replace")


def _scheme(text: bytes) -> tuple[bytes, bytes]:
    if text.startswith(b":"):
        raise ValueError("the scheme of a URI reference is missing")
    found = _SCHEME.match(text)
    return (found.group().lower(), text[found.end() :]) if found else (b"", text)


def _query(text: bytes) -> tuple[bytes, bytes]:
    path, mark, query = text.partition(b"?")
    return path, mark + query


def _fragment(fragment: bytes) -> bytes:
    return b"#" + _kept_or_escaped(fragment, "fragment") if fragment else b""


def _authority(text: bytes, strict: bool) -> _Authority:
    userinfo, at, host = text.rpartition(b"@")
    if not at:
        return _Authority(None, _host(host, strict))
    if not _USERINFO.fullmatch(userinfo):
        raise ValueError("invalid user information in a URI reference")
    name, colon, password = userinfo.partition(b":")
    written = _escaped(_unescaped(name), "userinfo") + colon + _escaped(_unescaped(password), "userinfo")
    return _Authority(written, _host(host, strict))


def _host(text: bytes, strict: bool) -> bytes:
    """strict: only one colon may stand in it, as in http and https. Elsewhere lists of hosts have been seen."""
    bracket = text.rfind(b"[")
    if bracket > 0:
        raise ValueError("an address in brackets must be the whole host")
    if bracket == 0:
        return _address(text)
    colon = text.find(b":") if strict else text.rfind(b":")
    if colon >= 0 and not _PORT.fullmatch(text[colon:]):
        raise ValueError("invalid port in a URI reference")
    return _escaped(_host_part(text), "host")


def _host_part(text: bytes) -> bytes:
    if any(byte < 0x80 and byte not in _HOST_CHARACTERS for byte in text):
        raise ValueError("invalid character in the host of a URI reference")
    if any(int(code, 16) < 0x80 and code != b"25" for code in _ESCAPE.findall(text)):
        raise ValueError("invalid escape in the host of a URI reference")
    return _unescaped(text)


def _address(text: bytes) -> bytes:
    inside, bracket, port = text[1:].rpartition(b"]")
    if not bracket or not _PORT.fullmatch(port):
        raise ValueError("an address in brackets does not end, or no port follows it")
    address, percent, zone = inside.partition(b"%25")
    IPv6Address(_host_part(address).decode(errors="replace"))
    if percent and not zone:
        raise ValueError("the zone of an address is empty")
    return b"[" + _escaped(_host_part(address) + (b"%" if percent else b"") + _unescaped(zone), "host") + b"]" + port


def _written(authority: _Authority, path: bytes, found: bool, scheme: bool) -> bytes:
    """The two slashes and what they lead in; without host and user they stand only between a scheme and a path."""
    if authority.userinfo is not None:
        return b"//" + authority.userinfo + b"@" + authority.host
    return b"//" + authority.host if authority.host or (scheme and found and path) else b""


def _kept_or_escaped(text: bytes, part: str) -> bytes:
    """The encoding that came, where it is a valid one; the usual one otherwise."""
    plain = _unescaped(text)
    usual = _escaped(plain, part)
    if text == usual or all(byte in _KEPT or byte in _PLAIN[part] for byte in text):
        return text
    return usual


def _unescaped(text: bytes) -> bytes:
    if _BAD_ESCAPE.search(text):
        raise ValueError("invalid escape in a URI reference")
    return _ESCAPE.sub(lambda found: bytes((int(found.group(1), 16),)), text)


def _escaped(text: bytes, part: str) -> bytes:
    plain = _PLAIN[part]
    return b"".join(bytes((byte,)) if byte in plain else b"%%%02X" % byte for byte in text)
