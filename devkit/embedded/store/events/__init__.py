"""The event store."""

from devkit.embedded.store.events.database import FolderInUseError
from devkit.embedded.store.events.event_store import BacklogFullError, EventStore

__all__ = ["BacklogFullError", "EventStore", "FolderInUseError"]
