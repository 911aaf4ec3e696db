"""Secrets that the server makes for itself and keeps with its data."""

import secrets

from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.store import Store

_KIND = "secret"
_PORTAL = "portal-token"


def portal_secret(store: Store) -> str:
    """The key that signs portal tokens, made at its first use."""
    with store.records.transaction():
        known = store.records.get(_KIND, _PORTAL)
        if known is None:
            known = {"id": _PORTAL, "createdAt": format_instant(store.now()), "value": secrets.token_urlsafe(32)}
            store.records.put(_KIND, known)
    return str(known["value"])
