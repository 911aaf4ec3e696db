"""The account at Stripe that an instance works with, for commands that go there themselves."""

from devkit.core.findings import Finding
from devkit.core.instance import Instance
from devkit.core.outside import Outside
from devkit.core.secrets_file import read_secrets
from devkit.core.state import State
from devkit.stripe_app.connection import StripeConnection
from devkit.stripe_app.ownership import Owner
from devkit.usecases.outside import running_outside
from devkit.usecases.session import Session


def connection_of(session: Session) -> StripeConnection | None:
    """None where the instance has no Stripe app that Stripe reaches."""
    outside = running_outside(session)
    if outside is None or not outside.webhook.app or not outside.tunnel.url:
        return None
    return connection(session.instance, outside)


def connection(instance: Instance, outside: Outside) -> StripeConnection:
    """Raises DevkitError where there is no key."""
    from devkit.adapters.stripe import access_of

    return StripeConnection(access_of(read_secrets(instance), outside), owner_of(instance), outside.webhook.app)


def looked_at(instance: Instance, state: State, outside: Outside) -> tuple[Finding, ...]:
    """How app and webhook stand at OpenMeter and at Stripe; changes nothing. Raises DevkitError."""
    from devkit.adapters.openmeter import OpenMeter
    from devkit.stripe_app.look import look
    from devkit.stripe_app.place import Place

    known, url = connection(instance, outside), outside.tunnel.url or state.public_url
    with OpenMeter(state.url, token=state.api_token or None) as client:
        return look(Place(client, known.access, url, known.owner, lambda _apps: None), known.app or None)


def owner_of(instance: Instance) -> Owner:
    """Who the instance is at Stripe. Raises DevkitError where this machine has no identity and gets none."""
    from devkit.core.machine import machine_id

    return Owner(read_secrets(instance).identity, machine_id(), instance.name)


def has_account(session: Session) -> bool:
    """Whether a key is known, the stand-in's with --offline, where a tunnel is wanted."""
    return session.wish.offline or bool(session.settings.stripe_key or read_secrets(session.instance).stripe_key)
