"""What ties an instance to its account at Stripe, as far as commands need it that change nothing of the app."""

from dataclasses import dataclass

from devkit.adapters.stripe import StripeAccess
from devkit.stripe_app.ownership import Owner


@dataclass(frozen=True)
class StripeConnection:
    """access: the account; owner: whose what is made there is; app: the id of the Stripe app in OpenMeter"""

    access: StripeAccess
    owner: Owner
    app: str
