"""The account at Stripe that an instance works with, for commands that go there themselves."""

from devkit.core.outside import NOTHING, Outside
from devkit.core.secrets_file import read_secrets
from devkit.stripe_app.connection import StripeConnection
from devkit.stripe_app.ownership import Owner
from devkit.usecases.outside import running_outside
from devkit.usecases.session import Session


def connection_of(session: Session) -> StripeConnection | None:
    """None where the instance has no Stripe app that Stripe reaches."""
    outside = running_outside(session)
    if outside is None or not outside.webhook.app or not outside.tunnel.url:
        return None
    return connection(session, outside)


def connection(session: Session, outside: Outside) -> StripeConnection:
    """Raises DevkitError where there is no key."""
    from devkit.adapters.stripe import access_of

    secrets = read_secrets(session.instance)
    return StripeConnection(access_of(secrets, outside), owner_of(session), outside.webhook.app)


def owner_of(session: Session) -> Owner:
    """Who the instance is at Stripe. Raises DevkitError where this machine has no identity and gets none."""
    from devkit.core.machine import machine_id

    return Owner(read_secrets(session.instance).identity, machine_id(), session.instance.name)


def has_account(session: Session) -> bool:
    """Whether a key is known, the stand-in's with --offline."""
    wish = session.wish if session.wish.anything else (session.state.wish if session.state else session.wish)
    if wish.provider == NOTHING:
        return False
    return wish.offline or bool(session.settings.stripe_key or read_secrets(session.instance).stripe_key)
