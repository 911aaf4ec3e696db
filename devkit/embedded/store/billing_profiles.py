"""Billing profiles: documents of kind `billing-profile`, as the API shows them with references to their apps."""

from devkit.embedded.store.listing import Listing, page
from devkit.embedded.store.records import Document
from devkit.embedded.store.store import Store

KIND = "billing-profile"


def default_profile(store: Store) -> Document | None:
    """The profile of all customers that have none of their own."""
    return next((profile for profile in store.records.all(KIND) if profile["default"]), None)


def all_profiles(store: Store) -> list[Document]:
    """The live profiles, by creation."""
    return store.records.all(KIND)


def find_profile(store: Store, id_: str) -> Document | None:
    """The profile with this id, deleted ones too."""
    return store.records.get(KIND, id_)


def profiles_with_app(store: Store, app_id: str) -> list[Document]:
    """The live profiles with this app, by creation."""
    profiles = store.records.all(KIND)
    return [profile for profile in profiles if any(app["id"] == app_id for app in profile["apps"].values())]


def profile_page(
    store: Store, *, order: str, descending: bool, deleted: bool, limit: int, offset: int
) -> tuple[list[Document], int]:
    """A page of the profiles, and how many there are."""
    listing = Listing(KIND, order=order, descending=descending, deleted=deleted)
    return page(store.records, listing, limit=limit, offset=offset)


def put_profile(store: Store, profile: Document) -> None:
    """Writes a profile, new or changed."""
    store.records.put(KIND, profile)
