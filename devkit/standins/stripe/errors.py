"""What Stripe says to a request that it refuses."""

from typing import Any

_LOG = "https://dashboard.stripe.com/test/logs/req_x"
INVALID = "invalid_request_error"


class StripeError(Exception):
    """A refusal: its status and the members of `error`."""

    def __init__(self, status: int, message: str, *, kind: str = INVALID, **members: str | None) -> None:
        super().__init__(message)
        self.status = status
        told = {"type": kind, "message": message, "request_log_url": _LOG}
        self.body: dict[str, Any] = {"error": told | {name: one for name, one in members.items() if one}}


def missing(what: str, id_: str) -> StripeError:
    return StripeError(404, f"No such {what}: '{id_}'", code="resource_missing", param="id")


def required(param: str) -> StripeError:
    return StripeError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> StripeError:
    return StripeError(400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def not_editable(message: str) -> StripeError:
    return StripeError(400, message, code="invoice_not_editable")
