"""Things that happen at Stripe, on demand. Each begins with a real customer or invoice of OpenMeter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from time import monotonic

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.core.errors import UsageError
from devkit.stripe_app import trigger_acts as acts
from devkit.stripe_app.connection import StripeConnection
from devkit.stripe_app.ownership import Owner
from devkit.stripe_app.trigger_acts import Happened
from devkit.stripe_app.trigger_stage import WITHIN, Stage, Tell


@dataclass(frozen=True)
class Trigger:
    """meaning: what it brings about, one line"""

    meaning: str
    act: Callable[[Stage], Happened]


@dataclass(frozen=True)
class TriggerResult:
    """What a trigger brought about.

    ids, links: by what they are of; states: what was seen, in its order; note: what a person can do now
    """

    name: str
    ids: Mapping[str, str]
    states: tuple[str, ...]
    links: Mapping[str, str]
    note: str
    seconds: float


TRIGGERS: Mapping[str, Trigger] = {
    "checkout": Trigger("a link to Stripe's checkout, where a customer leaves a card", acts.checkout),
    "invoice.paid": Trigger("an invoice is issued to Stripe and paid there with a test card", acts.invoice_paid),
    "invoice.payment_failed": Trigger("an invoice whose test card is declined", acts.payment_failed),
    "invoice.voided": Trigger("an invoice that is voided at Stripe", acts.voided),
    "invoice.marked_uncollectible": Trigger("an invoice that Stripe gives up on", acts.uncollectible),
    "setup_intent.succeeded": Trigger("a customer's new card at Stripe becomes its default here", acts.setup_succeeded),
}


def run_trigger(
    name: str,
    openmeter: OpenMeter,
    access: StripeAccess,
    owner: Owner,
    app: str,
    *,
    tell: Tell = lambda _: None,
    within: float = WITHIN,
) -> TriggerResult:
    """Brings something about at Stripe, and waits until OpenMeter has heard of it.

    app:    the id of the Stripe app
    tell:   called with each state that is seen on the way
    within: seconds that OpenMeter or Stripe may take for one step

    Raises UsageError for a name that is none, and DevkitError, with what was seen on both sides, where a step fails or
    takes too long.
    """
    trigger = named(name)
    began = monotonic()
    stage = Stage(openmeter, StripeConnection(access, owner, app), tell, within)
    happened = trigger.act(stage)
    states = tuple(stage.states)
    return TriggerResult(name, happened.ids, states, happened.links, happened.note, monotonic() - began)


def named(name: str) -> Trigger:
    """Raises UsageError for a name that is none."""
    if name in TRIGGERS:
        return TRIGGERS[name]
    near = get_close_matches(name, TRIGGERS, n=1, cutoff=0.5)
    known = f"the triggers: {', '.join(TRIGGERS)}"
    raise UsageError(f"there is no trigger {name!r}", hint=f"did you mean {near[0]}? {known}" if near else known)
