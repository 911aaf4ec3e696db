"""The validation issues of an invoice: found by the steps of its life, each under the component that found it.

In an invoice in store: [{id, createdAt, updatedAt, severity, message, component, code?, field?}].
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from devkit.embedded.domain.errors import Plain
from devkit.embedded.domain.issues import Issue

StoredIssue = dict[str, Any]

#: The component of what OpenMeter itself finds.
OPENMETER = "openmeter"
#: The time of issues that were never stored.
NEVER = "0001-01-01T00:00:00Z"
_FACTS = ("severity", "message", "component", "code", "field")


def read(stored: Iterable[StoredIssue]) -> list[Issue]:
    """The issues of an invoice in store."""
    return [_issue(issue) for issue in stored]


def merged(issues: Iterable[Issue], component: str, found: Iterable[Issue]) -> list[Issue]:
    """The issues, where what this component found replaces what it found before."""
    others = [issue for issue in issues if issue.component != component]
    return [*others, *(replace(issue, component=component) for issue in found)]


def softened(issues: Iterable[Issue]) -> list[Issue]:
    """The same issues as warnings: someone wants to go on in spite of them."""
    return [replace(issue, severity="warning") for issue in issues]


def kept(
    issues: Iterable[Issue], known: Sequence[StoredIssue], *, new_id: Callable[[], str], now: str
) -> list[StoredIssue]:
    """The issues as an invoice keeps them: each once, and one that it had before as the one that it was."""
    former = {_issue(stored): stored for stored in known}
    fresh = {"createdAt": now, "updatedAt": now}
    return [
        former[issue] if issue in former else {"id": new_id(), **fresh, **_shown(issue)}
        for issue in dict.fromkeys(issues)
    ]


def unsaved(issue: Issue) -> StoredIssue:
    """An issue of an invoice that is never stored."""
    return {"id": "", "createdAt": NEVER, "updatedAt": NEVER, **_shown(issue)}


def refusal(issues: Sequence[Issue], detail: str = "") -> Plain:
    """Why something cannot be done: the first issue is told in the problem itself, the others beside it.

    detail: the text, where it says more than the messages do
    """
    first, *others = [_reported(issue) for issue in issues]
    more = [{"createdAt": NEVER, "updatedAt": NEVER, **issue} for issue in others]
    extensions = first | ({"additionalIssues": more} if more else {})
    return Plain(400, detail or "\n".join(issue.message for issue in issues), extensions)


def _issue(stored: StoredIssue) -> Issue:
    return Issue(**{name: stored[name] for name in _FACTS if name in stored})


def _shown(issue: Issue) -> dict[str, str]:
    optional = {"code": issue.code, "field": issue.field}
    told = {name: text for name, text in optional.items() if text}
    return {"severity": issue.severity, "message": issue.message, "component": issue.component, **told}


def _reported(issue: Issue) -> dict[str, str]:
    optional = {"component": issue.component, "path": issue.field, "code": issue.code}
    told = {name: text for name, text in optional.items() if text}
    return {"severity": issue.severity, "message": issue.message, **told}
