"""What customers have instead of the default billing profile: documents of kind `customer-override`.

A document has `customerId` and, where the customer is pinned to a profile, `billingProfileId`. A customer has at most
one, deleted or not. Refs: `customer`, and `profile` where there is one.
"""

from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from devkit.embedded.domain.filters import Condition
from devkit.embedded.store.listing import Listing, page
from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store
from devkit.embedded.store.usage_attribution import KIND as CUSTOMER

KIND = "customer-override"
_ROWS = (
    "SELECT pin.value FROM refs AS pin JOIN records AS override USING (kind, id)"
    f" WHERE pin.kind = '{KIND}' AND pin.name = 'customer'"
)
_LIVE = f"{_ROWS} AND override.deleted = 0"
_ON_PROFILES = f"{_LIVE} AND override.body ->> '$.billingProfileId' IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class Wanted:
    """Which live customers a list of overrides shows: those with an override in force, or as said here.

    conditions:   what the customers themselves have to be
    profiles:     only those that are pinned to one of these profiles
    unpinned:     those without an override instead
    never_pinned: also those that never had one
    """

    conditions: tuple[Condition, ...] = ()
    profiles: Collection[str] = ()
    unpinned: bool = False
    never_pinned: bool = False


def find_override(store: Store, customer_id: str) -> Document | None:
    """The override of the customer, deleted or not."""
    found = store.records.by_ref(KIND, "customer", customer_id, deleted=True)
    return found[0] if found else None


def live_override(store: Store, customer_id: str) -> Document | None:
    """The override of the customer that is in force."""
    found = find_override(store, customer_id)
    return None if found is None or "deletedAt" in found else found


def customers_pinned_to(store: Store, profile_id: str) -> list[str]:
    """The ids of the customers that are pinned to the profile, by the age of their overrides."""
    return [override["customerId"] for override in store.records.by_ref(KIND, "profile", profile_id)]


def put_override(store: Store, override: Document) -> None:
    """Writes an override, new or changed."""
    refs = {"customer": [override["customerId"]]}
    if "billingProfileId" in override:
        refs["profile"] = [override["billingProfileId"]]
    store.records.put(KIND, override, refs=refs)


def customer_page(
    store: Store, wanted: Wanted, *, order: str, descending: bool, limit: int, offset: int
) -> tuple[list[Document], int]:
    """A page of the customers that a list of overrides shows, and how many those are."""
    conditions = (*wanted.conditions, _override_condition(wanted))
    listing = Listing(CUSTOMER, conditions, order=order, descending=descending)
    return page(store.records, listing, limit=limit, offset=offset)


def with_key(key: str) -> Condition:
    """The customer has exactly this key."""
    return Condition("key = ?", (key,))


def _override_condition(wanted: Wanted) -> Condition:
    rows = _LIVE
    values: tuple[str, ...] = ()
    if wanted.profiles:
        rows, values = _ON_PROFILES, (msgspec.json.encode(list(wanted.profiles)).decode(),)
    if wanted.unpinned:
        return Condition(f"id NOT IN ({rows})", values)
    if wanted.never_pinned:
        return Condition(f"(id IN ({rows}) OR id NOT IN ({_ROWS}))", values)
    return Condition(f"id IN ({rows})", values)
