"""Portal tokens: JWTs signed with HMAC SHA-256, without any memory of those handed out.

Refusals speak the words of golang-jwt, which OpenMeter passes on.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from devkit.embedded.domain.errors import Unauthorized

_ISSUER = "openmeter"
_HEADER = {"alg": "HS256", "typ": "JWT"}
#: What golang-jwt knows; only HS256 is accepted.
_ALGORITHMS = {f"{kind}{size}" for kind in ("HS", "RS", "ES", "PS") for size in (256, 384, 512)} | {"EdDSA", "none"}
_TEXT = re.compile(rb"[A-Za-z0-9_-]*")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#: What the header and the claims are to Go, as its JSON errors call it.
_TYPES = {"header": "map[string]interface {}", "claim": "adapter.JTWPortalTokenClaims"}
_JSON_NAMES = {str: "string", bool: "bool", int: "number", float: "number", list: "array"}
Decode = Callable[[bytes], Any]


@dataclass(frozen=True)
class PortalClaims:
    """What a token lets its bearer see: one subject, and where meters are named only these."""

    subject: str
    meter_slugs: tuple[str, ...]
    expires_at: datetime


def issue(
    secret: str,
    *,
    id_: str,
    namespace: str,
    subject: str,
    meter_slugs: Sequence[str],
    expires_at: datetime,
    now: datetime,
) -> str:
    """A signed token."""
    claims = {
        "iss": _ISSUER,
        "sub": subject,
        "exp": int(expires_at.timestamp()),
        "iat": int(now.timestamp()),
        "Namespace": namespace,
        "Id": id_,
        "AllowedMeterSlugs": list(meter_slugs),
    }
    body = _encode(msgspec.json.encode(_HEADER)) + b"." + _encode(msgspec.json.encode(claims))
    return (body + b"." + _encode(_signature(secret, body))).decode()


def authenticate(secret: str, authorization: str, meter_slug: str, now: datetime, decode: Decode) -> PortalClaims:
    """The claims of a request's Authorization header, where they allow the meter. Raises Unauthorized.

    decode: reads JSON; its ValueError has Go's words.
    """
    authorization = authorization.strip()
    if not authorization:
        raise Unauthorized("missing authorization header")
    scheme, _, token = authorization.partition(" ")
    if scheme != "Bearer" or " " in token or not authorization.count(" "):
        raise Unauthorized("invalid authorization header")
    claims = read(secret, token, now, decode)
    if not claims.subject:
        raise Unauthorized("invalid subject")
    if claims.meter_slugs and meter_slug not in claims.meter_slugs:
        raise Unauthorized("meter slug not allowed")
    return claims


def read(secret: str, token: str, now: datetime, decode: Decode) -> PortalClaims:
    """The claims of a token that is whole, signed with the secret and not expired. Raises Unauthorized."""
    parts = token.encode().split(b".")
    if len(parts) != 3:
        raise _invalid("token is malformed: token contains an invalid number of segments")
    header, claims = _object(parts[0], "header", decode), _object(parts[1], "claim", decode)
    algorithm = _known_algorithm(header.get("alg"))
    signature = _decoded(parts[2], "could not base64 decode signature")
    if algorithm != _HEADER["alg"]:
        raise _invalid(f"token signature is invalid: signing method {algorithm} is invalid")
    if not hmac.compare_digest(signature, _signature(secret, parts[0] + b"." + parts[1])):
        raise _invalid("token signature is invalid: signature is invalid")
    return _accepted(claims, now)


def _known_algorithm(name: Any) -> str:
    if not isinstance(name, str):
        raise _invalid("token is unverifiable: signing method (alg) is unspecified")
    if name not in _ALGORITHMS:
        raise _invalid("token is unverifiable: signing method (alg) is unavailable")
    return name


def _accepted(claims: dict[str, Any], now: datetime) -> PortalClaims:
    expiry = claims.get("exp")
    if not isinstance(expiry, int | float):
        raise _invalid("token has invalid claims: token is missing required claim: exp claim is required")
    problems = []
    if now.timestamp() >= expiry:
        problems.append("token is expired")
    if claims.get("iss") != _ISSUER:
        problems.append("token has invalid issuer")
    if problems:
        raise _invalid(f"token has invalid claims: {', '.join(problems)}")
    return PortalClaims(
        subject=str(claims.get("sub") or ""),
        meter_slugs=tuple(claims.get("AllowedMeterSlugs") or ()),
        expires_at=datetime.fromtimestamp(expiry, UTC),
    )


def _object(part: bytes, name: str, decode: Decode) -> dict[str, Any]:
    raw = _decoded(part, f"could not base64 decode {name}")
    try:
        value = decode(raw)
    except ValueError as error:
        raise _invalid(f"token is malformed: could not JSON decode {name}: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        reason = f"json: cannot unmarshal {_JSON_NAMES[type(value)]} into Go value of type {_TYPES[name]}"
        raise _invalid(f"token is malformed: could not JSON decode {name}: {reason}")
    return value


def _decoded(part: bytes, failure: str) -> bytes:
    at = _fault(part)
    if at is not None:
        raise _invalid(f"token is malformed: {failure}: illegal base64 data at input byte {at}")
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def _fault(part: bytes) -> int | None:
    """Where Go sees a fault in base64 without padding; the bits that the last letter has too many must be zero."""
    found = _TEXT.match(part)
    assert found is not None
    if found.end() < len(part):
        return found.end()
    over = len(part) % 4
    if over == 0:
        return None
    spare = {1: 63, 2: 15, 3: 3}[over]
    if over > 1 and not _LETTERS.index(part[-1]) & spare:
        return None
    return len(part) - {1: 1, 2: 2, 3: 1}[over]


def _encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _signature(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).digest()


def _invalid(reason: str) -> Unauthorized:
    return Unauthorized(f"invalid token: cannot parse claims: {reason}")
