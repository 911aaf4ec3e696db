"""Notifications: documents of the kinds `notification-channel`, `notification-rule` and `notification-event`.

Refs of a rule: `channel`, the ids of its channels. Refs of an event: `rule`; `feature` and `subject`, id and key;
`hash`, by which equal ones are found; `due`, when the next of its deliveries is due, in milliseconds.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from devkit.embedded.domain.filters import Condition, all_of
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.notifications import channels as channel_rules
from devkit.embedded.domain.notifications import events as event_rules
from devkit.embedded.domain.notifications.channels import Channel
from devkit.embedded.domain.notifications.events import Event
from devkit.embedded.domain.notifications.rules import Rule
from devkit.embedded.domain.ulid import encode
from devkit.embedded.store.listing import Listing, every, page, ref_among
from devkit.embedded.store.store import Store

CHANNEL = "notification-channel"
RULE = "notification-rule"
EVENT = "notification-event"
_ENABLED = Condition("body ->> '$.disabled' = 0", ())

Query = Mapping[str, Any]


def find_channel(store: Store, id_: str) -> Channel | None:
    """The channel with this id, deleted ones too."""
    return store.records.get(CHANNEL, id_)


def live_channels(store: Store, ids: Iterable[str]) -> dict[str, Channel]:
    """Those of the channels that are not deleted, disabled ones too, by id."""
    found = [channel for id_ in ids if (channel := find_channel(store, id_)) is not None]
    return {channel["id"]: channel for channel in found if "deletedAt" not in channel}


def active_channels(store: Store, rule: Rule) -> list[Channel]:
    """The channels of the rule that get its events."""
    return [channel for channel in live_channels(store, rule["channels"]).values() if channel_rules.is_active(channel)]


def channel_page(store: Store, query: Query, *, limit: int, offset: int) -> tuple[list[Channel], int]:
    """A page of the live channels, those that are disabled only where the query asks for them, newest first."""
    return page(store.records, _listing(CHANNEL, query, default="DESC"), limit=limit, offset=offset)


def put_channel(store: Store, channel: Channel) -> None:
    store.records.put(CHANNEL, channel)


def find_rule(store: Store, id_: str) -> Rule | None:
    """The rule with this id, deleted ones too."""
    return store.records.get(RULE, id_)


def rules_of_channel(store: Store, channel_id: str, *, deleted: bool = False) -> list[Rule]:
    """The rules that send to the channel, disabled ones too, by creation."""
    return store.records.by_ref(RULE, "channel", channel_id, deleted=deleted)


def active_rules(store: Store, type_: str) -> list[Rule]:
    """The rules of a type that make events, by creation."""
    of_type = Condition("body ->> '$.type' = ?", (type_,))
    return every(store.records, Listing(RULE, (_ENABLED, of_type)))


def rule_page(store: Store, query: Query, *, limit: int, offset: int) -> tuple[list[Rule], int]:
    """A page of the live rules, those that are disabled only where the query asks for them, oldest first."""
    return page(store.records, _listing(RULE, query, default="ASC"), limit=limit, offset=offset)


def put_rule(store: Store, rule: Rule) -> None:
    store.records.put(RULE, rule, refs={"channel": rule["channels"]})


def find_event(store: Store, id_: str) -> Event | None:
    return store.records.get(EVENT, id_)


def due_events(store: Store, now: datetime, limit: int) -> list[Event]:
    """The events of which a delivery is due, those that wait longest first."""
    sql = (
        "SELECT body FROM refs CROSS JOIN records ON records.kind = refs.kind AND records.id = refs.id"
        " WHERE refs.kind = ? AND refs.name = 'due' AND value <= ? ORDER BY value, refs.id LIMIT ?"
    )
    return [msgspec.json.decode(body) for (body,) in store.records.rows(sql, (EVENT, _milliseconds(now), limit))]


def last_event_with_hash(store: Store, hash_: str) -> Event | None:
    """The newest event with this hash."""
    found = store.records.by_ref(EVENT, "hash", hash_)
    return found[-1] if found else None


def any_event_between(store: Store, start: datetime, end: datetime) -> bool:
    """Whether any event of any rule was made between the instants, both included."""
    within = all_of([_moment(">=", start), _moment("<=", end)])
    # Ids sort by creation, so that only the events since then are looked at.
    sql = f"SELECT 1 FROM records WHERE kind = ? AND deleted = 0 AND id >= ? AND {within.sql} LIMIT 1"
    first = encode(max(0, int(start.timestamp() * 1000)), 0)
    return bool(store.records.rows(sql, (EVENT, first, *within.values)))


def event_page(store: Store, query: Query, *, limit: int, offset: int) -> tuple[list[Event], int]:
    """A page of the events that the query's filters let through, newest first."""
    conditions = [ref_among(EVENT, name, query[name]) for name in ("rule", "feature", "subject") if query.get(name)]
    if query.get("channel"):
        rules = [rule for id_ in query["channel"] for rule in rules_of_channel(store, id_, deleted=True)]
        conditions.append(ref_among(EVENT, "rule", [rule["id"] for rule in rules]))
    if "from" in query:
        conditions.append(_moment(">=", query["from"]))
    if "to" in query:
        conditions.append(_moment("<=", query["to"]))
    listing = Listing(EVENT, tuple(conditions), order="id", descending=query.get("order", "DESC") == "DESC")
    return page(store.records, listing, limit=limit, offset=offset)


def put_event(store: Store, event: Event) -> None:
    refs = {
        "rule": [event["ruleId"]],
        "feature": event_rules.annotation(event, event_rules.FEATURE_KEY, event_rules.FEATURE_ID),
        "subject": event_rules.annotation(event, event_rules.SUBJECT_KEY, event_rules.SUBJECT_ID),
        "hash": event_rules.annotation(event, event_rules.DEDUPLICATION_HASH),
        "due": [_milliseconds(due)] if (due := event_rules.due(event)) is not None else [],
    }
    store.records.put(EVENT, event, refs=refs)


def _listing(kind: str, query: Query, *, default: str) -> Listing:
    conditions = () if query.get("includeDisabled") else (_ENABLED,)
    descending = query.get("order", default) == "DESC"
    return Listing(kind, conditions, order=query.get("orderBy", "id"), descending=descending)


def _milliseconds(at: datetime) -> str:
    """The instant as a text of fixed length, so that the order of texts is that of time."""
    return f"{int(at.timestamp() * 1000):015d}"


def _moment(operator: str, at: datetime) -> Condition:
    # Without the zone, a moment with a fraction sorts behind the one without.
    return Condition(f"rtrim(body ->> '$.createdAt', 'Z') {operator} rtrim(?, 'Z')", (text_of(at),))
