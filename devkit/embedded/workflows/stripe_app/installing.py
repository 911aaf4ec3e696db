"""Installing and removing the Stripe app, and giving it another key. What is done at Stripe stays done."""

from devkit.embedded.domain.apps import App
from devkit.embedded.domain.stripe_app import installation as rules
from devkit.embedded.domain.stripe_app.provider_errors import ProviderError, refusal
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.apps import put_app
from devkit.embedded.store.store import Store
from devkit.embedded.store.stripe_app import forget, put_secrets, secrets_of, stripe_app_of_account
from devkit.embedded.workflows.stripe_app.connection import answering, with_key


def install(store: Store, key: str, name: str, *, namespace: str, base_url: str, register_webhook: bool = True) -> App:
    """Installs a Stripe app for the account of the key. Raises Refusal.

    base_url: where Stripe reaches this server. An endpoint that Stripe made before a refusal stays, as in OpenMeter.
    Call it outside of a transaction: it waits for Stripe.
    """
    id_ = store.new_id()
    endpoint = rules.UNREGISTERED
    try:
        with with_key(key) as api:
            account_id = api.account()["id"]
            if register_webhook:
                url = rules.webhook_url(base_url, id_)
                endpoint = api.create_webhook_endpoint(rules.webhook_endpoint(url, id_, namespace))
    except ProviderError as error:
        raise refusal(error, app_id=None, namespace=namespace) from error
    now = format_instant(store.now())
    app = rules.installed(id_=id_, name=name, key=key, account_id=account_id, now=now)
    with store.records.transaction():
        if stripe_app_of_account(store, account_id, livemode=app["livemode"]) is not None:
            raise rules.account_taken(account_id, namespace)
        put_app(store, app)
        put_secrets(store, id_, api_key=key, webhook_id=endpoint["id"], webhook_secret=endpoint["secret"])
    return app


def uninstall(store: Store, app: App) -> None:
    """Removes an app that nothing uses, with all that it knew; whether Stripe takes its endpoint away changes nothing.

    Call it outside of a transaction: it waits for Stripe.
    """
    secrets = secrets_of(store, app["id"])
    with store.records.transaction():
        forget(store, app["id"])
        put_app(store, {**app, "deletedAt": format_instant(store.now())})
    if secrets["webhookId"] == rules.UNREGISTERED["id"]:
        return
    try:
        with with_key(secrets["apiKey"]) as api:
            api.delete_webhook_endpoint(secrets["webhookId"])
    except ProviderError:
        return


def replace_key(store: Store, app: App, key: str, namespace: str) -> App:
    """Gives an app another key of its account, and stores it so. Raises Refusal. Call it outside of a transaction."""
    rules.check_maskable(key)
    rules.check_same_mode(app, key)
    with answering(store, app, namespace, key) as api:
        rules.check_same_account(app, api.account()["id"])
    changed = rules.with_key(app, key, now=format_instant(store.now()))
    with store.records.transaction():
        put_app(store, changed)
        secrets = secrets_of(store, app["id"])
        put_secrets(
            store,
            app["id"],
            api_key=key,
            webhook_id=secrets["webhookId"],
            webhook_secret=secrets["webhookSecret"],
        )
    return changed
