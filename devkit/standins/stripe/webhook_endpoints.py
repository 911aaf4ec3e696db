"""Webhook endpoints: their secret is told once, when they are made."""

from urllib.parse import urlsplit

from devkit.standins.stripe.account import Object, new_id
from devkit.standins.stripe.errors import StripeError, required
from devkit.standins.stripe.fields import BOOLEAN, METADATA, TEXT, TEXTS, Fields, change
from devkit.standins.stripe.lists import page
from devkit.standins.stripe.requests import Request, Route

KIND = "webhook_endpoint"
MOST = 16

_CHANGEABLE: Fields = {"url": TEXT, "enabled_events": TEXTS, "description": TEXT, "metadata": METADATA}
_AT_FIRST: Fields = {**_CHANGEABLE, "api_version": TEXT, "connect": BOOLEAN}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def create(request: Request) -> Object:
    """With its secret. Raises StripeError for a URL that cannot be reached and for the seventeenth endpoint."""
    account, values = request.account, request.values(_AT_FIRST)
    _check_url(request, values.get("url"))
    if not values.get("enabled_events"):
        raise required("enabled_events")
    if len(account.all(KIND)) >= MOST:
        raise StripeError(400, f"You have reached the maximum of {MOST} test webhook endpoints.")
    values.pop("connect", None)
    made = account.new("we_", KIND, api_version=None, application=None, description=None, status="enabled")
    change(made, values)
    account.secrets[made["id"]] = secret = new_id("whsec_", 32)
    return made | {"secret": secret}


def retrieve(request: Request) -> Object:
    return request.account.get(KIND, request.id)


def update(request: Request) -> Object:
    """The secret and the version stay what they were."""
    endpoint, values = retrieve(request), request.values({**_CHANGEABLE, "disabled": BOOLEAN})
    if "url" in values:
        _check_url(request, values["url"])
    if (disabled := values.pop("disabled", None)) is not None:
        endpoint["status"] = "disabled" if disabled else "enabled"
    change(endpoint, values)
    return endpoint


def delete(request: Request) -> Object:
    return request.account.remove(retrieve(request))


def list_(request: Request) -> Object:
    return page(request.account.all(KIND), request.params, "/v1/webhook_endpoints")


def _check_url(request: Request, url: str | None) -> None:
    """Stripe reaches public addresses only; on one machine loopback is as public as it gets."""
    parts = urlsplit(url or "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StripeError(400, f"Invalid URL: {url}", code="url_invalid", param="url")
    if parts.hostname in _LOOPBACK and not request.account.allow_loopback:
        raise StripeError(400, "Invalid URL: URL must be publicly accessible", param="url")


ROUTES = (
    Route("GET", "/v1/webhook_endpoints", list_),
    Route("POST", "/v1/webhook_endpoints", create),
    Route("GET", "/v1/webhook_endpoints/{id}", retrieve),
    Route("POST", "/v1/webhook_endpoints/{id}", update),
    Route("DELETE", "/v1/webhook_endpoints/{id}", delete),
)
