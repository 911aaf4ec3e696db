"""Refusals, as facts of the domain. http/problems.py turns each into a status and a problem body.

The text is what OpenMeter says after the prefix of its kind ("not found error: ", "validation error: ", …).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.embedded.domain.issues import Issue


class Refusal(Exception):  # noqa: N818 - the domain refuses; that is no error of the program
    """The base of all refusals; `detail` is the text without the prefix of its kind."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(Refusal):
    """404."""


class Invalid(Refusal):
    """400, with the prefix "validation error: "."""


class Malformed(Refusal):
    """400 without a prefix: the text is the whole detail."""


class Conflict(Refusal):
    """409."""


class Forbidden(Refusal):
    """403."""


class Unauthorized(Refusal):
    """401; the text is the whole detail."""


class NotImplementedByOpenMeter(Refusal):
    """501 because OpenMeter itself does not implement it (listing portal tokens)."""


class PreconditionFailed(Refusal):
    """412."""


class TooLarge(Refusal):
    """413."""


class InternalFailure(Refusal):
    """500 without a detail: OpenMeter answers so where it fails on input that it should have refused."""


class Unavailable(Refusal):
    """503; the text is the whole detail. Nothing of the request was kept; it may be sent again."""


class Plain(Refusal):
    """A status of its own; the text is the whole detail. Some areas of OpenMeter leave the prefix of the kind out.

    extensions: further facts that the problem tells
    """

    def __init__(self, status: int, detail: str, extensions: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.extensions = dict(extensions or {})


class IssuesFound(Refusal):
    """A status of its own with all issues in `extensions.validationErrors`.

    detail:      the text; empty: the problem has none (subscriptions)
    with_status: whether the status that each issue asks for is told beside it (plans, add-ons and their assignments)
    """

    def __init__(
        self, issues: Sequence[Issue], *, detail: str = "", status: int = 400, with_status: bool = False
    ) -> None:
        super().__init__(detail or "; ".join(issue.message for issue in issues))
        self.detail = detail
        self.issues = tuple(issues)
        self.status = status
        self.with_status = with_status
