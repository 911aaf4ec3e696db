"""Entitlements of everybody, and by id."""

from collections.abc import Iterable

from devkit.embedded.domain import entitlement_views
from devkit.embedded.domain.entitlement_lists import limited, listed
from devkit.embedded.domain.entitlements import Entitlement
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customers import customers_with_subject, ids_with_keys
from devkit.embedded.store.entitlements import all_entitlements
from devkit.embedded.tags.entitlements.owners import entitlement_with_id, owner_of_entitlement


def list_v1(call: Call) -> Reply:
    """A bare list, or a page where one is asked for."""
    subjects = call.query.get("subject")
    owners = _with_subjects(call, subjects) if subjects else None
    found = listed(all_entitlements(call.store), call.query, owners, call.store.now())
    if "page" in call.query or "pageSize" in call.query:
        page = page_of(found, call.query)
        return Reply(200, {**page, "items": _shown_v1(call, page["items"])})
    return Reply(200, _shown_v1(call, limited(found, call.query)))


def list_v2(call: Call) -> Reply:
    keys, ids = call.query.get("customerKeys"), call.query.get("customerIds")
    owners = set(ids) if ids else None
    if keys:
        named = ids_with_keys(call.store, keys)
        owners = named if owners is None else owners & named
    page = page_of(listed(all_entitlements(call.store), call.query, owners, call.store.now()), call.query)
    return Reply(200, {**page, "items": [_shown_v2(call, entitlement) for entitlement in page["items"]]})


def get_v1(call: Call) -> Reply:
    return Reply(200, _shown_v1(call, [entitlement_with_id(call, call.path["entitlementId"])])[0])


def get_v2(call: Call) -> Reply:
    return Reply(200, _shown_v2(call, entitlement_with_id(call, call.path["entitlementId"])))


def _with_subjects(call: Call, subjects: Iterable[str]) -> set[str]:
    """Ids of the customers whose usage attribution lists one of these subjects; their keys do not count."""
    return {customer["id"] for subject in subjects for customer in customers_with_subject(call.store, subject)}


def _shown_v1(call: Call, entitlements: Iterable[Entitlement]) -> list[dict[str, object]]:
    now = call.store.now()
    return [
        entitlement_views.entitlement_v1(entitlement, owner_of_entitlement(call, entitlement), now)
        for entitlement in entitlements
    ]


def _shown_v2(call: Call, entitlement: Entitlement) -> dict[str, object]:
    owner = owner_of_entitlement(call, entitlement)
    return entitlement_views.entitlement_v2(entitlement, owner, call.store.now())


ROUTES = (
    Route("listEntitlements", list_v1),
    Route("getEntitlementById", get_v1),
    Route("listEntitlementsV2", list_v2),
    Route("getEntitlementByIdV2", get_v2),
)
