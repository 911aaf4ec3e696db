"""The event store."""

from devkit.embedded.store.events.event_store import EventStore

__all__ = ["EventStore"]
