"""Webhooks of Stripe: whether a body is signed with the secret of the app, and what event it is."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.stripe_app.installation import API_VERSION

MAX_BODY_BYTES = 512 * 1024
#: How old a signature may be, in seconds.
TOLERANCE = 10_000 * 3600

_SCHEME = "v1"
_LIBRARY = "stripe-go 80.2.1"
_WHOLE = re.compile(r"[+-]?[0-9]+")
_GO_TYPES = {str: "string", bool: "bool", int: "number", float: "number", list: "array"}


def check_signature(body: bytes, header: str, secret: str, now: float) -> None:
    """Raises Invalid unless the header signs the body with the secret.

    now: the present of the real world, in epoch seconds; Stripe knows no other clock
    """
    if not header:
        raise _refused("webhook has no Stripe-Signature header")
    signed_at, signatures = _parsed(header)
    if not signatures:
        raise _refused("webhook had no valid signature")
    if now - signed_at > TOLERANCE:
        raise _refused("timestamp wasn't within tolerance")
    expected = signature(body, secret, signed_at)
    if not any(hmac.compare_digest(expected, given) for given in signatures):
        raise _refused("webhook had no valid signature")


def signature(body: bytes, secret: str, signed_at: int) -> bytes:
    """The HMAC of a body that is signed at this second."""
    return hmac.new(secret.encode(), b"%d." % signed_at + body, hashlib.sha256).digest()


def check_event(event: Mapping[str, Any]) -> None:
    """Raises Invalid where the event is about no object, or of another release train than OpenMeter reads."""
    about, version = event["data"]["object"], event.get("api_version") or ""
    if not isinstance(about, Mapping):
        raise _misread(about, "data", "map[string]interface {}")
    if not isinstance(version, str):
        raise _misread(version, "api_version", "string")
    if _release_train(version) != _release_train(API_VERSION):
        raise _refused(
            f"Received event with API version {version}, but {_LIBRARY} expects API version {API_VERSION}."
            " We recommend that you create a WebhookEndpoint with this API version. Otherwise, you can disable this"
            " error by using `ConstructEventWithOptions(..., ConstructEventOptions{..., ignoreAPIVersionMismatch:"
            " true})`  but be wary that objects may be incorrectly deserialized."
        )


def mismatch(value: Any, field: str, wanted: str) -> str:
    """What Go says of a JSON value of another type than that of a field."""
    found = _GO_TYPES.get(type(value), "object")
    return f"json: cannot unmarshal {found} into Go struct field {field} of type {wanted}"


def unsupported(event: Mapping[str, Any]) -> Invalid:
    return Invalid(f"unsupported event type: {event['type']}")


def acknowledged(app_id: str, namespace: str, **told: str) -> dict[str, str]:
    """The reply that names what took action."""
    return {"namespaceId": namespace, "appId": app_id, **told}


def _parsed(header: str) -> tuple[int, list[bytes]]:
    """The second of the signatures (0 where there is none) and those of the scheme in use."""
    signed_at, signatures = 0, []
    for pair in header.split(","):
        name, separator, value = pair.partition("=")
        if not separator or "=" in value:
            raise _refused("webhook has invalid Stripe-Signature header")
        if name == "t":
            signed_at = _second(value)
        elif name == _SCHEME and (decoded := _unhex(value)) is not None:
            signatures.append(decoded)
    return signed_at, signatures


def _second(text: str) -> int:
    number = int(text) if _WHOLE.fullmatch(text) else None
    if number is None or not -(2**63) <= number < 2**63:
        raise _refused("webhook has invalid Stripe-Signature header")
    return number


def _unhex(text: str) -> bytes | None:
    """The bytes of a signature; one that is not hexadecimal counts for none."""
    try:
        return bytes.fromhex(text) if not re.search(r"\s", text) else None
    except ValueError:
        return None


def _release_train(version: str) -> str:
    """`acacia` of `2024-09-30.acacia`; versions of the times before there were any have none."""
    return f"{version}..".split(".")[1]


def _misread(value: Any, field: str, wanted: str) -> Invalid:
    return _refused(f"Failed to parse webhook body json: {mismatch(value, f'Event.{field}', wanted)}")


def _refused(problem: str) -> Invalid:
    return Invalid(f"failed to construct webhook event: {problem}")
