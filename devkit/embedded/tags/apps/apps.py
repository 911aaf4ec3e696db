"""Installed apps: list, read, replace, uninstall."""

from devkit.embedded.domain import apps as rules
from devkit.embedded.domain.apps import App
from devkit.embedded.domain.stripe_app.installation import check_replacement
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.apps import installed_apps, put_app
from devkit.embedded.store.billing_profiles import profiles_with_app
from devkit.embedded.store.invoices import invoices_with_app
from devkit.embedded.workflows.customer_apps import app_by_id
from devkit.embedded.workflows.stripe_app import installing as stripe


def list_apps(call: Call) -> Reply:
    return Reply(200, page_of([rules.shown(app) for app in installed_apps(call.store)], call.query))


def get_app(call: Call) -> Reply:
    return Reply(200, rules.shown(_known(call)))


def update_app(call: Call) -> Reply:
    """An uninstalled app may be updated too. A Stripe app with a new key is stored once Stripe knows the key."""
    rules.check_metadata(call.body)
    app = _known(call)
    changed = rules.replace(app, call.body, now=format_instant(call.store.now()))
    key = call.body.get("secretAPIKey") if app["type"] == rules.STRIPE else None
    if key is not None:
        check_replacement(key)
        changed = stripe.replace_key(call.store, changed, key, call.settings.namespace)
    else:
        with call.store.records.transaction():
            put_app(call.store, changed)
    return Reply(200, rules.shown(changed))


def uninstall_app(call: Call) -> Reply:
    """An uninstalled app may be uninstalled again; nothing happens."""
    app = _known(call)
    with call.store.records.transaction():
        invoices = [found for found in invoices_with_app(call.store, app["id"]) if rules.is_unfinished(found)]
        rules.check_unused(profiles_with_app(call.store, app["id"]), invoices)
        if app["type"] != rules.STRIPE and "deletedAt" not in app:
            put_app(call.store, rules.uninstalled(app, now=format_instant(call.store.now())))
    if app["type"] == rules.STRIPE:
        stripe.uninstall(call.store, app)
    return Reply(204)


def _known(call: Call) -> App:
    return app_by_id(call.store, call.path["id"], call.settings.namespace)


ROUTES = (
    Route("listApps", list_apps),
    Route("getApp", get_app),
    Route("updateApp", update_app, atomic=False),
    Route("uninstallApp", uninstall_app, atomic=False),
)
