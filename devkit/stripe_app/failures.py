"""What goes wrong at Stripe, as one sentence and a way out. What passes by itself is tried again."""

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from devkit.core.errors import DevkitError, UnreachableError

if TYPE_CHECKING:
    import stripe

DEADLINE_SECONDS = 20.0

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0  # seconds
_KEY = re.compile(r"\b((?:sk|rk|pk)_(?:test|live)_|whsec_)[^\s'\",;]+")
_CONNECTION_WAYS_OUT = "look at the network and at the proxy variables; without a network use devkit up --offline"
_KEY_WAY_OUT = "set STRIPE_API_KEY to a key of the test mode: https://dashboard.stripe.com/test/apikeys"

T = TypeVar("T")


class StripeFailureError(DevkitError):
    """Stripe refused. status: of HTTP; code: Stripe's own, empty where it has none"""

    def __init__(self, message: str, *, hint: str | None = None, status: int | None, code: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


def asked(call: Callable[[], T], doing: str, *, within: float = DEADLINE_SECONDS) -> T:
    """What Stripe answers. Too many requests, errors of Stripe's own and broken connections are tried again.

    call: safe to be repeated; doing: what it is for, as in `could not …`; within: seconds until it is not tried again
    Raises StripeFailureError and UnreachableError, which never show a key.
    """
    import stripe

    deadline, pause = time.monotonic() + within, _FIRST_PAUSE
    while True:
        try:
            return call()
        except stripe.StripeError as error:
            if not _passes(error) or time.monotonic() + pause > deadline:
                raise explained(error, doing) from None
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)


def explained(error: "stripe.StripeError", doing: str) -> DevkitError:
    """doing: what was tried, as in `could not …`"""
    import stripe

    said = without_secrets(str(error.user_message or error)).rstrip(".")
    if isinstance(error, stripe.APIConnectionError) or error.http_status is None:
        return UnreachableError(f"could not {doing}: Stripe cannot be reached", hint=_CONNECTION_WAYS_OUT)
    sentence, hint = _sentence(error.http_status, said)
    code = str(error.code or "")
    return StripeFailureError(f"could not {doing}: {sentence}", hint=hint, status=error.http_status, code=code)


def without_secrets(text: str) -> str:
    """The text with keys and signing secrets of Stripe's cut down to their beginning."""
    return _KEY.sub(r"\1…", text)


def _passes(error: "stripe.StripeError") -> bool:
    import stripe

    if isinstance(error, stripe.APIConnectionError):
        return True
    return error.http_status in (409, 429) or (error.http_status or 0) >= 500


def _sentence(status: int, said: str) -> tuple[str, str | None]:
    """One sentence, and a way out."""
    if status == 401:
        return "Stripe does not accept the key", _KEY_WAY_OUT
    if status == 403:
        way_out = "give the restricted key this permission, or use a secret key (sk_test_…)"
        return f"the key is not allowed to ({said})", way_out
    if status == 429:
        return "Stripe has too many requests from this account", "wait a minute and try again"
    if status >= 500:
        return f"Stripe has a failure of its own ({status})", "https://status.stripe.com says more; try again later"
    return f"Stripe refuses ({said})", None
