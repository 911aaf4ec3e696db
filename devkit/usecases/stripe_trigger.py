"""`devkit stripe trigger`: something happens at Stripe, and OpenMeter hears of it."""

from dataclasses import asdict
from time import monotonic
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from devkit.core.progress import Listener, RunFinished, RunStarted, StepDone, StepFailed, StepProgress, StepStarted
from devkit.stripe_app.connection import StripeConnection
from devkit.stripe_app.trigger_stage import WITHIN
from devkit.stripe_app.triggers import TRIGGERS, TriggerResult, named, run_trigger
from devkit.usecases.outside import running
from devkit.usecases.session import Session
from devkit.usecases.stripe_connection import connection

_RUN = "stripe trigger"


def trigger(session: Session, name: str, listener: Listener, *, within: float = WITHIN) -> TriggerResult:
    """Runs a trigger on the instance. within: seconds that OpenMeter or Stripe may take for one step.

    Raises UsageError for a name that is none, and DevkitError where the instance has no Stripe app or a step fails.
    """
    named(name)  # a wrong one is the first thing to tell
    session, outside = running(session)
    known = connection(session.instance, outside)
    if not known.app:
        hint = "devkit stripe sync installs it, or says why it cannot"
        raise DevkitError(f"instance {session.instance.name} has no Stripe app", hint=hint)
    with session.client() as client:
        return trigger_on(client, known, name, listener, within=within)


def trigger_on(
    openmeter: OpenMeter, known: StripeConnection, name: str, listener: Listener, *, within: float = WITHIN
) -> TriggerResult:
    """The same on a server and an account that are known. Events: one step, with a message for each state."""
    began = monotonic()
    listener(RunStarted(_RUN, (name,)))
    listener(StepStarted(name))

    def tell(state: str) -> None:
        listener(StepProgress(name, state))

    try:
        result = run_trigger(name, openmeter, known.access, known.owner, known.app, tell=tell, within=within)
    except DevkitError as error:
        seconds = round(monotonic() - began, 3)
        listener(StepFailed(name, error.message, error.hint, error.evidence, seconds))
        listener(RunFinished(_RUN, ok=False, changed=True, seconds=seconds))
        raise
    seconds = round(result.seconds, 3)
    listener(StepDone(name, result.states[-1], changed=True, seconds=seconds))
    listener(RunFinished(_RUN, ok=True, changed=True, seconds=seconds, result=as_data(result)))
    return result


def as_data(result: TriggerResult) -> dict[str, Any]:
    """The result as plain data, for JSON output."""
    return {**asdict(result), "states": list(result.states), "seconds": round(result.seconds, 3)}


def known_triggers() -> list[dict[str, str]]:
    """Names, and what each brings about."""
    return [{"name": name, "meaning": trigger.meaning} for name, trigger in TRIGGERS.items()]
