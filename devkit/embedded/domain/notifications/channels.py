"""The rules of channels: webhooks of a receiver.

A channel is a document with the members of the API's answers, and `sentHeaders`, the custom headers of its deliveries:
an update without headers leaves those as they are, as OpenMeter's webhook service does.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from devkit.embedded.domain import go_base64
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.notifications import refusals

Channel = dict[str, Any]

SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of all secrets, not one of them
_SECRET_LENGTHS = range(32, 101)
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
_HOST = re.compile(r"[^\x00-\x20\x7f#%/:<>?@\[\\\]^|]+")
#: Headers that belong to the delivery itself.
_RESERVED = ("connection", "content-length", "content-type", "host", "transfer-encoding", "user-agent")
_RESERVED_PREFIXES = ("svix-", "webhook-")


def create(body: Mapping[str, Any], *, id_: str, now: str, secret: str) -> Channel:
    """A new channel. secret: what signs its deliveries where the body names none.

    Raises Invalid, or InternalFailure where OpenMeter's webhook service would not have it.
    """
    _check(body)
    channel: Channel = {"id": id_, "createdAt": now}
    return _filled(channel, body, secret=body.get("signingSecret") or secret, now=now)


def check_body(body: Mapping[str, Any]) -> None:
    """What is checked of an update before anything is looked up. Raises Invalid."""
    _check(body)


def replace(channel: Channel, body: Mapping[str, Any], *, now: str) -> Channel:
    """The channel as the (checked) body says it; what is left out is cleared.

    Raises Plain of a deleted channel, Invalid without a secret, InternalFailure as `create` does.
    """
    if "deletedAt" in channel:
        raise refusals.deleted("channel")
    if not body.get("signingSecret"):
        raise Invalid(_wrong_length())
    kept: Channel = {name: channel[name] for name in ("id", "createdAt", "sentHeaders") if name in channel}
    return _filled(kept, body, secret=body["signingSecret"], now=now)


def check_deletable(channel: Channel, rule_ids: Iterable[str], namespace: str) -> None:
    """Raises Invalid where rules use the channel."""
    used_by = " ".join(rule_ids)
    if used_by:
        place = f"[namespace={namespace} channel.id={channel['id']}]"
        raise Invalid(f"failed to delete channel as it is assigned to one or more rules {place}: [{used_by}]")


def deleted(channel: Channel, *, now: str) -> Channel:
    return {**channel, "disabled": True, "deletedAt": now, "updatedAt": now}


def is_active(channel: Channel) -> bool:
    return "deletedAt" not in channel and not channel["disabled"]


def shown(channel: Channel) -> dict[str, Any]:
    """A NotificationChannel."""
    return {name: value for name, value in channel.items() if name != "sentHeaders"}


def _filled(channel: Channel, body: Mapping[str, Any], *, secret: str, now: str) -> Channel:
    headers = body.get("customHeaders") or {}
    _check_deliverable(body["url"], headers, secret)
    channel |= {
        "type": body["type"],
        "name": body["name"],
        "url": body["url"],
        "disabled": bool(body.get("disabled")),
        "signingSecret": secret,
        "updatedAt": now,
    }
    if headers:
        channel |= {"customHeaders": headers, "sentHeaders": headers}
    if body.get("metadata") is not None:
        channel["metadata"] = body["metadata"]
    return channel


def _check(body: Mapping[str, Any]) -> None:
    found = [] if body["url"] else ["missing URL"]
    secret = body.get("signingSecret")
    if secret and (wrong := _secret_problems(secret)):
        found.append("invalid signing secret: validation error: " + "\n".join(wrong))
    if found:
        raise Invalid("validation error: " + "\n".join(found))


def _secret_problems(secret: str) -> list[str]:
    plain = secret.removeprefix(SECRET_PREFIX)
    problems = [] if len(plain) in _SECRET_LENGTHS else [_wrong_length()]
    try:
        go_base64.decode(plain.encode())
    except ValueError:
        problems.append("invalid base64 string")
    return problems


def _wrong_length() -> str:
    shortest, longest = _SECRET_LENGTHS[0], _SECRET_LENGTHS[-1]
    return f"secret length must be between {shortest} to {longest} chars without the optional prefix"


def _check_deliverable(url: str, headers: Mapping[str, str], secret: str) -> None:
    """What the webhook service behind OpenMeter refuses, OpenMeter answers with 500. Raises InternalFailure."""
    if not _is_web_address(url):
        raise InternalFailure(f"no address to deliver to: {url}")
    if not secret.startswith(SECRET_PREFIX):
        raise InternalFailure("the signing secret lacks its prefix")
    for name, value in headers.items():
        lowered = name.lower()
        reserved = lowered in _RESERVED or lowered.startswith(_RESERVED_PREFIXES)
        if reserved or not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise InternalFailure(f"not a header to send: {name}")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # one that is none raises
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and bool(_HOST.fullmatch(host) or _is_ipv6(host))


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
