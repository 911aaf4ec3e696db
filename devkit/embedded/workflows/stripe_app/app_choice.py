"""Which Stripe app takes the payments where a request names none: the billing profile says so."""

from devkit.embedded.domain import apps as app_rules
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.stripe_app import sessions as rules
from devkit.embedded.store.apps import find_app
from devkit.embedded.store.billing_profiles import all_profiles
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_profiles import profile_of_customer


def payment_app_id(store: Store, customer: Customer | None) -> str:
    """The id of the payment app of the customer's profile. Raises NotFound where that is no Stripe app.

    customer: None: one that is yet to be made; the default profile must have a Stripe app then
    """
    if customer is not None:
        profile = profile_of_customer(store, customer["id"])
        if not _of_stripe(store, profile):
            raise rules.payment_app_of_another_type()
        return _payment_app_id(profile)
    candidates = [profile for profile in all_profiles(store) if _of_stripe(store, profile)]
    default = next((profile for profile in candidates if profile["default"]), None)
    if default is None:
        raise rules.no_profile_of_stripe(without_default=bool(candidates))
    return _payment_app_id(default)


def _of_stripe(store: Store, profile: BillingProfile) -> bool:
    app = find_app(store, _payment_app_id(profile))
    return app is not None and app["type"] == app_rules.STRIPE


def _payment_app_id(profile: BillingProfile) -> str:
    return str(profile["apps"]["payment"]["id"])
