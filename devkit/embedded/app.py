"""The embedded server as one ASGI application over one store."""

from dataclasses import replace

from devkit.core.contract import contract
from devkit.embedded.http.calls import ServerSettings
from devkit.embedded.http.own_routes import OwnRoutes
from devkit.embedded.http.pipeline import Application
from devkit.embedded.http.routing import Route, by_operation
from devkit.embedded.store.secrets import portal_secret
from devkit.embedded.store.store import Store
from devkit.embedded.tags import (
    customers,
    debug,
    events,
    lookup_information,
    meter_queries,
    meters,
    portal,
    portal_queries,
    product_catalog,
    subjects,
)

_TAGS = (
    customers,
    debug,
    events,
    lookup_information,
    meter_queries,
    meters,
    portal,
    portal_queries,
    product_catalog,
    subjects,
)

#: The operations that the embedded server answers; the other ones of the contract answer 501.
HANDLERS: dict[str, Route] = by_operation(tag.ROUTES for tag in _TAGS)


def build_app(store: Store, settings: ServerSettings | None = None, *, instance: str = "") -> Application:
    """The application. instance: a token by which the owner of this server knows it again."""
    settings = settings or ServerSettings()
    if not settings.portal_token_secret:
        settings = replace(settings, portal_token_secret=portal_secret(store))
    facts = contract()
    return Application(facts, HANDLERS, store, settings, OwnRoutes(facts.version, instance))
