"""A real event of Stripe's on its way to OpenMeter: what proves that it arrived, and what stands in its way."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import httpx

from devkit.core.errors import DevkitError
from devkit.core.loopback import is_loopback
from devkit.core.stripe_signatures import HEADER, sign
from devkit.stripe_app.account import Account
from devkit.stripe_app.ownership import Owner

#: OpenMeter acknowledges it and does nothing, whatever it is about.
EVENT = "setup_intent.requires_action"

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0  # seconds
_LOOK_SECONDS = 5.0
_UNSIGNED = "no valid signature"


@dataclass(frozen=True)
class Outcome:
    """seconds: until the event arrived, None where it did not; taken: whether every endpoint took it, as Stripe says"""

    seconds: float | None
    taken: bool


def prove(
    account: Account,
    owner: Owner,
    within: float,
    arrived: Callable[[], int] | None = None,
    refused: Callable[[], int] | None = None,
) -> Outcome:
    """Has Stripe send an event, and waits until it arrived.

    arrived: how many events OpenMeter has taken; without it Stripe must say that no endpoint waits for the event
    refused: how many it has refused; one more ends the waiting
    Raises StripeFailureError and UnreachableError.
    """
    before, refused_before = arrived() if arrived else 0, refused() if refused else 0
    over = (lambda: refused() > refused_before) if refused else None
    started = time.monotonic()
    intent = account.ask_for_authentication(owner.metadata())
    try:
        there = (lambda: arrived() > before) if arrived else None
        return _waited(account, intent, started, within, arrived=there, over=over)
    finally:
        # It is about nothing and nobody's: one that stays does no harm.
        with suppress(DevkitError):
            account.cancel(intent)


def obstacle(url: str) -> str:
    """Why events do not get from the public address to OpenMeter, as a sentence; empty where they do.

    It sends an event that is signed by nobody, which OpenMeter must refuse.
    """
    about = {"id": "evt_devkit", "type": EVENT, "livemode": False, "created": 0, "data": {"object": {}}}
    body = json.dumps({**about, "object": "event", "api_version": "2024-09-30.acacia"}).encode()
    headers = {
        "Content-Type": "application/json",
        "ngrok-skip-browser-warning": "1",
        HEADER: sign("whsec_nobody", body, int(time.time())),
    }
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=_LOOK_SECONDS, trust_env=not is_loopback(url))
    except httpx.TimeoutException:
        return f"{url} does not answer within {_LOOK_SECONDS:g} seconds"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"{url} cannot be reached ({error or type(error).__name__})"
    if answer.status_code == 400 and _UNSIGNED in answer.text:
        return ""
    if answer.status_code == 404:
        return f"{url} answers 404: it does not lead to this app of OpenMeter"
    if answer.status_code >= 500:
        return f"{url} answers {answer.status_code}: nothing behind it, or OpenMeter fails"
    return f"{url} answers {answer.status_code}, as OpenMeter does not"


def _waited(
    account: Account,
    intent: str,
    started: float,
    within: float,
    *,
    arrived: Callable[[], bool] | None,
    over: Callable[[], bool] | None,
) -> Outcome:
    event, taken, pause = "", False, _FIRST_PAUSE
    while True:
        if arrived is not None and arrived():
            return Outcome(time.monotonic() - started, taken)
        event = event or _event(account, intent)
        taken = taken or (bool(event) and account.pending(event) == 0)
        if taken and arrived is None:
            return Outcome(time.monotonic() - started, taken)
        if time.monotonic() - started > within or (over is not None and over()):
            return Outcome(None, taken)
        time.sleep(pause)
        pause = min(_LONGEST_PAUSE, pause * 2)


def _event(account: Account, intent: str) -> str:
    found = account.event_about(EVENT, intent)
    return str(found["id"]) if found else ""
