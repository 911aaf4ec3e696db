"""Grants: documents of kind `grant`; deleted ones stay, the engine still counts what they paid.

Refs: `entitlement`, the id of the entitlement.
"""

from devkit.embedded.domain.grants import Grant
from devkit.embedded.store.store import Store

KIND = "grant"


def find_grant(store: Store, id_: str) -> Grant | None:
    """The grant with this id, deleted ones too."""
    return store.records.get(KIND, id_)


def grants_of_entitlement(store: Store, entitlement_id: str, *, deleted: bool = False) -> list[Grant]:
    """The grants of an entitlement by creation, with `deleted` the deleted ones too."""
    return store.records.by_ref(KIND, "entitlement", entitlement_id, deleted=deleted)


def all_grants(store: Store, *, deleted: bool = False) -> list[Grant]:
    """All grants by creation, with `deleted` the deleted ones too."""
    return store.records.all(KIND, deleted=deleted)


def put_grant(store: Store, grant: Grant) -> None:
    """Writes a grant, new or changed."""
    store.records.put(KIND, grant, refs={"entitlement": (grant["entitlementId"],)})
