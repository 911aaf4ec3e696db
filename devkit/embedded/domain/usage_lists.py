"""What may be asked about the subjects and group-by values that a meter has seen. Bounds come out as epoch seconds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from devkit.embedded.domain.errors import Invalid

Bounds = tuple[int | None, int | None]

_DEFAULT_RANGE = timedelta(hours=24)
_OLDEST = timedelta(days=90)
_WIDEST = timedelta(days=30)


def subject_bounds(start: datetime | None, end: datetime | None) -> Bounds:
    """The bounds of a list of subjects. Raises Invalid."""
    _refuse(_order_problems(start, end))
    return _second(start), _second(end)


def value_bounds(
    meter: Mapping[str, Any], key: str, start: datetime | None, end: datetime | None, now: datetime
) -> Bounds:
    """The bounds of a list of group-by values: the last day where none is given. Raises Invalid."""
    if start is None and end is None:
        start = now - _DEFAULT_RANGE
    problems = [] if key in meter.get("groupBy", {}) else ["group by key is not valid for this meter"]
    if start is not None and now - start >= _OLDEST:
        problems.append("from time must not be more than 90 days ago")
    problems += _order_problems(start, end)
    if start is not None and end is not None and end - start > _WIDEST:
        problems.append("time window must be less than 30 days")
    _refuse(problems)
    return _second(start), _second(end)


def _order_problems(start: datetime | None, end: datetime | None) -> list[str]:
    if start is None or end is None or start < end:
        return []
    return ["from and to cannot be equal" if start == end else "from time must be before to time"]


def _refuse(problems: list[str]) -> None:
    if problems:
        raise Invalid("\n".join(problems))


def _second(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() // 1)
