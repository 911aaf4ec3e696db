"""Instants of documents: RFC 3339 texts there, plain datetimes in UTC where something is computed."""

from datetime import UTC, datetime
from functools import lru_cache

from devkit.embedded.domain.timestamps import format_instant, parse


@lru_cache(8192)
def instant(text: str) -> datetime:
    """The instant of an RFC 3339 text. Raises ValueError."""
    return plain(parse(text))


def plain(moment: datetime) -> datetime:
    """The same instant in UTC, as a plain datetime."""
    moved = moment.astimezone(UTC)
    return datetime.combine(moved.date(), moved.time(), UTC)


def text_of(moment: datetime) -> str:
    """The text of an instant in a document."""
    return format_instant(moment.astimezone(UTC))
