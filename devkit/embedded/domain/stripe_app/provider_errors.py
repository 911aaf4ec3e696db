"""What Stripe refuses, as OpenMeter tells it on."""

import json
from dataclasses import dataclass

from devkit.embedded.domain.errors import Invalid, PreconditionFailed, Refusal, Unauthorized

#: What Go writes as an escape in every JSON text.
_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


@dataclass(eq=False)
class ProviderError(Exception):
    """An answer of Stripe's that is none, or no answer.

    status: of HTTP; None where Stripe was not reached
    kind:   Stripe's `type` of errors
    """

    status: int | None
    message: str
    code: str = ""
    kind: str = ""
    param: str = ""
    doc_url: str = ""
    request_id: str = ""
    request_log_url: str = ""

    def __str__(self) -> str:
        return self.message


def refusal(error: ProviderError, *, app_id: str | None, namespace: str) -> Refusal:
    """What a request is answered that ended at Stripe. app_id: None while the app is being installed."""
    app = f"app {app_id}" if app_id else f"app in {namespace} namespace"
    if error.status == 400:
        return Invalid(issue_text(error))
    if error.status == 401:
        return Unauthorized(f"unauthorized error: provider authentication error for {app}: {error.message}")
    return PreconditionFailed(f"provider error for {app}: {error.message}")


def issue_text(error: ProviderError) -> str:
    """What an invoice keeps of it."""
    if error.status == 400:
        return f"stripe error: {error.message}, request log url: {error.request_log_url}"
    return error.message


def as_json(error: ProviderError) -> str:
    """All that is known of it, as OpenMeter keeps it with an invoice whose items Stripe refuses."""
    facts = {
        "code": error.code,
        "doc_url": error.doc_url,
        "status": error.status,
        "message": error.message,
        "param": error.param,
        "request_id": error.request_id,
        "request_log_url": error.request_log_url,
        "type": error.kind,
    }
    kept = {name: value for name, value in facts.items() if value or name in ("message", "type")}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
