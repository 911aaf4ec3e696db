"""Connections to Stripe: where it is, with which key, and what becomes of a key that it does not know."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from devkit.embedded.domain import apps as app_rules
from devkit.embedded.domain.apps import App
from devkit.embedded.domain.stripe_app import installation as rules
from devkit.embedded.domain.stripe_app.provider_errors import ProviderError, refusal
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.apps import find_app, put_app
from devkit.embedded.store.store import Store
from devkit.embedded.store.stripe_app import secrets_of

if TYPE_CHECKING:
    from devkit.embedded.workflows.stripe_app.api import StripeAPI

#: The environment variable that puts a stand-in in the place of Stripe.
API_BASE = "DEVKIT_STRIPE_API_BASE"


def stripe_app(store: Store, id_: str, namespace: str) -> App:
    """The Stripe app with this id. Raises NotFound where there is none, or none any more."""
    found = find_app(store, id_)
    if found is None or "deletedAt" in found or found["type"] != app_rules.STRIPE:
        raise app_rules.unknown(namespace, id_)
    return found


@contextmanager
def with_key(key: str) -> "Iterator[StripeAPI]":
    """Stripe as this key sees it. Raises Unauthorized for a live key: none ever leaves devkit."""
    rules.check_not_live(key)
    from devkit.embedded.workflows.stripe_app.api import StripeAPI

    api = StripeAPI(key, os.environ.get(API_BASE, ""))
    try:
        yield api
    finally:
        api.close()


@contextmanager
def connected(store: Store, app: App, key: str | None = None) -> "Iterator[StripeAPI]":
    """Stripe as the app sees it, or with another key. A key that Stripe does not know makes the app unauthorized."""
    try:
        with with_key(key or secrets_of(store, app["id"])["apiKey"]) as api:
            yield api
    except ProviderError as error:
        if error.status == 401:
            _mark_unauthorized(store, app["id"])
        raise


@contextmanager
def answering(store: Store, app: App, namespace: str, key: str | None = None) -> "Iterator[StripeAPI]":
    """As `connected`, for requests: what Stripe refuses is raised as a Refusal."""
    try:
        with connected(store, app, key) as api:
            yield api
    except ProviderError as error:
        raise refusal(error, app_id=app["id"], namespace=namespace) from error


def _mark_unauthorized(store: Store, app_id: str) -> None:
    with store.records.transaction():
        app = find_app(store, app_id)
        if app is not None and "deletedAt" not in app:
            put_app(store, rules.unauthorized(app, now=format_instant(store.now())))
