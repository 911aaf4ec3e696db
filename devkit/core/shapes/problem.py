"""What is wrong in a file: each problem with its place, its key path and the way out, all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from devkit.core.errors import InputError, Place


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file: where, which key, what, and the way out."""

    place: Place
    path: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.place}: {self.text}" + (f" ({self.hint})" if self.hint else "")

    @property
    def text(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InputProblems(InputError):  # noqa: N818 - it is several errors
    """All problems of one file: one is the message, several are the evidence, each with its place and hint."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        if len(problems) == 1:
            super().__init__(first.text, place=first.place, hint=first.hint)
        else:
            lines = [str(problem) for problem in problems]
            super().__init__(f"{len(problems)} problems", place=Place(first.place.file), evidence=lines)
        self.problems = tuple(problems)


class Problems:
    """Collects what is wrong while a file is read."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, place: Place, path: str, message: str, hint: str | None = None) -> None:
        self.found.append(Problem(place, path, message, hint))

    def check(self) -> None:
        """Raises InputProblems, in the order of the file, where something was found."""
        if self.found:
            raise InputProblems(sorted(self.found, key=lambda p: (p.place.line, p.place.column)))
