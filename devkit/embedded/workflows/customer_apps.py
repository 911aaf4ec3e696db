"""Which app serves a customer: the billing profile says so."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain import apps as rules
from devkit.embedded.domain.apps import App
from devkit.embedded.domain.billing.profiles import ROLES
from devkit.embedded.store.apps import find_app
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_profiles import profile_of_customer


def app_by_id(store: Store, id_: str, namespace: str) -> App:
    """The app with this id, uninstalled or not; an uninstalled Stripe app is gone for good. Raises NotFound."""
    found = find_app(store, id_)
    if found is None or ("deletedAt" in found and found["type"] == rules.STRIPE):
        raise rules.unknown(namespace, id_)
    return found


def app_of_customer(store: Store, customer_id: str, type_: str, namespace: str) -> App:
    """The app of this type in the billing profile of the customer. Raises PreconditionFailed where there is none."""
    profile = profile_of_customer(store, customer_id)
    app = app_by_id(store, profile["apps"]["invoicing"]["id"], namespace)  # one app has all roles of a profile
    if app["type"] != type_:
        raise rules.not_in_profile(type_, customer_id)
    return app


def shown_apps(store: Store, profile: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """The apps of a profile or invoice by role, as the API shows them in full. Raises NotFound."""
    by_role = profile["apps"]
    return {role: rules.shown(app_by_id(store, by_role[role]["id"], namespace)) for role in ROLES}
