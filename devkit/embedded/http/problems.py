"""Refusals as problem bodies: status, prefix of the kind, and what else of RFC 7807 OpenMeter fills in."""

from http import HTTPStatus
from typing import Any

from devkit.embedded.domain import errors
from devkit.embedded.http.calls import Reply

MEDIA_TYPE = "application/problem+json"

#: Status and prefix of each kind of refusal; None: the text stands alone or, with a 500, not at all.
_KINDS: dict[type[errors.Refusal], tuple[int, str]] = {
    errors.Conflict: (409, "conflict error: "),
    errors.Forbidden: (403, "forbidden error: "),
    errors.NotImplementedByOpenMeter: (501, "not implemented error: "),
    errors.Invalid: (400, "validation error: "),
    errors.Malformed: (400, ""),
    errors.NotFound: (404, "not found error: "),
    errors.Unauthorized: (401, ""),
    errors.PreconditionFailed: (412, "precondition failed error: "),
    errors.TooLarge: (413, "request entity too large error: "),
    errors.Unavailable: (503, ""),
}


def of_refusal(refusal: errors.Refusal, request_id: str) -> Reply:
    """The problem of a refusal by a rule; an internal failure says nothing of its cause."""
    if isinstance(refusal, errors.Plain):
        return problem(refusal.status, refusal.detail, request_id)
    for kind in type(refusal).__mro__:
        if kind in _KINDS:
            status, prefix = _KINDS[kind]
            return problem(status, prefix + refusal.detail, request_id)
    return problem(500, None, request_id)


def problem(status: int, detail: str | None, request_id: str | None, extensions: dict[str, Any] | None = None) -> Reply:
    """A problem. request_id None: without `instance`, as OpenMeter's validator answers."""
    body: dict[str, Any] = {"type": "about:blank", "title": title(status), "status": status}
    if detail is not None:
        body["detail"] = detail
    if request_id is not None:
        body["instance"] = f"urn:request:{request_id}"
    if extensions:
        body["extensions"] = extensions
    return Reply(status, body, media_type=MEDIA_TYPE)


def title(status: int) -> str:
    """Go's text of a status."""
    if status == 413:
        return "Request Entity Too Large"
    return HTTPStatus(status).phrase
