"""One attempt at a delivery: a signed POST to the receiver."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from devkit.core.loopback import is_loopback
from devkit.embedded.domain.notifications import signatures
from devkit.embedded.domain.notifications.channels import Channel

_TIMEOUT_SECONDS = 15.0
_LONGEST_BODY = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What the receiver said. status: None where it said nothing; then the body says why"""

    status: int | None
    body: str
    milliseconds: int


def post(channel: Channel, message_id: str, payload: Mapping[str, Any], timestamp: int) -> Answer:
    """Sends the payload to the channel's address. timestamp: epoch seconds of the signature. Raises nothing."""
    import httpx

    url, body = channel["url"], msgspec.json.encode(payload)
    headers = {
        "content-type": "application/json",
        **channel.get("sentHeaders", {}),
        **signatures.headers(channel["signingSecret"], message_id, timestamp, body),
    }
    started = time.monotonic()
    try:
        with (
            httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=not is_loopback(url)) as client,
            client.stream("POST", url, content=body, headers=_encoded(headers)) as response,
        ):
            text = _text(response.iter_bytes(), started + _TIMEOUT_SECONDS)
            return Answer(response.status_code, text, _since(started))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return Answer(None, str(error) or type(error).__name__, _since(started))


def _text(chunks: Any, deadline: float) -> str:
    """The start of the answer, as much of it as is kept and comes in time."""
    found = b""
    for chunk in chunks:
        found += chunk
        if len(found) >= _LONGEST_BODY or time.monotonic() > deadline:
            break
    return found[:_LONGEST_BODY].decode("utf-8", "replace")


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("utf-8")) for name, value in headers.items()]


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
