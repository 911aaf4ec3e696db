"""Checks signatures of webhooks, after Standard Webhooks: an HMAC-SHA256 of `<id>.<timestamp>.<body>`, in base64."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum

PREFIX = "whsec_"
_PREFIXES = ("svix", "webhook")
_TOLERANCE_SECONDS = 300


class SignatureState(StrEnum):
    """What there is to say of a signature. unchecked: no secret is known to check it with"""

    valid = "valid"
    invalid = "invalid"
    expired = "expired"
    missing = "missing"
    unchecked = "unchecked"


def signature_state(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: float) -> SignatureState:
    """headers: names in lower case; now: epoch seconds, from which a signature may lie five minutes away"""
    id_, timestamp, signatures = (_header(headers, name) for name in ("id", "timestamp", "signature"))
    if not (id_ and timestamp and signatures):
        return SignatureState.missing
    known = list(secrets)
    if not known:
        return SignatureState.unchecked
    content = f"{id_}.{timestamp}.".encode() + body
    given = [signature.removeprefix("v1,") for signature in signatures.split() if signature.startswith("v1,")]
    if not any(_fits(signature, content, secret) for signature in given for secret in known):
        return SignatureState.invalid
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > _TOLERANCE_SECONDS:
        return SignatureState.expired
    return SignatureState.valid


def message_id(headers: Mapping[str, str]) -> str:
    """The id under which the sender knows the message; empty without one."""
    return _header(headers, "id")


def is_secret(text: str) -> bool:
    return _key(text) is not None


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((headers[full] for prefix in _PREFIXES if headers.get(full := f"{prefix}-{name}")), "")


def _fits(signature: str, content: bytes, secret: str) -> bool:
    key = _key(secret)
    if key is None:
        return False
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
    return hmac.compare_digest(signature.encode("utf-8", "replace"), expected)


def _key(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None
