"""Usage of meters out of the event store: SQL, and tables of extracted values for what is asked often."""

from devkit.embedded.store.usage.subject_usage import SubjectUsage
from devkit.embedded.store.usage.usage_store import UsageStore

__all__ = ["SubjectUsage", "UsageStore"]
