"""The JSONPath dialect of meters: what ClickHouse's JSON_VALUE understands, and nothing of RFC 9535 beyond it.

`$` followed by members (`.word`, `."any text"`, `['any text']`, `[word]`) and elements (`[0]`, `[1, 3]`, `[0 to 2]`,
`[*]`). The end of a range is exclusive. Blanks may stand between the parts.
"""

import re
from dataclasses import dataclass

_BLANKS = re.compile(r"\s*")
_MEMBER_WORD = re.compile(r"[A-Za-z0-9_$]+")
_BARE_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_INDEX = re.compile(r"([0-9]+)\s*(?:to\s+([0-9]+)\s*)?(,\s*|(?=\]))", re.IGNORECASE)
_QUOTED = {quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\.|{quote}{quote})*){quote}", re.DOTALL) for quote in "\"'`"}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_ESCAPED = {
    **{letter: letter for letter in "\\\"'`/="},
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "0": "\0",
    "a": "\a",
    "v": "\v",
    "e": "\x1b",
    "N": "",
}
_LARGEST_INDEX = 2**32


@dataclass(frozen=True)
class Member:
    """A property of an object."""

    name: str


@dataclass(frozen=True)
class Elements:
    """Elements of an array: ranges of indexes in this order, each with an exclusive end; None is the array's end."""

    ranges: tuple[tuple[int, int | None], ...]

    @property
    def single(self) -> int | None:
        """The index, where this is one element."""
        start, end = self.ranges[0]
        return start if len(self.ranges) == 1 and end == start + 1 else None


Step = Member | Elements
Path = tuple[Step, ...]


def parse(text: str) -> Path:
    """The steps of a path, none for `$`. Raises ValueError where ClickHouse would not take it."""
    at = _skip(text, 0)
    if not text.startswith("$", at):
        raise ValueError(f"a JSONPath begins with $: {text}")
    steps: list[Step] = []
    at = _skip(text, at + 1)
    while at < len(text):
        step, at = _step(text, at)
        steps.append(step)
        at = _skip(text, at)
    return tuple(steps)


def is_valid(text: str) -> bool:
    """Whether a meter may have this path."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _step(text: str, at: int) -> tuple[Step, int]:
    inner = _skip(text, at + 1)
    if text[at] == ".":
        name, end = _name(text, inner, _MEMBER_WORD, '"`')
        return Member(name), end
    if text[at] != "[":
        raise ValueError(f"unexpected {text[at]!r} in the JSONPath {text}")
    if text.startswith("*", inner):
        return Elements(((0, None),)), _closed(text, inner + 1)
    if text[inner : inner + 1].isdigit():
        return _indexes(text, inner)
    name, end = _name(text, inner, _BARE_WORD, "\"'`")
    return Member(name), _closed(text, end)


def _name(text: str, at: int, word: re.Pattern[str], quotes: str) -> tuple[str, int]:
    quote = text[at : at + 1]
    if quote and quote in quotes:
        found = _QUOTED[quote].match(text, at)
        if found is None or (found.group(1) == "" and quote != "'"):
            raise ValueError(f"the quoted name at {at} of the JSONPath {text} is empty or does not end")
        return _unescape(found.group(1).replace(quote * 2, quote)), found.end()
    found = word.match(text, at)
    if found is None:
        raise ValueError(f"a name is missing at {at} of the JSONPath {text}")
    return found.group(), found.end()


def _unescape(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found.group(1)
        if len(code) > 1:
            return chr(int(code[1:], 16))
        return _ESCAPED.get(code, found.group())

    return _ESCAPE.sub(plain, text)


def _indexes(text: str, at: int) -> tuple[Elements, int]:
    ranges: list[tuple[int, int | None]] = []
    while not text.startswith("]", at):
        found = _INDEX.match(text, at)
        if found is None:
            raise ValueError(f"no index or range at {at} of the JSONPath {text}")
        start = int(found.group(1))
        end = int(found.group(2)) if found.group(2) else start + 1
        if start >= end or end > _LARGEST_INDEX:
            raise ValueError(f"an empty or too large range in the JSONPath {text}")
        ranges.append((start, end))
        at = found.end()
    return Elements(tuple(ranges)), at + 1


def _closed(text: str, at: int) -> int:
    at = _skip(text, at)
    if not text.startswith("]", at):
        raise ValueError(f"a ] is missing at {at} of the JSONPath {text}")
    return at + 1
