"""Which app serves a customer: the billing profile says so."""

from devkit.embedded.domain import apps as rules
from devkit.embedded.domain.apps import App
from devkit.embedded.store.apps import find_app
from devkit.embedded.store.billing_profiles import default_profile
from devkit.embedded.store.store import Store

_ROLES = ("tax", "invoicing", "payment")


def app_by_id(store: Store, id_: str, namespace: str) -> App:
    """The app with this id. Raises NotFound."""
    found = find_app(store, id_)
    if found is None:
        raise rules.unknown(namespace, id_)
    return found


def app_of_customer(store: Store, customer_id: str, type_: str) -> App:
    """The app of this type in the billing profile of the customer. Raises PreconditionFailed where there is none."""
    profile = default_profile(store)
    ids = {profile["apps"][role]["id"] for role in _ROLES} if profile else set()
    found = (app for id_ in sorted(ids) if (app := find_app(store, id_)) is not None and app["type"] == type_)
    app = next(found, None)
    if app is None:
        raise rules.not_in_profile(type_, customer_id)
    return app
