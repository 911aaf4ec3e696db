"""The embedded server as one ASGI application over one store."""

from collections.abc import Mapping
from dataclasses import replace

from devkit.core.contract import contract
from devkit.embedded.background import BackgroundWork, Job
from devkit.embedded.http.calls import ServerSettings
from devkit.embedded.http.clock_control import ClockControl
from devkit.embedded.http.own_routes import OwnRoutes
from devkit.embedded.http.pipeline import Application
from devkit.embedded.http.routing import Route, by_operation
from devkit.embedded.store.secrets import portal_secret
from devkit.embedded.store.store import Store
from devkit.embedded.tags import (
    app_custom_invoicing,
    app_stripe,
    apps,
    billing,
    customers,
    debug,
    entitlements,
    events,
    lookup_information,
    meter_queries,
    meters,
    notifications,
    portal,
    portal_queries,
    product_catalog,
    subjects,
    subscriptions,
)
from devkit.embedded.workflows import invoice_collection, subscription_billing
from devkit.embedded.workflows.notifications import worker as notification_worker
from devkit.embedded.workflows.provisioning import provision

_TAGS = (
    app_custom_invoicing,
    app_stripe,
    apps,
    billing,
    customers,
    debug,
    entitlements,
    events,
    lookup_information,
    meter_queries,
    meters,
    notifications,
    portal,
    portal_queries,
    product_catalog,
    subjects,
    subscriptions,
)

#: What falls due with time, in this order. Each workflow with such work has its rows in a JOBS of its own.
JOBS: tuple[Job, ...] = (*subscription_billing.JOBS, *invoice_collection.JOBS, *notification_worker.JOBS)

#: The operations that the embedded server answers; the other ones of the contract answer 501.
HANDLERS: dict[str, Route] = by_operation(tag.ROUTES for tag in _TAGS)


def build_app(
    store: Store,
    settings: ServerSettings | None = None,
    *,
    instance: str = "",
    routes: Mapping[str, Route] = HANDLERS,
) -> Application:
    """The application.

    instance: a token by which the owner of this server knows it again
    routes:   what answers which operation
    """
    settings = settings or ServerSettings()
    if not settings.portal_token_secret:
        settings = replace(settings, portal_token_secret=portal_secret(store))
    provision(store)
    facts = contract()
    workers = (notification_worker.worker(store, settings.namespace),)
    background = BackgroundWork(store, JOBS, workers)
    own = OwnRoutes(facts.version, instance, ClockControl(store.clock, background.advance))
    return Application(facts, routes, store, settings, own=own, background=background)
