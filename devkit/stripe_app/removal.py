"""Removing what an instance has at Stripe, for `destroy`. OpenMeter need not answer for it."""

from collections.abc import Sequence

from devkit.adapters.stripe import StripeAccess
from devkit.stripe_app import orphans
from devkit.stripe_app.account import Account
from devkit.stripe_app.ownership import Owner


def remove(access: StripeAccess, owner: Owner, apps: Sequence[str] = ()) -> list[str]:
    """Deletes the webhook endpoints, customers and whatever else this instance made, and says what went.

    apps: the ids of its Stripe apps: their endpoints go even where devkit came to no writing its ownership
    Raises StripeFailureError and UnreachableError; what went before stays gone, and a second call goes on.
    """
    account = Account(access)
    said = []
    for endpoint in account.endpoints():
        if owner.owns(endpoint.metadata) or (endpoint.app in apps and endpoint.owner is None):
            account.delete_endpoint(endpoint.id)
            said.append(f"the webhook endpoint {endpoint.id} at Stripe")
    for thing in orphans.owned(account):
        if thing.owner.instance == owner.instance:
            orphans.delete(account, thing)
            said.append(f"the {thing.kind} {thing.id} at Stripe")
    return said
