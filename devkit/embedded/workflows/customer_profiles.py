"""Which billing profile a customer is billed by."""

from devkit.embedded.domain.billing import customer_overrides
from devkit.embedded.domain.billing import profiles as rules
from devkit.embedded.domain.billing.customer_overrides import CustomerOverride
from devkit.embedded.domain.billing.invoices import GATHERING
from devkit.embedded.domain.billing.lines import live
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.apps import find_app
from devkit.embedded.store.billing_profiles import default_profile, find_profile, put_profile
from devkit.embedded.store.customer_overrides import find_override, live_override, put_override
from devkit.embedded.store.customers import customer_by_id
from devkit.embedded.store.invoices import invoices_in_status
from devkit.embedded.store.store import Store


def profile_of_customer(store: Store, customer_id: str) -> BillingProfile:
    """The profile that the customer is pinned to, or else the default one. Raises Refusal where there is none."""
    return profile_of_override(store, live_override(store, customer_id))


def profile_of_override(store: Store, override: CustomerOverride | None) -> BillingProfile:
    """The profile that the override (none where it is None) stands for. Raises Refusal where there is none."""
    pinned = find_profile(store, override["billingProfileId"]) if override and "billingProfileId" in override else None
    return pinned or default_of(store)


def default_of(store: Store) -> BillingProfile:
    """The default profile. Raises Refusal where there is none."""
    found = default_profile(store)
    if found is None:
        raise rules.no_default()
    return found


def make_default(store: Store, profile: BillingProfile) -> None:
    """Takes the default away from the profile that had it, before this one is written with it.

    Where the invoices go to an app of another type from then on, customers whose subscriptions wait to be invoiced
    stay with the profile that they had.
    """
    old = default_profile(store)
    if old is None or old["id"] == profile["id"]:
        return
    put_profile(store, rules.demoted(old, now=format_instant(store.now())))
    if _app_type(store, old) != _app_type(store, profile):
        for customer_id in _unpinned_subscribers(store):
            _pin(store, customer_id, old["id"])


def _app_type(store: Store, profile: BillingProfile) -> str:
    app = find_app(store, profile["apps"]["invoicing"]["id"])
    return str(app["type"]) if app else ""


def _unpinned_subscribers(store: Store) -> list[str]:
    """The customers that are pinned to no profile with lines of subscriptions that are still gathered."""
    waiting = dict.fromkeys(
        invoice["customerId"]
        for invoice in invoices_in_status(store, GATHERING)
        if any("subscription" in line for line in live(invoice["lines"]))
    )
    return [customer_id for customer_id in waiting if _follows_default(store, customer_id)]


def _follows_default(store: Store, customer_id: str) -> bool:
    customer, override = customer_by_id(store, customer_id), live_override(store, customer_id)
    if customer is None or "deletedAt" in customer:
        return False
    return override is None or "billingProfileId" not in override


def _pin(store: Store, customer_id: str, profile_id: str) -> None:
    now = format_instant(store.now())
    known = find_override(store, customer_id)
    if known is None:
        put_override(store, customer_overrides.create(customer_id, profile_id, id_=store.new_id(), now=now))
    else:
        put_override(store, customer_overrides.replace(known, profile_id, now=now))
