"""What may be asked of the event listings, and the complaints about it, in OpenMeter's words and order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from devkit.embedded.domain import filters
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.event_cursor import Cursor
from devkit.embedded.domain.filters import Condition
from devkit.embedded.domain.timestamps import ZERO, format_seconds

LONGEST = timedelta(days=32)
MAXIMUM = 100
_STRINGS = (("id", "id"), ("source", "source"), ("subject", "subject"), ("type", "type"))
_TIMES = (("time", "time", "time"), ("ingestedAt", "ingested_at", "ingested_at"))

Query = Mapping[str, Any]


@dataclass(frozen=True)
class Period:
    """The instants of a v1 listing; `begin` is inclusive, ends are exclusive."""

    begin: datetime
    end: datetime | None
    ingested_begin: datetime | None
    ingested_end: datetime | None


def period(query: Query, now: datetime) -> Period:
    """Where `from` is missing, the longest look back that is allowed. Raises Invalid."""
    oldest = now - LONGEST
    asked = Period(
        begin=query.get("from", oldest + timedelta(seconds=1)),
        end=query.get("to"),
        ingested_begin=query.get("ingestedAtFrom"),
        ingested_end=query.get("ingestedAtTo"),
    )
    problems = _period_problems(asked, oldest)
    if problems:
        raise Invalid("validate input: " + "\n".join(problems))
    return asked


def listing(query: Query, asked: Period) -> list[Condition]:
    """The conditions of a v1 listing but for those on customers."""
    conditions = [_seconds("time >=", asked.begin)]
    if asked.end is not None:
        conditions.append(_seconds("time <", asked.end))
    if asked.ingested_begin is not None:
        conditions.append(_seconds("ingested_at >=", asked.ingested_begin))
    if asked.ingested_end is not None:
        conditions.append(_seconds("ingested_at <", asked.ingested_end))
    found = filters.string_condition("id", {"$like": f"%{query['id']}%"}) if "id" in query else None
    if found is not None:
        conditions.append(found)
    if "subject" in query:
        conditions.append(Condition("subject = ?", (query["subject"],)))
    return conditions


def listing_v2(filter_: Query, cursor: Cursor | None) -> list[Condition]:
    """The conditions of a v2 listing but for those on customers and of the cursor. Raises Invalid."""
    problems = [f"cursor: {problem}" for problem in [*(cursor.problems() if cursor else ())]]
    if len(problems) > 1:
        problems = ["cursor: " + "\n".join(cursor.problems() if cursor else ())]
    problems += _filter_problems(filter_)
    if problems:
        raise Invalid("validate input: " + "\n".join(problems))
    found = [filters.string_condition(column, filter_[name]) for name, column in _STRINGS if name in filter_]
    found += [filters.time_condition(column, filter_[name]) for name, column, _ in _TIMES if name in filter_]
    return [condition for condition in found if condition is not None]


def of_subjects(subjects: Sequence[str]) -> list[Condition]:
    """The condition that customers put on subjects; none where they have no subjects at all."""
    return [Condition("list_contains(?::VARCHAR[], subject)", (list(subjects),))] if subjects else []


def _period_problems(asked: Period, oldest: datetime) -> list[str]:
    def text(moment: datetime) -> str:
        return format_seconds(moment)

    problems = ["from date is required"] if asked.begin == ZERO else []
    if oldest > asked.begin:
        problems.append(f"from date is too old: {text(asked.begin)}, must be after {text(oldest)}")
    if asked.end is not None and asked.end < asked.begin:
        problems.append(f"to date is before from date: {text(asked.end)} < {text(asked.begin)}")
    if asked.ingested_begin is not None and oldest > asked.ingested_begin:
        asked_and_limit = f"{text(asked.ingested_begin)}: {text(oldest)}"
        problems.append(f"ingestedAtFrom date is too old, must be after: {asked_and_limit}")
    if (
        asked.ingested_begin is not None
        and asked.ingested_end is not None
        and asked.ingested_end < asked.ingested_begin
    ):
        dates = f"{text(asked.ingested_end)} < {text(asked.ingested_begin)}"
        problems.append(f"ingestedAtTo date is before ingestedAtFrom date: {dates}")
    return problems


def _filter_problems(filter_: Query) -> list[str]:
    problems = []
    for name, _ in _STRINGS:
        problem = filters.string_problem(filter_[name], depth=1) if name in filter_ else None
        if problem is not None:
            problems.append(f"{name}: validation error: {problem}")
    for name, _, said in _TIMES:
        problem = filters.time_problem(filter_[name], depth=1) if name in filter_ else None
        if problem is not None:
            problems.append(f"{said}: validation error: {problem}")
    return problems


def _seconds(comparison: str, moment: datetime) -> Condition:
    return Condition(f"{comparison} ?", (int(moment.timestamp() // 1),))
