"""How OpenMeter finds a meter's value when it checks a listed event: with another JSONPath library than its queries.

Here only double quotes quote, and what stands in brackets is an index: `$['v']`, which a query understands, is missing.
"""

from functools import lru_cache
from typing import Any

_ROOTS = ("$", "@")


class MissingError(LookupError):
    """The path leads nowhere, or the library does not understand it."""


def lookup(data: Any, path: str) -> Any:
    """The value at the path; lists come from ranges and from keys of lists. Raises MissingError."""
    for key, indexes in _steps(path):
        if indexes is None or key:
            data = _by_key(data, key)
        if indexes is not None:
            data = _by_indexes(data, indexes)
    return data


Indexes = tuple[int, ...]
_ALL: Indexes = ()


@lru_cache(maxsize=256)
def _steps(path: str) -> tuple[tuple[str, Indexes | None], ...]:
    """Per step the key and the indexes in brackets, where there are some; `_ALL` for `*`."""
    tokens = _tokens(path)
    return tuple(_step(token) for token in tokens[1:])


def _tokens(path: str) -> list[str]:
    if not path.startswith(_ROOTS):
        raise MissingError(path)
    tokens, part, quoted = [path[0]], "", False
    for letter in path[1:]:
        if letter == '"':
            part = part.removeprefix(".") if part == "." and not quoted else part
            quoted = not quoted
            continue
        part += letter
        if quoted or part == ".":
            continue
        if "[" in part and letter == "]" and not part.endswith("\\]"):
            tokens.append(part.removeprefix("."))
            part = part[:0]
        elif "[" not in part and letter == ".":
            tokens.append(part[:-1].removeprefix("."))
            part = letter
    part = f'"{part}' if quoted else part
    return [*tokens, part.removeprefix(".")] if part else tokens


def _step(token: str) -> tuple[str, Indexes | None]:
    key, bracket, rest = token.partition("[")
    if not bracket:
        if token in ("*", ""):  # a step to everything, which it has no operation for
            raise MissingError(token)
        return token, None
    inside = rest[:-1]
    if inside == "*":
        return key, _ALL
    try:
        return key, tuple(int(part.strip(" ")) for part in inside.split(","))
    except ValueError:
        raise MissingError(token) from None


def _by_key(data: Any, key: str) -> Any:
    if isinstance(data, dict) and key in data:
        return data[key]
    if not isinstance(data, list):
        raise MissingError(key)
    found = []
    for item in data:
        try:
            found.append(_by_key(item, key))
        except MissingError:
            continue
    return found


def _by_indexes(data: Any, indexes: Indexes) -> Any:
    if not isinstance(data, list) or not data:
        raise MissingError(indexes)
    if indexes == _ALL:
        return data
    try:
        items = [data[index] for index in indexes]
    except IndexError:
        raise MissingError(indexes) from None
    return items if len(items) > 1 else items[0]
