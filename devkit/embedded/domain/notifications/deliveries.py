"""The delivery of an event to a channel: its states, its attempts, and when the next one is due.

A delivery is a member of its event's document: the members of the API's answers with `channelId` for the channel,
`createdAt`, `due` (when it is attempted next, unless it is over), and `tries`, the attempts since the event or the
last resend.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.timestamps import format_seconds

Delivery = dict[str, Any]
State = Literal["PENDING", "SENDING", "SUCCESS", "FAILED", "RESENDING"]

_RESENDABLE: tuple[State, ...] = ("SENDING", "SUCCESS", "FAILED")
#: How long each failed attempt is waited after; when all are over, the delivery has failed.
BACK_OFF = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
_SENDING_TIMEOUT = timedelta(hours=48)
#: How long a new delivery waits for its first attempt; an event is answered before any of its deliveries begins.
DISPATCH_DELAY = timedelta(seconds=2)

RESENT = "event re-send was triggered"
EXHAUSTED = "user error: multiple failed to send event due to errors from the recipient. retry will NOT be attempted"
CHANNEL_NOT_FOUND = "system error: channel not found. retry will NOT be attempted"
CHANNEL_DISABLED = "system error: channel is disabled. retry will NOT be attempted"
RULE_NOT_ASSIGNED = "system error: rule not assigned to channel. retry will NOT be attempted"


def create(channel_id: str, now: datetime) -> Delivery:
    at = text_of(now)
    return {
        "channelId": channel_id,
        "state": "PENDING",
        "reason": "",
        "createdAt": at,
        "updatedAt": at,
        "attempts": [],
        "due": text_of(now + DISPATCH_DELAY),
        "tries": 0,
    }


def attempt(at: datetime, *, status: int | None, body: str, milliseconds: int, url: str) -> dict[str, Any]:
    """An attempt. status: that of the answer; None: there was no answer, and the attempt says 0."""
    response = {"statusCode": status or 0, "body": body, "durationMs": milliseconds, "url": url}
    succeeded = status is not None and 200 <= status < 300
    return {"state": "SUCCESS" if succeeded else "FAILED", "timestamp": text_of(at), "response": response}


def attempted(delivery: Delivery, made: Mapping[str, Any], annotations: Mapping[str, str], now: datetime) -> Delivery:
    """The delivery after an attempt: successful, to be attempted again, or given up."""
    changed = {
        **_without_plan(delivery),
        "attempts": [made, *delivery["attempts"]],
        "annotations": {**annotations, **delivery.get("annotations", {})},
        "reason": "",
        "tries": delivery["tries"] + 1,
        "updatedAt": text_of(now),
    }
    if made["state"] == "SUCCESS":
        return {**changed, "state": "SUCCESS"}
    if now - instant(delivery["createdAt"]) > _SENDING_TIMEOUT:
        return {**changed, "state": "FAILED", "reason": EXHAUSTED}
    if delivery["tries"] >= len(BACK_OFF):
        return {**changed, "state": "FAILED"}
    due = text_of(now + BACK_OFF[delivery["tries"]])
    return {**changed, "state": "SENDING", "nextAttempt": due, "due": due}


def failed(delivery: Delivery, reason: str, now: datetime) -> Delivery:
    """The delivery, given up without a further attempt."""
    return {**_without_plan(delivery), "state": "FAILED", "reason": reason, "updatedAt": text_of(now)}


def resent(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery, to be made once more; one that waits for its first attempt stays as it is."""
    if delivery["state"] not in _RESENDABLE:
        return delivery
    annotations = {**delivery.get("annotations", {}), "event.resend.timestamp": format_seconds(now)}
    return {
        **_without_plan(delivery),
        "state": "RESENDING",
        "reason": RESENT,
        "annotations": annotations,
        "createdAt": text_of(now),
        "updatedAt": text_of(now),
        "due": text_of(now + DISPATCH_DELAY),
        "tries": 0,
    }


def is_due(delivery: Delivery, now: datetime) -> bool:
    return "due" in delivery and instant(delivery["due"]) <= now


def shown(delivery: Delivery, channel_type: str) -> dict[str, Any]:
    """A NotificationEventDeliveryStatus. channel_type: empty where the channel is not active for the rule any more"""
    hidden = ("channelId", "createdAt", "due", "tries")
    body = {name: value for name, value in delivery.items() if name not in hidden}
    return {**body, "channel": {"id": delivery["channelId"], "type": channel_type}}


def _without_plan(delivery: Delivery) -> Delivery:
    return {name: value for name, value in delivery.items() if name not in ("nextAttempt", "due")}
