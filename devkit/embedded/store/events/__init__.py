"""The event store."""

from devkit.embedded.store.events.event_store import EventStore
from devkit.embedded.store.events.folder_lock import FolderInUseError

__all__ = ["EventStore", "FolderInUseError"]
