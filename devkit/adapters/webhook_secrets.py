"""Has a Stripe app of the embedded server work with another webhook endpoint, over its own control route."""

import httpx

from devkit.core.errors import DevkitError, UnreachableError

ROUTE = "/_devkit/stripe-webhook"
_SECONDS = 10


def renew_webhook(url: str, app: str, endpoint: str, secret: str) -> None:
    """url: of the server; app: its id; endpoint: its id at Stripe; secret: what signs its events

    Raises UnreachableError, or DevkitError where the server has no such route or no such app.
    """
    wish = {"app": app, "endpoint": endpoint, "secret": secret}
    try:
        answer = httpx.post(url.rstrip("/") + ROUTE, json=wish, timeout=_SECONDS, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreachableError(
            f"no answer from {url} ({error or type(error).__name__})",
            hint="devkit status shows what runs; devkit up starts it",
        ) from error
    if answer.status_code != httpx.codes.NO_CONTENT:
        raise DevkitError(
            f"the server at {url} does not take another webhook endpoint for the app {app} ({answer.status_code})",
            hint="only the embedded server of this version does: devkit down, then devkit up",
        )
