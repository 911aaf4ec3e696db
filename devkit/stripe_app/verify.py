"""Proves that Stripe reaches OpenMeter through the public address, with a real event that changes nothing."""

from collections.abc import Callable

from devkit.core.errors import DevkitError
from devkit.stripe_app.account import Account
from devkit.stripe_app.endpoints import of_app, problems
from devkit.stripe_app.place import Place
from devkit.stripe_app.proof import Outcome, obstacle, prove

_SYNC = "devkit stripe sync repairs it"


def verify(place: Place, app: str, within: float = 30.0, *, arrived: Callable[[], int] | None = None) -> float:
    """The seconds until an event had arrived and OpenMeter had accepted it.

    app: its id at OpenMeter; within: seconds; arrived: how many events of this app OpenMeter has accepted so far.
    Without it Stripe alone is asked, and an account with other endpoints that do not answer proves nothing.
    Raises DevkitError that says what stands in the way.
    """
    account = Account(place.access)
    _check(account, place, app)
    outcome = prove(account, place.owner, within, arrived or _taken(place, app))
    if outcome.seconds is None:
        raise _diagnosed(place.webhook_url(app), within, outcome)
    return outcome.seconds


def _taken(place: Place, app: str) -> Callable[[], int] | None:
    taken = place.taken
    return (lambda: taken(app)) if taken is not None else None


def _check(account: Account, place: Place, app: str) -> None:
    """Raises DevkitError where the endpoint is not what it should be: an event would not arrive."""
    found = of_app(account.endpoints(), app, place.owner)
    if not found:
        raise DevkitError(f"the Stripe app {app} has no webhook endpoint at Stripe", hint=_SYNC)
    wrong = [one.text for one in problems(found[0], place.webhook_url(app), place.owner) if one.kind != "owner"]
    if wrong:
        raise DevkitError(f"the webhook endpoint {found[0].id} is not right: {'; '.join(wrong)}", hint=_SYNC)


def _diagnosed(url: str, within: float, outcome: Outcome) -> DevkitError:
    if found := obstacle(url):
        message = f"an event of Stripe's did not arrive within {within:g} seconds: {found}"
        return DevkitError(message, hint="devkit tunnel status and devkit status show which part is down")
    if outcome.taken:
        message = f"Stripe delivered its event, but not to this OpenMeter, though {url} leads to it"
        return DevkitError(message, hint="another instance may use the same address: devkit tunnel restart")
    message = (
        f"an event of Stripe's was not accepted within {within:g} seconds, though {url} leads to OpenMeter: it was"
        " refused, or Stripe is slow"
    )
    hint = (
        "https://dashboard.stripe.com/test/webhooks shows each attempt; where OpenMeter answers 400 its secret is"
        " another one's: delete the endpoint there, then devkit stripe sync"
    )
    return DevkitError(message, hint=hint)
