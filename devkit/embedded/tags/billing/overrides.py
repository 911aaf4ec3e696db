"""Customer overrides: the billing profile that a customer is pinned to; upsert, read, delete, list."""

from typing import Any

from devkit.embedded.domain.billing import customer_overrides as rules
from devkit.embedded.domain.billing.customer_overrides import CustomerOverride
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import InternalFailure, NotFound
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.billing_profiles import find_profile
from devkit.embedded.store.customer_overrides import (
    Wanted,
    customer_page,
    find_override,
    live_override,
    put_override,
    with_key,
)
from devkit.embedded.store.customers import customer_by_id
from devkit.embedded.store.listing import among, contains
from devkit.embedded.workflows.customer_apps import shown_apps
from devkit.embedded.workflows.customer_profiles import default_of, profile_of_override

_ORDERS = {
    "customerId": "id",
    "customerName": "name",
    "customerKey": "key",
    "customerPrimaryEmail": "primaryEmail",
    "customerCreatedAt": "createdAt",
}
#: The page that has everything.
_EVERYTHING = (1 << 31, 0)


def list_overrides(call: Call) -> Reply:
    rules.check_filters(call.query)
    limit, offset = _window(call)
    customers, total = customer_page(
        call.store,
        _wanted(call),
        order=_ORDERS[call.query.get("orderBy", "customerId")],
        descending=call.query.get("order") != "ASC",
        limit=limit,
        offset=offset,
    )
    page = {name: call.query.get(name, 0) for name in ("page", "pageSize")}
    return Reply(200, {**page, "totalCount": total, "items": [_listed(call, customer) for customer in customers]})


def get_override(call: Call) -> Reply:
    customer = customer_by_id(call.store, call.path["customerId"])
    if customer is None:
        raise NotFound(f"customer with id {call.path['customerId']} not found in {call.settings.namespace} namespace")
    override = live_override(call.store, customer["id"])
    return Reply(200, _shown(call, customer, override, in_full=override is None))


def upsert_override(call: Call) -> Reply:
    """An update without a profile pins the default one of the moment; the first one pins none."""
    customer_id, profile_id = call.path["customerId"], call.body.get("billingProfileId")
    customer = customer_by_id(call.store, customer_id)
    if customer is None or (profile_id is not None and find_profile(call.store, profile_id) is None):
        raise InternalFailure("the override refers to a customer or a profile that does not exist")
    known, now = find_override(call.store, customer_id), format_instant(call.store.now())
    if known is None:
        override = rules.create(customer_id, profile_id, id_=call.store.new_id(), now=now)
    else:
        override = rules.replace(known, profile_id or default_of(call.store)["id"], now=now)
    put_override(call.store, override)
    return Reply(200, _shown(call, None, override, in_full=False))


def delete_override(call: Call) -> Reply:
    override = live_override(call.store, call.path["customerId"])
    if override is None:
        raise rules.unknown(call.path["customerId"])
    put_override(call.store, rules.deleted(override, now=format_instant(call.store.now())))
    return Reply(204)


def _wanted(call: Call) -> Wanted:
    query = call.query
    conditions = [
        *([among("id", query["customerId"])] if query.get("customerId") else []),
        *([contains("name", query["customerName"])] if query.get("customerName") else []),
        *([with_key(query["customerKey"])] if query.get("customerKey") else []),
        *([contains("primaryEmail", query["customerPrimaryEmail"])] if query.get("customerPrimaryEmail") else []),
    ]
    profiles = query.get("billingProfile", [])
    everyone = query.get("includeAllCustomers", False)
    return Wanted(
        tuple(conditions),
        profiles=profiles,
        unpinned=query.get("customersWithoutPinnedProfile", False),
        never_pinned=everyone and (not profiles or default_of(call.store)["id"] in profiles),
    )


def _window(call: Call) -> tuple[int, int]:
    """Limit and offset; without a size everything is on every page. Raises InternalFailure as OpenMeter fails."""
    page, size = call.query.get("page"), call.query.get("pageSize")
    if size is None:
        return _EVERYTHING
    if page is None:
        raise InternalFailure("a size of pages without a page")
    return size, (page - 1) * size


def _listed(call: Call, customer: Customer) -> dict[str, Any]:
    override = live_override(call.store, customer["id"])
    unpinned = override is None or "billingProfileId" not in override
    return _shown(call, customer, override, in_full=unpinned, in_list=True)


def _shown(
    call: Call, customer: Customer | None, override: CustomerOverride | None, *, in_full: bool, in_list: bool = False
) -> dict[str, Any]:
    """in_full: whether the apps are shown so though nobody asks for it, as OpenMeter does with the default profile."""
    expand = call.query.get("expand", ())
    profile: BillingProfile = profile_of_override(call.store, override)
    apps = profile["apps"]
    if in_full or "apps" in expand:
        apps = shown_apps(call.store, profile, call.settings.namespace)
    shown_customer = customer if "customer" in expand else None
    return rules.shown(override, profile, apps, shown_customer, in_list=in_list)


ROUTES = (
    Route("listBillingProfileCustomerOverrides", list_overrides),
    Route("getBillingProfileCustomerOverride", get_override),
    Route("upsertBillingProfileCustomerOverride", upsert_override),
    Route("deleteBillingProfileCustomerOverride", delete_override),
)
