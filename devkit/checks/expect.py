"""Comparisons that fail with one sentence: what was looked at, what was expected, what came."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from devkit.checks.outcomes import CheckFailed

LONGEST_SHOWN = 160


class _Absent:
    """Stands for a field that must not be there."""

    def __repr__(self) -> str:
        return "no such field"


ABSENT: Final = _Absent()


def equal(what: str, actual: Any, expected: Any, *, hint: str | None = None) -> None:
    """Same value at every depth; integers and floats of one value are the same, true and 1 are not."""
    if (found := _difference(what, actual, expected, partial=False)) is not None:
        raise CheckFailed(found, hint=hint)


def contains(what: str, actual: Any, expected: Mapping[str, Any]) -> None:
    """Every expected field is there with its value, at every depth; others may be too. ABSENT forbids a field."""
    if (found := _difference(what, actual, expected, partial=True)) is not None:
        raise CheckFailed(found)


def true(sentence: str, condition: object) -> None:
    if not condition:
        raise CheckFailed(sentence)


def field(what: str, holder: Any, *names: str) -> Any:
    """The value below `names`, one level each. Fails where one of them is missing."""
    for name in names:
        if not isinstance(holder, Mapping) or name not in holder:
            raise CheckFailed(f"{what} has no field {name}: got {show(holder)}")
        holder = holder[name]
    return holder


def fields(what: str, holders: Any, *names: str) -> list[Any]:
    """`field` of each item of an array."""
    return [field(f"{what}[{index}]", holder, *names) for index, holder in enumerate(array(what, holders))]


def array(what: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise CheckFailed(f"{what}: expected an array, got {show(value)}")
    return value


def same_items(what: str, actual: Iterable[Any], expected: Iterable[Any]) -> None:
    """The same items in any order, each as often."""
    equal(f"{what} (in any order)", sorted(actual, key=show), sorted(expected, key=show))


def show(value: Any) -> str:
    """A value as JSON on one line, cut where it is long."""
    if isinstance(value, _Absent):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=repr)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _difference(where: str, actual: Any, expected: Any, *, partial: bool) -> str | None:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return _difference_of_objects(where, actual, expected, partial=partial)
    if _is_array(expected) and _is_array(actual):
        return _difference_of_arrays(where, actual, expected, partial=partial)
    if isinstance(actual, bool) is isinstance(expected, bool) and actual == expected:
        return None
    return f"{where}: expected {show(expected)}, got {show(actual)}"


def _difference_of_objects(
    where: str, actual: Mapping[str, Any], expected: Mapping[str, Any], *, partial: bool
) -> str | None:
    for name, value in expected.items():
        found = _difference(f"{where}.{name}", actual.get(name, ABSENT), value, partial=partial)
        if found is not None:
            return found
    surplus = [] if partial else [name for name in actual if name not in expected]
    return f"{where}.{surplus[0]}: expected no such field, got {show(actual[surplus[0]])}" if surplus else None


def _difference_of_arrays(where: str, actual: Sequence[Any], expected: Sequence[Any], *, partial: bool) -> str | None:
    if len(actual) != len(expected):
        return f"{where}: expected {_count(expected)}, got {_count(actual)}: {show(actual)}"
    for index, (left, right) in enumerate(zip(actual, expected, strict=True)):
        found = _difference(f"{where}[{index}]", left, right, partial=partial)
        if found is not None:
            return found
    return None


def _count(items: Sequence[Any]) -> str:
    return "1 item" if len(items) == 1 else f"{len(items)} items"


def _is_array(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
