"""How a check ends other than well, and what is kept of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from devkit.core.redaction import redacted

Status = Literal["passed", "failed", "skipped"]


class CheckFailed(Exception):  # noqa: N818 - the field's own word
    """One sentence with what was expected and what came. The runner adds the exchange as evidence.

    evidence: replaces the last exchange where it is not the one that shows the failure
    """

    def __init__(self, sentence: str, *, evidence: Sequence[str] = (), hint: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.evidence = tuple(evidence)
        self.hint = hint


class CheckSkipped(Exception):  # noqa: N818 - not an error
    """The server is configured so that there is nothing to check; `reason` names the setting."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Call:
    """One call that a check made to prove something: the operation and the status of the answer."""

    operation: str
    status: int

    @property
    def refused(self) -> bool:
        return self.status >= 400


@dataclass(frozen=True)
class Result:
    """What came of one check. `message` is the failure's sentence or the reason for skipping."""

    name: str
    tag: str
    title: str
    status: Status
    seconds: float
    message: str = ""
    hint: str | None = None
    evidence: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    unreachable: bool = False

    def without_secrets(self) -> "Result":
        """As people and reports may see it."""
        hint = self.hint if self.hint is None else redacted(self.hint)
        return replace(self, message=redacted(self.message), hint=hint, evidence=tuple(map(redacted, self.evidence)))
