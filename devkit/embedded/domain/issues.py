"""Validation issues: what is wrong with a plan, an add-on, an assignment or a subscription, each with its place.

An issue's field is the path below the object that was looked at (`price`, `phases[?(@.key=='pro')].duration`); callers
put the path of the object in front with `under`. Critical issues refuse every write; warnings are kept with a draft
and refuse its publication.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Severity = Literal["critical", "warning"]

#: The name under which OpenMeter lets the status of an issue slip into its answers.
STATUS_ATTRIBUTE = "commonhttp.httpAttributeKey:openmeter.http.status_code"


@dataclass(frozen=True)
class Issue:
    """One violation.

    field:      path without the leading `$.`; empty where the issue has none
    status:     the HTTP status that it asks for; None: it asks for none
    attributes: further facts by name, shown beside the others in problems
    """

    message: str
    code: str = ""
    field: str = ""
    severity: Severity = "critical"
    status: int | None = None
    component: str = ""
    attributes: tuple[tuple[str, Any], ...] = ()

    def under(self, path: str) -> "Issue":
        """The same issue, seen from the object that has the one looked at in `path`.

        One with a code but without a field never gets a field; one without a code takes that of its object.
        """
        if self.code and not self.field:
            return self
        return replace(self, field=f"{path}.{self.field}" if self.field else path)


def critical(code: str, field: str, message: str, *, status: int | None = 400) -> Issue:
    return Issue(message, code, field, "critical", status)


def warning(code: str, field: str, message: str, *, status: int | None = 400) -> Issue:
    return Issue(message, code, field, "warning", status)


def under(path: str, issues: Iterable[Issue]) -> list[Issue]:
    """All of the issues below the path."""
    return [issue.under(path) for issue in issues]


def keyed(collection: str, key: str) -> str:
    """The path of a member of a list by its key: `phases[?(@.key=='pro')]`."""
    return f"{collection}[?(@.key=='{key}')]"


def criticals(issues: Iterable[Issue]) -> list[Issue]:
    return [issue for issue in issues if issue.severity == "critical"]


def shown(issues: Sequence[Issue]) -> list[dict[str, Any]] | None:
    """The `validationErrors` of a resource: None where there is nothing to report."""
    return [_embedded(issue) for issue in issues] or None


def reported(issues: Iterable[Issue], *, with_status: bool) -> list[dict[str, Any]]:
    """The `validationErrors` of a problem's extensions; with_status: the slipped attribute is in it."""
    return [_reported(issue, with_status) for issue in issues]


def _embedded(issue: Issue) -> dict[str, Any]:
    body: dict[str, Any] = {"field": _path(issue), "code": issue.code, "message": issue.message}
    attributes = dict(issue.attributes) | ({STATUS_ATTRIBUTE: issue.status} if issue.status else {})
    return body | ({"attributes": attributes} if attributes else {})


def _reported(issue: Issue, with_status: bool) -> dict[str, Any]:
    optional = {"field": _path(issue), "code": issue.code, "component": issue.component}
    body = {name: text for name, text in optional.items() if text} | dict(issue.attributes)
    if with_status and issue.status:
        body[STATUS_ATTRIBUTE] = issue.status
    return body | {"message": issue.message, "severity": issue.severity}


def _path(issue: Issue) -> str:
    return f"$.{issue.field}" if issue.field else ""
