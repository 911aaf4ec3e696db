"""What a customer may use right now, feature by feature. The `time` of a query is never looked at."""

from devkit.embedded.domain import entitlement_views
from devkit.embedded.domain.errors import Plain
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.entitlements import active_entitlements_of_customer
from devkit.embedded.tags.entitlements.owners import entitlement_of, named_customer
from devkit.embedded.tags.entitlements.values import value_at


def access(call: Call) -> Reply:
    now = call.store.now()
    found = active_entitlements_of_customer(call.store, named_customer(call)["id"])
    values = {
        entitlement["featureKey"]: value_at(call, entitlement, now, entitlement_views.value_v2) or {}
        for entitlement in found
    }
    return Reply(200, {"entitlements": values})


def value(call: Call) -> Reply:
    customer = named_customer(call)
    now = call.store.now()
    try:
        found = entitlement_of(call, customer, call.path["featureKey"], now)
        return Reply(200, value_at(call, found, now, entitlement_views.value_v1) or {"hasAccess": False})
    except Plain as refusal:
        if refusal.status != 404:
            raise
        return Reply(200, {"hasAccess": False})


ROUTES = (
    Route("getCustomerAccess", access),
    Route("getCustomerEntitlementValue", value),
)
