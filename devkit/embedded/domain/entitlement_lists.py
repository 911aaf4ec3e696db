"""Which entitlements and grants lists show, and in which order."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.embedded.domain.entitlements import Entitlement, is_active
from devkit.embedded.domain.grants import Grant
from devkit.embedded.domain.instants import instant

Query = Mapping[str, Any]
_DEFAULT_LIMIT = 100


def listed(
    entitlements: Iterable[Entitlement], query: Query, owners: Collection[str] | None, now: datetime
) -> list[Entitlement]:
    """The entitlements that match the query, in its order. owners: only those of these customers; all where None."""
    features, types = query.get("feature"), query.get("entitlementType")
    found = [
        entitlement
        for entitlement in entitlements
        if (owners is None or entitlement["customerId"] in owners)
        and (not features or is_of_feature(entitlement, features))
        and (not types or entitlement["type"] in types)
        and (not query.get("excludeInactive") or is_active(entitlement, now))
    ]
    return ordered(found, query)


def ordered(documents: Sequence[Entitlement], query: Query, default: str = "createdAt") -> list[Entitlement]:
    """By the instant that `orderBy` names, and `order`."""
    field = query.get("orderBy", default)
    return sorted(documents, key=_by(field), reverse=query.get("order") == "DESC")


def ordered_grants(grants: Sequence[Grant], query: Query) -> list[Grant]:
    """By the start of their effect, where the query does not say otherwise; by nothing where it says `id`."""
    return list(grants) if query.get("orderBy") == "id" else ordered(grants, query, "effectiveAt")


def is_of_feature(entitlement: Entitlement, features: Collection[str]) -> bool:
    """Whether it is to one of these features, by id or key."""
    return entitlement["featureId"] in features or entitlement["featureKey"] in features


def limited(items: Sequence[Any], query: Query) -> list[Any]:
    """The part that offset and limit ask for."""
    offset = query.get("offset", 0)
    return list(items[offset : offset + query.get("limit", _DEFAULT_LIMIT)])


def _by(field: str) -> Callable[[Mapping[str, Any]], datetime]:
    return lambda document: instant(document[field])
