"""Delivers events: attempts what is due and writes down what came of it. No transaction is open while it waits."""

import logging
import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from devkit.embedded.domain.notifications import channels, deliveries, events
from devkit.embedded.domain.notifications.channels import Channel
from devkit.embedded.domain.notifications.deliveries import Delivery
from devkit.embedded.domain.notifications.events import Event
from devkit.embedded.store.notifications import due_events, find_channel, find_event, find_rule, put_event
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.notifications.posting import post

_BATCH = 200
_log = logging.getLogger(__name__)


class Dispatcher:
    """One thread for each channel with something due, so that a slow receiver holds up nobody else."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._application = namespace
        self._busy: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def dispatch(self) -> None:
        """Begins with every delivery that is due, and returns at once."""
        now = self._store.now()
        by_channel: dict[str, list[str]] = {}
        for event in due_events(self._store, now, _BATCH):
            for delivery in event["deliveries"]:
                if deliveries.is_due(delivery, now):
                    by_channel.setdefault(delivery["channelId"], []).append(event["id"])
        for channel_id, event_ids in by_channel.items():
            self._begin(channel_id, event_ids)

    def wait(self, seconds: float) -> None:
        """Waits for the attempts under way, each as long."""
        with self._lock:
            threads = list(self._busy.values())
        for thread in threads:
            thread.join(seconds)

    def _begin(self, channel_id: str, event_ids: Iterable[str]) -> None:
        with self._lock:
            if channel_id in self._busy:
                return
            thread = threading.Thread(
                target=self._deliver_all, args=(channel_id, event_ids), name=f"delivery-{channel_id}", daemon=True
            )
            self._busy[channel_id] = thread
            thread.start()

    def _deliver_all(self, channel_id: str, event_ids: Iterable[str]) -> None:
        try:
            for event_id in event_ids:
                self._deliver(event_id, channel_id)
        except Exception as error:  # noqa: BLE001 - what is not written down now is attempted again
            _log.warning("deliveries to channel %s broke off: %s", channel_id, error)
        finally:
            with self._lock:
                del self._busy[channel_id]

    def _deliver(self, event_id: str, channel_id: str) -> None:
        # This thread does not last: outside of transactions it would leave a connection to the store behind.
        with self._store.records.transaction():
            found = self._due(event_id, channel_id)
            if found is None:
                return
            event, delivery = found
            channel, reason = self._receiver(event, channel_id)
            if channel is None:
                self._keep(event, deliveries.failed(delivery, reason, self._store.now()))
                return
        made = self._attempt(event, channel)
        with self._store.records.transaction():
            found = self._due(event_id, channel_id)
            if found is not None:
                event, delivery = found
                done = deliveries.attempted(delivery, made, self._annotations(event), self._store.now())
                self._keep(event, done)

    def _due(self, event_id: str, channel_id: str) -> tuple[Event, Delivery] | None:
        """The event and its delivery to the channel as they stand now, unless that is over."""
        event = find_event(self._store, event_id)
        for delivery in event["deliveries"] if event else ():
            if delivery["channelId"] == channel_id and "due" in delivery:
                return event or {}, delivery
        return None

    def _receiver(self, event: Event, channel_id: str) -> tuple[Channel | None, str]:
        """The channel, or why it gets nothing."""
        channel, rule = find_channel(self._store, channel_id), find_rule(self._store, event["ruleId"])
        if channel is None or "deletedAt" in channel:
            return None, deliveries.CHANNEL_NOT_FOUND
        if rule is None or "deletedAt" in rule or channel_id not in rule["channels"]:
            return None, deliveries.RULE_NOT_ASSIGNED
        return (channel, "") if channels.is_active(channel) else (None, deliveries.CHANNEL_DISABLED)

    def _attempt(self, event: Event, channel: Channel) -> dict[str, Any]:
        now = self._store.now()
        answer = post(channel, event["messageId"], events.payload(event), self._system_time(now))
        return deliveries.attempt(
            now, status=answer.status, body=answer.body, milliseconds=answer.milliseconds, url=channel["url"]
        )

    def _system_time(self, now: datetime) -> int:
        """Receivers have clocks of their own and refuse what is old or early; ours may have been moved."""
        return int((now - self._store.clock.offset).timestamp())

    def _annotations(self, event: Event) -> dict[str, str]:
        return {
            "svix.application.uid": self._application,
            "svix.event.type": event["type"],
            "svix.message.event_id": event["id"],
            "svix.message.id": event["messageId"],
        }

    def _keep(self, event: Event, delivery: Delivery) -> None:
        put_event(self._store, events.with_delivery(event, delivery))
