"""The marketplace: its listings, and installing what needs no credentials."""

from devkit.embedded.domain import apps as rules
from devkit.embedded.domain.apps import SANDBOX
from devkit.embedded.domain.marketplace import LISTINGS, NO_CREDENTIALS, check_method
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.apps import installed_apps, put_app


def list_listings(call: Call) -> Reply:
    return Reply(200, page_of(list(LISTINGS.values()), call.query))


def get_listing(call: Call) -> Reply:
    return Reply(200, LISTINGS[call.path["type"]])


def install(call: Call) -> Reply:
    """Installs an app. OpenMeter makes no billing profile for it either, whatever the body asks for."""
    type_ = call.path["type"]
    check_method(type_, NO_CREDENTIALS)
    if type_ == SANDBOX:
        rules.check_only_sandbox(installed_apps(call.store))
    name = call.body.get("name") or ""
    app = rules.installed(type_, name, id_=call.store.new_id(), now=format_instant(call.store.now()))
    put_app(call.store, app)
    return Reply(200, {"app": rules.shown(app), "defaultForCapabilityTypes": []})


def answer_unimplemented(call: Call) -> Reply:  # noqa: ARG001 - OpenMeter has no app that is installed so
    return Reply(501, "Unimplemented", media_type="text/plain; charset=utf-8")


ROUTES = (
    Route("listMarketplaceListings", list_listings),
    Route("getMarketplaceListing", get_listing),
    Route("marketplaceAppInstall", install),
    Route("marketplaceOAuth2InstallGetURL", answer_unimplemented),
    Route("marketplaceOAuth2InstallAuthorize", answer_unimplemented),
)
