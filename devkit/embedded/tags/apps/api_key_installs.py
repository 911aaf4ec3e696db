"""Installing what needs an API key: of all apps that is Stripe."""

from devkit.embedded.domain import apps as rules
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.marketplace import LISTINGS, WITH_API_KEY, check_method
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.workflows.stripe_app import installing as stripe


def install_with_api_key(call: Call) -> Reply:
    """It waits for Stripe. As with all apps no billing profile is made, whatever the body asks for."""
    type_, settings = call.path["type"], call.settings
    if not call.body["apiKey"]:
        raise Invalid("validation error: api key is required")
    check_method(type_, WITH_API_KEY)
    app = stripe.install(
        call.store,
        call.body["apiKey"],
        call.body.get("name") or LISTINGS[type_]["name"],
        namespace=settings.namespace,
        base_url=settings.apps_base_url or f"http://{call.headers.get('host', 'localhost')}",
        register_webhook=settings.stripe_webhook_registration,
    )
    return Reply(200, {"app": rules.shown(app), "defaultForCapabilityTypes": []})


ROUTES = (Route("marketplaceAppAPIKeyInstall", install_with_api_key, atomic=False),)
