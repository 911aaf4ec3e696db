"""Entitlements of subjects, the first version of the API.

Where the path takes the id of an entitlement alone, nobody looks at the subject.
"""

from devkit.embedded.domain import entitlement_inputs, entitlement_views
from devkit.embedded.domain import entitlements as rules
from devkit.embedded.domain.balance_history import Range
from devkit.embedded.domain.entitlements import Customer, Entitlement
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.windows import time_zone
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.entitlements import active_entitlements_of_customer
from devkit.embedded.store.grants import grants_of_entitlement
from devkit.embedded.tags.entitlements.owners import (
    customer_of_path_subject,
    entitlement_of,
    entitlement_with_id,
    owner_of_entitlement,
    path_entitlement,
)
from devkit.embedded.tags.entitlements.values import reset, value_at
from devkit.embedded.workflows.balance_histories import balance_history
from devkit.embedded.workflows.entitling import create_entitlement, delete_entitlement, override_entitlement
from devkit.embedded.workflows.granting import create_grant_v1

_MOST_GRANTS = 1000


def create(call: Call) -> Reply:
    wanted = entitlement_inputs.of_v1(call.body, call.store.now())
    customer = customer_of_path_subject(call)
    return Reply(201, _shown(call, create_entitlement(call.store, customer, wanted), customer))


def list_of_subject(call: Call) -> Reply:
    customer = customer_of_path_subject(call)
    found = active_entitlements_of_customer(call.store, customer["id"])
    return Reply(200, [_shown(call, entitlement, customer) for entitlement in found])


def get(call: Call) -> Reply:
    found = entitlement_with_id(call, call.path["entitlementId"])
    return Reply(200, _shown(call, found, owner_of_entitlement(call, found)))


def delete(call: Call) -> Reply:
    found = entitlement_with_id(call, call.path["entitlementId"])
    rules.check_unmanaged(found)
    delete_entitlement(call.store, found)
    return Reply(204)


def override(call: Call) -> Reply:
    wanted = entitlement_inputs.of_v1(call.body, call.store.now())
    customer = customer_of_path_subject(call)
    old = path_entitlement(call, customer)
    return Reply(201, _shown(call, override_entitlement(call.store, old, customer, wanted), customer))


def value(call: Call) -> Reply:
    customer = customer_of_path_subject(call)
    at = call.query.get("time") or call.store.now()
    found = entitlement_of(call, customer, call.path["entitlementIdOrFeatureKey"], at)
    return Reply(200, value_at(call, found, at, entitlement_views.value_v1) or {"hasAccess": False})


def history(call: Call) -> Reply:
    found = entitlement_with_id(call, call.path["entitlementId"])
    try:
        zone = time_zone(call.query.get("windowTimeZone") or "")
    except Invalid as error:
        raise InternalFailure("OpenMeter fails on a time zone that it does not know") from error
    asked = Range(call.query.get("from"), call.query.get("to"), call.query["windowSize"], zone)
    return Reply(200, balance_history(call.store, found, asked))


def reset_usage(call: Call) -> Reply:
    return reset(call, entitlement_with_id(call, call.path["entitlementId"]))


def list_grants(call: Call) -> Reply:
    found = path_entitlement(call, customer_of_path_subject(call))
    grants = grants_of_entitlement(call.store, found["id"])[:_MOST_GRANTS]
    return Reply(200, [entitlement_views.grant_v1(grant, call.store.now()) for grant in grants])


def create_grant(call: Call) -> Reply:
    found = path_entitlement(call, customer_of_path_subject(call))
    rules.check_metered(found)
    rules.check_unmanaged(found)
    grant = create_grant_v1(call.store, found, call.body)
    return Reply(201, entitlement_views.grant_v1(grant, call.store.now()))


def _shown(call: Call, entitlement: Entitlement, customer: Customer) -> dict[str, object]:
    return entitlement_views.entitlement_v1(entitlement, customer, call.store.now())


ROUTES = (
    Route("createEntitlement", create),
    Route("listSubjectEntitlements", list_of_subject),
    Route("getEntitlement", get),
    Route("deleteEntitlement", delete),
    Route("overrideEntitlement", override, atomic=False),
    Route("getEntitlementValue", value),
    Route("getEntitlementHistory", history),
    Route("resetEntitlementUsage", reset_usage),
    Route("listEntitlementGrants", list_grants),
    Route("createGrant", create_grant),
)
