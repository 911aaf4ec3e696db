"""Whether a customer can be billed: the app of the customer's billing profile has a say."""

from devkit.embedded.domain.billing.app_results import AppFailure
from devkit.embedded.domain.errors import Conflict
from devkit.embedded.domain.subscriptions.spec import Spec
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_profiles import profile_of_customer
from devkit.embedded.workflows.invoicing_apps import invoicing_app


def check_can_be_billed(store: Store, customer_id: str, spec: Spec) -> None:
    """Raises Conflict where the subscription has prices and the app that would invoice them cannot serve the customer.

    Raises Refusal where there is no billing profile.
    """
    if not spec.has_billables:
        return
    profile = profile_of_customer(store, customer_id)
    try:
        invoicing_app(store, profile["apps"]["invoicing"]["id"]).validate({"customer": {"id": customer_id}})
    except AppFailure as failure:
        raise Conflict(f"invalid billing setup: {failure}") from failure
