"""The steps of `up` at Stripe: app and webhook by way of the agent, the billing profile, and the seeded customers."""

from devkit.core.errors import DevkitError
from devkit.usecases.outside import running_outside, without_tunnel
from devkit.usecases.runner import Outcome, Tell
from devkit.usecases.session import Session
from devkit.usecases.stripe_connection import connection_of, has_account

_NO_KEY = "STRIPE_API_KEY is not set (--offline needs none)"


def install_stripe_app(session: Session, tell: Tell) -> Outcome[Session]:
    """The app installed, its webhook endpoint as it should be, an event of Stripe's received, and the profile made."""
    from devkit.adapters.agent_control import AgentControl
    from devkit.stripe_app.profiles import ensure_profile

    outside = running_outside(session)
    if outside is None:
        raise DevkitError("the agent has ended", hint="devkit logs shows why; devkit up starts it anew")
    tell("asking Stripe")
    done = AgentControl(outside).sync()
    with session.client() as client:
        profile = ensure_profile(client, done["app"], default=session.settings.stripe_default)
    for note in done["notes"]:
        session = session.noting(note)
    session = session.reporting(stripe={**done, "profile": profile.id, "default": profile.default})
    changed = bool(done["repairs"]) or profile.changed or done["verified_seconds"] is not None
    return Outcome(session, _told(done), changed=changed)


def link_stripe_customers(session: Session, tell: Tell) -> Outcome[Session]:
    """A customer at Stripe with a test card for each customer of the packs."""
    from devkit.stripe_app.customers import link_customers

    connection = connection_of(session)
    if connection is None:
        raise DevkitError("the Stripe app is gone", hint="devkit stripe status shows what there is")
    keys = _customer_keys(session.settings.seed)
    tell(f"{len(keys)} customers")
    with session.client() as client:
        linked = link_customers(client, connection.access, connection.owner, keys)
    return Outcome(session, str(linked), changed=linked.changed)


def without_stripe(session: Session) -> str | None:
    if without_tunnel(session):
        return "no tunnel, so Stripe could not reach this machine"
    return None if has_account(session) else _NO_KEY


def without_stripe_customers(session: Session) -> str | None:
    if not session.settings.seed:
        return "no seed pack asked for (--seed)"
    if without_stripe(session):
        return "no Stripe app"
    return None if _customer_keys(session.settings.seed) else "the packs have no customers"


def _customer_keys(packs: tuple[str, ...]) -> list[str]:
    from devkit.usecases.packs import load_pack

    return list(dict.fromkeys(entry["key"] for name in packs for entry in load_pack(name).pack.entries("customer")))


def _told(done: dict[str, object]) -> str:
    repairs = done["repairs"]
    texts = [str(each["text"]) for each in repairs] if isinstance(repairs, list) else []
    what = "; ".join(texts) or "all is as it should be"
    seconds = done["verified_seconds"]
    return what + (f"; an event came back after {seconds:.1f} s" if isinstance(seconds, float) else "")
