"""What every shape can do, and the words that shapes share."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from devkit.core.shapes.problem import Problems
from devkit.core.yaml_source import Tree


class Shape(Protocol):
    """Anything that reads a tree and describes itself. `read` returns None after it added a problem."""

    def read(self, tree: Tree, path: str, problems: Problems) -> Any: ...

    def schema(self) -> dict[str, Any]: ...


def read(shape: Shape, tree: Tree) -> Any:
    """The values of the tree. Raises InputProblems listing everything that does not fit."""
    problems = Problems()
    value = shape.read(tree, "", problems)
    problems.check()
    return value


def nearest(word: str, known: Sequence[str]) -> str | None:
    """A hint: the known word that was probably meant."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6) or difflib.get_close_matches(
        word.lower(), [k for k in known if k.lower() == word.lower()], n=1
    )
    return f"did you mean {close[0]!r}?" if close else None


def shown(tree: Tree) -> str:
    """How a message shows the value that was found."""
    if isinstance(tree.value, Mapping):
        return "a mapping"
    if isinstance(tree.value, tuple):
        return "a list"
    words = {"None": "nothing", "True": "true", "False": "false"}
    text = repr(tree.value)
    text = words.get(text, text)
    return text if len(text) <= 60 else f"{text[:57]}..."


def described(schema: dict[str, Any], about: str) -> dict[str, Any]:
    return {"description": about, **schema} if about else schema
