"""devkit's embedded server as OpenMeter's in a container.

It believes the authorities that SSL_CERT_DIR names, as Go does; Stripe's package asks nobody but itself. And endpoint
and secret of a Stripe app are those in Postgres, read each time, in the table that OpenMeter's migrations make.
"""

import os
import runpy
import subprocess
from typing import Any

import stripe

from devkit.embedded.store import stripe_app

put_secrets, secrets_of, forget = stripe_app.put_secrets, stripe_app.secrets_of, stripe_app.forget


def ask(statement: str) -> list[str]:
    url = os.environ["STANDIN_POSTGRES"]
    command = ["psql", url, "-qtA", "-F", " ", "-v", "ON_ERROR_STOP=1"]
    return subprocess.run(command, input=statement, capture_output=True, text=True, check=True).stdout.split()


def put(store: Any, app_id: str, *, api_key: str, webhook_id: str, webhook_secret: str) -> None:
    put_secrets(store, app_id, api_key=api_key, webhook_id=webhook_id, webhook_secret=webhook_secret)
    ask(
        f"INSERT INTO app_stripes VALUES ('{app_id}', 'default', now(), now(), NULL, 'acct', false, 'in a file',"
        f" '{webhook_id}', '{webhook_secret}', 'sk_***') ON CONFLICT (id) DO UPDATE"
        " SET stripe_webhook_id = excluded.stripe_webhook_id, webhook_secret = excluded.webhook_secret"
    )


def read(store: Any, app_id: str) -> dict[str, Any]:
    known = dict(secrets_of(store, app_id))
    endpoint, secret = ask(
        f"SELECT stripe_webhook_id, webhook_secret FROM app_stripes WHERE id = '{app_id}' AND deleted_at IS NULL"
    )
    return known | {"webhookId": endpoint, "webhookSecret": secret}


def remove(store: Any, app_id: str) -> None:
    forget(store, app_id)
    ask(f"UPDATE app_stripes SET deleted_at = now(), api_key = NULL, webhook_secret = NULL WHERE id = '{app_id}'")


own = [each for each in os.environ.get("SSL_CERT_DIR", "").split(":") if each.startswith("/etc/devkit")]
if own:
    stripe.ca_bundle_path = own[0]
# Before the modules that take them from there are loaded.
stripe_app.put_secrets, stripe_app.secrets_of, stripe_app.forget = put, read, remove
runpy.run_module("devkit", run_name="__main__", alter_sys=True)
