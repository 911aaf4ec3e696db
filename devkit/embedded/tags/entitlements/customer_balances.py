"""Balances of customers' entitlements, the second version of the API: value, history, reset, grants."""

from devkit.embedded.domain import entitlement_views
from devkit.embedded.domain import entitlements as rules
from devkit.embedded.domain.balance_history import Range
from devkit.embedded.domain.errors import Invalid, Plain
from devkit.embedded.domain.windows import time_zone
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.grants import grants_of_entitlement
from devkit.embedded.tags.entitlements.owners import entitlement_of, named_customer, path_entitlement
from devkit.embedded.tags.entitlements.values import reset, value_at
from devkit.embedded.workflows.balance_histories import balance_history
from devkit.embedded.workflows.granting import create_grant_v2


def value(call: Call) -> Reply:
    customer = named_customer(call)
    at = call.query.get("time") or call.store.now()
    try:
        found = entitlement_of(call, customer, call.path["entitlementIdOrFeatureKey"], at)
        return Reply(200, value_at(call, found, at, entitlement_views.value_v2) or {})
    except Plain as refusal:
        if refusal.status != 404:
            raise
        return Reply(200, {})


def history(call: Call) -> Reply:
    found = path_entitlement(call, named_customer(call))
    try:
        zone = time_zone(call.query.get("windowTimeZone") or "")
    except Invalid as error:
        raise Plain(400, error.detail.removeprefix("invalid time zone: ")) from error
    asked = Range(call.query.get("from"), call.query.get("to"), call.query["windowSize"], zone)
    return Reply(200, balance_history(call.store, found, asked))


def reset_usage(call: Call) -> Reply:
    return reset(call, path_entitlement(call, named_customer(call)))


def list_grants(call: Call) -> Reply:
    """OpenMeter looks at none of the parameters."""
    found = path_entitlement(call, named_customer(call))
    now = call.store.now()
    grants = [entitlement_views.grant_v2(grant, now) for grant in grants_of_entitlement(call.store, found["id"])]
    return Reply(200, page_of(grants, {}))


def create_grant(call: Call) -> Reply:
    found = path_entitlement(call, named_customer(call))
    rules.check_metered(found)
    rules.check_unmanaged(found)
    grant = create_grant_v2(call.store, found, call.body)
    return Reply(201, entitlement_views.grant_v2(grant, call.store.now()))


ROUTES = (
    Route("getCustomerEntitlementValueV2", value),
    Route("getCustomerEntitlementHistoryV2", history),
    Route("resetCustomerEntitlementUsageV2", reset_usage),
    Route("listCustomerEntitlementGrantsV2", list_grants),
    Route("createCustomerEntitlementGrantV2", create_grant),
)
