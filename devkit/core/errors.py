"""What can go wrong, and with which exit code devkit ends.

DevkitError                1  what was asked for failed
├── UsageError             2  wrong flags, settings or input files
│   └── InputError         2  the same, at a place in a file (file:line:column)
├── MissingToolError       4  a tool or a credential is not there
├── UnreachableError       5  a server could not be reached
└── InterruptedByUser    130  Ctrl-C

An unknown exception is a bug: exit code 3, with a log file (cli/boundary.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from devkit.core.redaction import redacted


class DevkitError(Exception):
    """A failure that devkit understands: one sentence, what shows it, and the way out.

    hint:     the next thing to do, as a command where there is one
    evidence: lines that show the cause (the end of a log, a response body)
    No secret is in any of them, wherever the words came from.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None, evidence: Sequence[str] = ()) -> None:
        self.message = redacted(message)
        super().__init__(self.message)
        self.hint = hint if hint is None else redacted(hint)
        self.evidence = tuple(map(redacted, evidence))


class UsageError(DevkitError):
    exit_code = 2


@dataclass(frozen=True)
class Place:
    """A position in an input file; line and column count from 1, 0 where unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


class InputError(UsageError):
    """Something wrong in a file that the user wrote."""

    def __init__(self, message: str, *, place: Place, hint: str | None = None, evidence: Sequence[str] = ()) -> None:
        super().__init__(f"{place}: {message}", hint=hint, evidence=evidence)
        self.place = place


class MissingToolError(DevkitError):
    exit_code = 4


class UnreachableError(DevkitError):
    exit_code = 5


_BY_EXIT_CODE = {kind.exit_code: kind for kind in (DevkitError, UsageError, MissingToolError, UnreachableError)}


def failure(exit_code: object, message: str, *, hint: str | None = None, evidence: Sequence[str] = ()) -> DevkitError:
    """A failure that another process of devkit told of, of the kind that it was there."""
    kind = _BY_EXIT_CODE.get(exit_code, DevkitError) if isinstance(exit_code, int) else DevkitError
    return kind(message, hint=hint, evidence=evidence)


class InterruptedByUser(DevkitError):  # noqa: N818 - an interruption is not an error of anybody's
    exit_code = 130
