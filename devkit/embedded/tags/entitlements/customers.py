"""Entitlements of customers, the second version of the API: create, list, get, delete, override."""

from devkit.embedded.domain import entitlement_inputs, entitlement_views
from devkit.embedded.domain import entitlements as rules
from devkit.embedded.domain.entitlement_lists import ordered
from devkit.embedded.domain.entitlements import Customer, Entitlement
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.entitlements import active_entitlements_of_customer
from devkit.embedded.tags.entitlements.owners import named_customer, path_entitlement
from devkit.embedded.workflows.entitling import create_entitlement, delete_entitlement, override_entitlement


def create(call: Call) -> Reply:
    customer = named_customer(call)
    wanted, grants = entitlement_inputs.of_v2(call.body, call.store.now())
    return Reply(201, _shown(call, create_entitlement(call.store, customer, wanted, grants), customer))


def list_of_customer(call: Call) -> Reply:
    customer = named_customer(call)
    found = ordered(active_entitlements_of_customer(call.store, customer["id"]), call.query)
    return Reply(200, page_of([_shown(call, entitlement, customer) for entitlement in found], call.query))


def get(call: Call) -> Reply:
    customer = named_customer(call)
    return Reply(200, _shown(call, path_entitlement(call, customer), customer))


def delete(call: Call) -> Reply:
    found = path_entitlement(call, named_customer(call))
    rules.check_unmanaged(found)
    delete_entitlement(call.store, found)
    return Reply(204)


def override(call: Call) -> Reply:
    customer = named_customer(call)
    old = path_entitlement(call, customer)
    wanted, grants = entitlement_inputs.of_v2(call.body, call.store.now())
    return Reply(201, _shown(call, override_entitlement(call.store, old, customer, wanted, grants), customer))


def _shown(call: Call, entitlement: Entitlement, customer: Customer) -> dict[str, object]:
    return entitlement_views.entitlement_v2(entitlement, customer, call.store.now())


ROUTES = (
    Route("createCustomerEntitlementV2", create),
    Route("listCustomerEntitlementsV2", list_of_customer),
    Route("getCustomerEntitlementV2", get),
    Route("deleteCustomerEntitlementV2", delete),
    Route("overrideCustomerEntitlementV2", override, atomic=False),
)
