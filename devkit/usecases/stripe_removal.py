"""What `destroy` does at Stripe: the webhook endpoint and all else that the instance made there goes."""

from devkit.core.errors import DevkitError
from devkit.core.machine import unregister
from devkit.core.outside import Outside, read_outside
from devkit.core.secrets_file import read_secrets
from devkit.usecases.runner import Outcome, Tell
from devkit.usecases.session import Session


def remove_from_stripe(session: Session, tell: Tell) -> Outcome[Session]:
    """Without Stripe, or with a key that it does not take any more, it says what stays there, and goes on."""
    from devkit.adapters.stripe import access_with
    from devkit.stripe_app.removal import remove
    from devkit.usecases.stripe_connection import owner_of

    outside, secrets = read_outside(session.instance), read_secrets(session.instance)
    tell("asking Stripe")
    try:
        access = access_with(session.settings.stripe_key or secrets.stripe_key, _base(session, outside))
        apps = [outside.webhook.app] if outside and outside.webhook.app and not outside.wish.offline else []
        gone = remove(access, owner_of(session.instance), apps)
    except DevkitError as error:
        note = f"what the instance made at Stripe is still there: {error.message} (devkit stripe gc removes it later)"
        tell(note)
        return Outcome(session.noting(note), "Stripe was not reached, or refused")
    unregister(secrets.identity)
    for each in gone:
        tell(f"removed {each}")
    session = session.reporting(removed_from_stripe=gone)
    return Outcome(session, ", ".join(gone) or "nothing of the instance was there", changed=bool(gone))


def without_stripe_objects(session: Session) -> str | None:
    secrets = read_secrets(session.instance)
    if secrets.identity and secrets.stripe_key:
        return None
    return "the instance made nothing there" + (", but at the stand-in" if secrets.offline_key else "")


def at_stripe(session: Session) -> list[str]:
    """What goes, for people to agree; Stripe is not asked for it."""
    if without_stripe_objects(session):
        return []
    outside = read_outside(session.instance)
    endpoint = f" {outside.webhook.endpoint}" if outside and outside.webhook.endpoint else ""
    return [f"at Stripe: the webhook endpoint{endpoint}, and the customers that devkit made there"]


def _base(session: Session, outside: Outside | None) -> str:
    """Where the stand-in of Stripe is that the instance used; empty for Stripe itself."""
    known = outside.wish.stripe_base if outside else ""
    return known or (session.state.wish.stripe_base if session.state else "") or session.settings.stripe_base
