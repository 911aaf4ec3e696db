"""FilterString and FilterTime: one operator per object, `$and` and `$or` to combine them.

They arrive as decoded JSON. Operators that a filter does not have are ignored, as OpenMeter does; null is absence.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.timestamps import parse

Filter = Mapping[str, Any]

_COMBINERS = ("$and", "$or")
_LISTS = ("$in", "$nin")
_COMPARISONS = {"$eq": "=", "$ne": "<>", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_PATTERNS = {"$like": "", "$nlike": "NOT ", "$ilike": "", "$nilike": "NOT "}
STRING_OPERATORS = frozenset((*_COMPARISONS, *_PATTERNS, *_LISTS, *_COMBINERS))
TIME_OPERATORS = frozenset(("$gt", "$gte", "$lt", "$lte", *_COMBINERS))
UNLIMITED_DEPTH = 1 << 30

_ASCII_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Condition:
    """A piece of SQL with `?` for each of its values, in order."""

    sql: str
    values: tuple[Any, ...]


def string_problem(filter_: Filter, depth: int = UNLIMITED_DEPTH) -> str | None:
    """What is wrong with a FilterString, in OpenMeter's words without a prefix; None where it is right.

    depth: how many levels of `$and` and `$or` may stand above one another.
    """
    return _problem(filter_, depth, STRING_OPERATORS)


def time_problem(filter_: Filter, depth: int = UNLIMITED_DEPTH) -> str | None:
    """The same of a FilterTime."""
    return _problem(filter_, depth, TIME_OPERATORS)


def string_condition(column: str, filter_: Filter) -> Condition | None:
    """A FilterString as SQL on a text column (compared bytewise); None where it filters nothing. It was found right."""
    return _condition(column, filter_, STRING_OPERATORS, _string_operand)


def time_condition(column: str, filter_: Filter) -> Condition | None:
    """A FilterTime as SQL on a column of epoch seconds; fractions are cut off. Raises ValueError for no date-time."""
    return _condition(column, filter_, TIME_OPERATORS, _time_operand)


def all_of(conditions: Iterator[Condition] | list[Condition]) -> Condition:
    """All of them together; true where there are none."""
    parts = list(conditions)
    return Condition(" AND ".join(c.sql for c in parts) or "true", tuple(v for c in parts for v in c.values))


def _operators(filter_: Filter, known: frozenset[str]) -> dict[str, Any]:
    return {name: operand for name, operand in filter_.items() if name in known and operand is not None}


def _problem(filter_: Filter, depth: int, known: frozenset[str]) -> str | None:
    operators = _operators(filter_, known)
    if len(operators) > 1:
        return "filter is invalid: multiple operators are set"
    for name, operand in operators.items():
        if name in _COMBINERS:
            if depth <= 0:
                return "filter complexity exceeds maximum allowed depth"
            return next(filter(None, (_problem(child, depth - 1, known) for child in operand)), None)
        if operand == "" or (name in _LISTS and "" in operand):
            return "filter is invalid: format mismatch"
    return None


def _condition(
    column: str, filter_: Filter, known: frozenset[str], operand_sql: Callable[[str, str, Any], Condition]
) -> Condition | None:
    for name, operand in _operators(filter_, known).items():
        if name not in _COMBINERS:
            return operand_sql(column, name, operand)
        children = [_condition(column, child, known, operand_sql) for child in operand]
        parts = [child for child in children if child is not None]
        if not parts:
            return None
        joined = f" {name[1:].upper()} ".join(part.sql for part in parts)
        return Condition(f"({joined})", tuple(value for part in parts for value in part.values))
    return None


def _string_operand(column: str, name: str, operand: Any) -> Condition:
    if name in _COMPARISONS:
        return Condition(f"{column} {_COMPARISONS[name]} ?", (operand,))
    if name in _LISTS:
        negated = "NOT " if name == "$nin" else ""
        return Condition(f"{negated}list_contains(?::VARCHAR[], {column})", (list(operand),))
    pattern = _escaped_once(operand)
    if name in ("$ilike", "$nilike"):
        # ClickHouse's LOWER, unlike DuckDB's, knows only the letters of ASCII.
        column = f"translate({column}, '{_ASCII_UPPER}', '{_ASCII_UPPER.lower()}')"
        pattern = pattern.translate(str.maketrans(_ASCII_UPPER, _ASCII_UPPER.lower()))
    return Condition(f"{column} {_PATTERNS[name]}LIKE ? ESCAPE '\\'", (pattern,))


def _time_operand(column: str, name: str, operand: Any) -> Condition:
    moment = operand if isinstance(operand, datetime) else parse(operand)
    return Condition(f"{column} {_COMPARISONS[name]} ?", (int(moment.timestamp() // 1),))


def _escaped_once(pattern: str) -> str:
    """In ClickHouse a backslash escapes only `%`, `_` and itself, and is a plain character before anything else.

    Raises InternalFailure for one at the end, which ClickHouse refuses.
    """
    parts: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        following = next(letters, "") if letter == "\\" else None
        if following is None:
            parts.append(letter)
        elif not following:
            raise InternalFailure("an escape at the end of a LIKE pattern")
        elif following in "%_\\":
            parts.append(letter + following)
        else:
            parts.append("\\\\" + following)
    return "".join(parts)
