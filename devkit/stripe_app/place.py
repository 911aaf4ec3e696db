"""Where the Stripe app of an instance lives: between one OpenMeter and one account at Stripe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.stripe_app.ownership import Owner

#: Has an app of OpenMeter's work with another endpoint: (app, id of the endpoint, secret that signs its events).
Renew = Callable[[str, str, str], None]


def _everybody(_: Owner) -> bool:
    return True


@dataclass(frozen=True)
class Place:
    """Everything that the work on the app needs.

    public_url: where Stripe reaches the gateway, without a slash at its end
    admit:      lets the webhooks of these apps in through the gateway, and of no other
    alive:      whether an instance of this machine is still there; what dead ones left at Stripe may be removed
    renew:      where OpenMeter's own store can be written: its API cannot do it. None: not here
    taken:      how many webhooks of an app OpenMeter has accepted; None: nobody counts
    refused:    how many of them it has refused
    """

    openmeter: OpenMeter
    access: StripeAccess
    public_url: str
    owner: Owner
    admit: Callable[[Sequence[str]], None]
    alive: Callable[[Owner], bool] = _everybody
    renew: Renew | None = None
    taken: Callable[[str], int] | None = None
    refused: Callable[[str], int] | None = None

    def webhook_url(self, app: str) -> str:
        """Where Stripe sends the events of an app."""
        return f"{self.public_url}/api/v1/apps/{app}/stripe/webhook"
