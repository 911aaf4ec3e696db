"""Where the Stripe app of an instance lives: between one OpenMeter and one account at Stripe."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.stripe_app.ownership import Owner


@dataclass(frozen=True)
class Place:
    """Everything that the work on the app needs.

    public_url: where Stripe reaches the gateway, without a slash at its end
    admit:      lets the webhooks of these apps in through the gateway, and of no other
    """

    openmeter: OpenMeter
    access: StripeAccess
    public_url: str
    owner: Owner
    admit: Callable[[Sequence[str]], None]

    def webhook_url(self, app: str) -> str:
        """Where Stripe sends the events of an app."""
        return f"{self.public_url}/api/v1/apps/{app}/stripe/webhook"
