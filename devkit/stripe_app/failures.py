"""What goes wrong at Stripe, as one sentence and a way out. What passes by itself is tried again."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from devkit.core.errors import DevkitError, UnreachableError

if TYPE_CHECKING:
    import stripe

DEADLINE_SECONDS = 20.0
CONNECTION_SECONDS = 5.0  # a network that is not there is told sooner

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 3.0  # seconds
_CONNECTION_WAYS_OUT = "look at the network and at the proxy variables; without a network use devkit up --offline"
#: For a key that Stripe does not accept, and for an address that it does not send to.
KEY_WAY_OUT = "set STRIPE_API_KEY to a key of the test mode: https://dashboard.stripe.com/test/apikeys"
ADDRESS_WAY_OUT = (
    "Stripe sends to public addresses only: devkit up --tunnel ngrok, or --tunnel static --tunnel-url https://…"
)

T = TypeVar("T")


class StripeFailureError(DevkitError):
    """Stripe refused. status: of HTTP; code: Stripe's own, empty where it has none"""

    def __init__(self, message: str, *, hint: str | None = None, status: int | None, code: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


def asked(call: Callable[[], T], doing: str, *, within: float | None = None) -> T:
    """What Stripe answers. Too many requests, errors of Stripe's own and broken connections are tried again.

    call: safe to be repeated; doing: what it is for, as in `could not …`; within: seconds until it is not tried again,
    DEADLINE_SECONDS where nothing is said
    Raises StripeFailureError and UnreachableError, which never show a key.
    """
    import stripe

    started, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        try:
            return call()
        except stripe.StripeError as error:
            if not _passes(error) or time.monotonic() + pause > started + _patience(error, within):
                raise explained(error, doing) from None
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)


def explained(error: "stripe.StripeError", doing: str) -> DevkitError:
    """doing: what was tried, as in `could not …`"""
    import stripe

    said = str(error.user_message or error).rstrip(".")
    if isinstance(error, stripe.APIConnectionError) or error.http_status is None:
        return UnreachableError(f"could not {doing}: Stripe cannot be reached", hint=_CONNECTION_WAYS_OUT)
    sentence, hint = _sentence(error.http_status, said)
    code = str(error.code or "")
    return StripeFailureError(f"could not {doing}: {sentence}", hint=hint, status=error.http_status, code=code)


def is_about_address(said: str) -> bool:
    """Whether Stripe refuses to send events to an address."""
    return "publicly accessible" in said or "Invalid URL" in said


def _passes(error: "stripe.StripeError") -> bool:
    import stripe

    if isinstance(error, stripe.APIConnectionError):
        return True
    return error.http_status in (409, 429) or (error.http_status or 0) >= 500


def _patience(error: "stripe.StripeError", within: float | None) -> float:
    import stripe

    longest = DEADLINE_SECONDS if within is None else within
    return min(longest, CONNECTION_SECONDS) if isinstance(error, stripe.APIConnectionError) else longest


def _sentence(status: int, said: str) -> tuple[str, str]:
    """One sentence, and a way out."""
    if status == 401:
        return "Stripe does not accept the key", KEY_WAY_OUT
    if status == 403:
        way_out = "give the restricted key this permission, or use a secret key (sk_test_…)"
        return f"the key is not allowed to ({said})", way_out
    if status == 429:
        return "Stripe has too many requests from this account", "wait a minute and try again"
    if status >= 500:
        return f"Stripe has a failure of its own ({status})", "https://status.stripe.com says more; try again later"
    if is_about_address(said):
        return f"Stripe refuses the address ({said})", ADDRESS_WAY_OUT
    return f"Stripe refuses ({said})", "https://dashboard.stripe.com/test/logs shows the request"
