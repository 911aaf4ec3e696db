"""The event store: acknowledged in a segment log, stored in DuckDB."""

from devkit.embedded.store.events.store import EventStore

__all__ = ["EventStore"]
