"""What `up` does at Stripe: app and webhook by way of the agent, the billing profile, and the seeded customers."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from devkit.core.errors import DevkitError
from devkit.usecases.outside import running_outside, without_tunnel
from devkit.usecases.runner import Outcome, Tell
from devkit.usecases.session import Session
from devkit.usecases.stripe_connection import connection_of, has_account

if TYPE_CHECKING:
    from devkit.adapters.openmeter import OpenMeter

_OF_AN_INSTALL = {"installed", "ownership-written"}
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


def customers_at_stripe(session: Session, client: "OpenMeter") -> Callable[[Sequence[str]], str] | None:
    """Gives customers of OpenMeter a customer at Stripe with a test card; None where the instance has no Stripe app.

    Where the Stripe app bills by default, OpenMeter sells to no customer before that.
    """
    connection = connection_of(session)
    if connection is None:
        return None
    from devkit.stripe_app.customers import link_customers

    def link(keys: Sequence[str]) -> str:
        return str(link_customers(client, connection.access, connection.owner, keys, app=connection.app))

    return link


def without_stripe(session: Session) -> str | None:
    outside = running_outside(session)
    if without_tunnel(session) or (outside is not None and not outside.tunnel.url):
        return "no tunnel, so Stripe could not reach this machine"
    return None if has_account(session) else _NO_KEY


def _told(done: Mapping[str, Any]) -> str:
    kinds = [repair["kind"] for repair in done["repairs"]]
    if set(kinds) <= _OF_AN_INSTALL:
        what = "app and webhook endpoint installed" if kinds else "all is as it should be"
    else:
        what = "; ".join(repair["text"] for repair in done["repairs"])
    seconds = done["verified_seconds"]
    return what if seconds is None else f"{what}; an event came back after {seconds:.1f} s"
