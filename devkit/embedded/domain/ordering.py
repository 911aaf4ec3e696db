"""The order of lists of documents."""

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any

Document = Mapping[str, Any]


def by(field: str) -> Callable[[Document], Any]:
    """The key that sorts documents by a field. Instants sort as such: as texts they do not, their fractions are cut."""
    return _instant(field) if field.endswith("At") else itemgetter(field)


def _instant(field: str) -> Callable[[Document], datetime]:
    return lambda document: datetime.fromisoformat(document[field])
