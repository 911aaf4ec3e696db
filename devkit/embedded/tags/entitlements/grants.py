"""Grants of everybody, and their voiding."""

from collections.abc import Callable

from devkit.embedded.domain import customers, entitlement_views
from devkit.embedded.domain import grants as rules
from devkit.embedded.domain.entitlement_lists import is_of_feature, limited, ordered_grants
from devkit.embedded.domain.entitlements import Entitlement
from devkit.embedded.domain.errors import InternalFailure, Plain
from devkit.embedded.domain.grants import Grant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customers import customers_with_subject, find_customer
from devkit.embedded.store.grants import all_grants, find_grant
from devkit.embedded.tags.entitlements.owners import entitlement_with_id
from devkit.embedded.workflows.granting import void_grant


def list_v1(call: Call) -> Reply:
    """A bare list, or a page where one is asked for; OpenMeter fails on a page size without a page."""
    query = call.query
    if query.get("orderBy") == "id":
        raise Plain(400, "invalid order by")
    if "pageSize" in query and "page" not in query:
        raise InternalFailure("OpenMeter fails on a page size without a page")
    subjects = query.get("subject")
    owners: set[str] | None = None
    if subjects:
        owners = {customer["id"] for key in subjects for customer in customers_with_subject(call.store, key)}
    found = _matching(call, lambda entitlement: owners is None or entitlement["customerId"] in owners)
    now = call.store.now()
    if "page" not in query:
        return Reply(200, [entitlement_views.grant_v1(grant, now) for grant in limited(found, query)])
    page = page_of(found, query)
    if "pageSize" not in query:
        page |= {"pageSize": 0, "items": found}
    return Reply(200, {**page, "items": [entitlement_views.grant_v1(grant, now) for grant in page["items"]]})


def list_v2(call: Call) -> Reply:
    """A page; one of zeros where none is asked for."""
    query = call.query
    owners = _named_customers(call)

    def is_owned(entitlement: Entitlement) -> bool:
        return not owners or (entitlement["customerId"] in owners and "deletedAt" not in entitlement)

    found = _matching(call, is_owned)
    now = call.store.now()
    if "page" in query or "pageSize" in query:
        page = page_of(found, query)
        return Reply(200, {**page, "items": [entitlement_views.grant_v2(grant, now) for grant in page["items"]]})
    shown = [entitlement_views.grant_v2(grant, now) for grant in limited(found, query)]
    return Reply(200, {"page": 0, "pageSize": 0, "totalCount": 0, "items": shown})


def void(call: Call) -> Reply:
    grant = find_grant(call.store, call.path["grantId"])
    if grant is None:
        raise rules.unknown(call.path["grantId"])
    rules.check_not_voided(grant)
    void_grant(call.store, grant, entitlement_with_id(call, grant["entitlementId"]), call.query.get("at"))
    return Reply(204)


def _named_customers(call: Call) -> set[str]:
    """Ids of the live customers among those that the query names; where all are deleted, there is no filter."""
    found = set()
    for id_or_key in call.query.get("customer") or ():
        customer = find_customer(call.store, id_or_key)
        if customer is None:
            raise customers.unknown(call.settings.namespace, id_or_key)
        if "deletedAt" not in customer:
            found.add(customer["id"])
    return found


def _matching(call: Call, is_owned: Callable[[Entitlement], bool]) -> list[Grant]:
    """Grants of the entitlements that match, in the order of the query; those of deleted ones only where asked for."""
    query = call.query
    with_deleted = query.get("includeDeleted", False)
    features = query.get("feature")
    found = []
    for grant in all_grants(call.store, deleted=with_deleted):
        entitlement = call.store.records.get("entitlement", grant["entitlementId"])
        if entitlement is None or ("deletedAt" in entitlement and not with_deleted):
            continue
        if is_owned(entitlement) and (not features or is_of_feature(entitlement, features)):
            found.append(grant)
    return ordered_grants(found, query)


ROUTES = (
    Route("listGrants", list_v1),
    Route("listGrantsV2", list_v2),
    Route("voidGrant", void),
)
