"""Has an OpenMeter under Compose work with another webhook endpoint of Stripe's.

No operation of OpenMeter's does that: id and secret of the endpoint stand in its database since the app was installed
(tables and columns as its migrations make them; in the self-hosted edition a secret's id is the secret itself).
"""

import re
from collections.abc import Mapping

from devkit.adapters.backends.compose.stack import Stack, engine_errors, open_stack
from devkit.adapters.docker.containers import Container
from devkit.adapters.docker.execution import execute
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance

_APP = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_WORD = re.compile(r"[A-Za-z0-9_]{1,200}")

# The shell writes the statement, so that the secret stands in no command line. Where it fails, neither Postgres's log
# nor psql repeats it.
_RUN = (
    """export PGOPTIONS="-c log_min_error_statement=panic"; """
    """printf "UPDATE app_stripes SET stripe_webhook_id = '%s', webhook_secret = '%s', updated_at = now()"""
    """ WHERE id = '%s' AND deleted_at IS NULL RETURNING id" "$ENDPOINT" "$SECRET" "$APP" """
    """| psql --quiet --no-align --tuples-only --set ON_ERROR_STOP=1 --set VERBOSITY=terse"""
    """ --username openmeter --dbname openmeter"""
)


def renew_webhook(instance: Instance, app: str, endpoint: str, secret: str) -> None:
    """app: at OpenMeter; endpoint: its id at Stripe; secret: what signs its events. Raises DevkitError."""
    if not (_APP.fullmatch(app) and _WORD.fullmatch(endpoint) and _WORD.fullmatch(secret)):
        raise DevkitError("Stripe gave the webhook endpoint an id or a secret of a form that devkit does not know")
    with open_stack(instance) as stack, engine_errors():
        postgres = stack.observe().get("postgres")
        if postgres is None or not postgres.well:
            raise DevkitError("Postgres does not run, so OpenMeter cannot learn the new secret", hint="devkit up")
        said = _written(stack, postgres, {"APP": app, "ENDPOINT": endpoint, "SECRET": secret})
    if app not in said:
        raise DevkitError(f"OpenMeter's database has no Stripe app {app}", hint="devkit stripe sync looks again")


def _written(stack: Stack, postgres: Container, values: Mapping[str, str]) -> str:
    try:
        return execute(stack.engine.client, postgres, ["sh", "-c", _RUN], values)
    except DevkitError as error:
        raise DevkitError(
            "OpenMeter's database does not take the webhook endpoint's new secret",
            evidence=error.evidence,
            hint="devkit destroy, then devkit up starts anew",
        ) from error
