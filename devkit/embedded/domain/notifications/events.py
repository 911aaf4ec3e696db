"""Events: what happened, for which rule, and how its deliveries stand.

An event is a document: `type`, `ruleId`, `data` (the payload's), `annotations`, `deliveries`, and `messageId`, the id
under which receivers know it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.go_time import text as go_text
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.notifications import deliveries, rules
from devkit.embedded.domain.notifications.channels import Channel
from devkit.embedded.domain.notifications.deliveries import Delivery
from devkit.embedded.domain.notifications.rules import Rule
from devkit.embedded.domain.timestamps import ZERO

Event = dict[str, Any]

FEATURE_KEY, FEATURE_ID = "event.feature.key", "event.feature.id"
SUBJECT_KEY, SUBJECT_ID = "event.subject.key", "event.subject.id"
CUSTOMER_KEY, CUSTOMER_ID = "event.customer.key", "event.customer.id"
DEDUPLICATION_HASH = "event.balance.dedupe.hash"
INVOICE_ID, INVOICE_NUMBER = "event.invoice.id", "event.invoice.number"
TEST = "notification.rule.test"


def create(
    rule: Rule,
    data: Mapping[str, Any],
    annotations: Mapping[str, Any],
    channels: Iterable[Channel],
    *,
    id_: str,
    message_id: str,
    now: datetime,
) -> Event:
    """A new event of the rule's type, on its way to the channels."""
    return {
        "id": id_,
        "type": rule["type"],
        "createdAt": text_of(now),
        "ruleId": rule["id"],
        "messageId": message_id,
        "annotations": dict(annotations),
        "data": dict(data),
        "deliveries": [deliveries.create(channel["id"], now) for channel in channels],
    }


def payload(event: Event) -> dict[str, Any]:
    """What receivers get."""
    return {"id": event["id"], "type": event["type"], "timestamp": event["createdAt"], "data": event["data"]}


def shown(event: Event, rule: Rule, active: Iterable[Channel]) -> dict[str, Any]:
    """A NotificationEvent. active: the active channels of the rule, which is shown as it is now"""
    channels = list(active)
    types = {channel["id"]: channel["type"] for channel in channels}
    body = {
        "id": event["id"],
        "type": event["type"],
        "createdAt": event["createdAt"],
        "rule": rules.shown(rule, channels),
        "deliveryStatus": [
            deliveries.shown(delivery, types.get(delivery["channelId"], "")) for delivery in event["deliveries"]
        ],
        "payload": payload(event),
    }
    return body | ({"annotations": event["annotations"]} if event["annotations"] else {})


def with_delivery(event: Event, changed: Delivery) -> Event:
    """The event with one delivery as it is now."""
    channel_id = changed["channelId"]
    now = [changed if delivery["channelId"] == channel_id else delivery for delivery in event["deliveries"]]
    return {**event, "deliveries": now}


def resent(event: Event, channel_ids: Iterable[str], active: Iterable[Channel], now: datetime) -> Event:
    """The event, to be delivered once more: to these channels, or to all of them where none is named.

    Raises Invalid where one of them is not an active channel of the rule.
    """
    wanted = list(channel_ids)
    known = {channel["id"] for channel in active}
    missing = [f"channel {id_} not found" for id_ in wanted if id_ not in known]
    if missing:
        raise Invalid("\n".join(missing))
    again = [
        deliveries.resent(delivery, now) if not wanted or delivery["channelId"] in wanted else delivery
        for delivery in event["deliveries"]
    ]
    return {**event, "deliveries": again}


def annotation(event: Event, *names: str) -> list[str]:
    """The values of these annotations, as far as it has them."""
    return [event["annotations"][name] for name in names if name in event["annotations"]]


def due(event: Event) -> datetime | None:
    """When the next of its deliveries is due; None where all are over."""
    return min((instant(delivery["due"]) for delivery in event["deliveries"] if "due" in delivery), default=None)


def check_period(query: Mapping[str, Any]) -> None:
    """Raises Invalid where the period of a list ends before it starts; one without an end ends at Go's zero time."""
    start, end = query.get("from"), query.get("to", ZERO)
    if start is not None and start > end:
        moments = f"period start ({go_text(start)}) is after the period end ({go_text(end)})"
        raise Invalid(f"invalid time period: {moments}")
