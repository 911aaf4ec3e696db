"""devkit's own route to the webhook endpoint of a Stripe app.

OpenMeter's API has nothing that lets an installed app work with another endpoint; here one that was deleted at Stripe
is replaced, and the app keeps its invoices.
"""

from collections.abc import Mapping

import msgspec

from devkit.embedded.domain.apps import STRIPE
from devkit.embedded.http.calls import Reply
from devkit.embedded.http.problems import problem
from devkit.embedded.store.apps import find_app
from devkit.embedded.store.store import Store
from devkit.embedded.store.stripe_app import put_secrets, secrets_of

_FORM = 'send {"app": "<id>", "endpoint": "we_…", "secret": "whsec_…"}'


class _Wish(msgspec.Struct, forbid_unknown_fields=True):
    """endpoint: its id at Stripe; secret: what signs its events"""

    app: str
    endpoint: str
    secret: str


class WebhookControl:
    """POST gives an app another endpoint; nothing shows the secret again."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def renew(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            # A page in a browser cannot send this type to another host without being allowed to, and nothing allows it.
            return problem(400, "the content type must be application/json", None)
        try:
            wish = msgspec.json.decode(body, type=_Wish)
        except (msgspec.DecodeError, RecursionError):
            return problem(400, _FORM, None)
        if not (wish.endpoint and wish.secret):
            return problem(400, _FORM, None)
        with self._store.records.transaction():
            return self._renewed(wish)

    def _renewed(self, wish: _Wish) -> Reply:
        app = find_app(self._store, wish.app)
        if app is None or app["type"] != STRIPE or "deletedAt" in app:
            return problem(404, f"there is no Stripe app {wish.app}", None)
        key = secrets_of(self._store, wish.app)["apiKey"]
        put_secrets(self._store, wish.app, api_key=key, webhook_id=wish.endpoint, webhook_secret=wish.secret)
        return Reply(204)
