"""Runs one check: gives it a scene, cleans up, and turns whatever happened into a result. No exception leaves it."""

import traceback
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from time import monotonic

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from devkit.checks.coverage import undeclared
from devkit.checks.outcomes import CheckFailed, CheckSkipped, Result
from devkit.checks.registry import Check
from devkit.checks.scene import Scene
from devkit.core.errors import UnreachableError


@dataclass(frozen=True)
class Conditions:
    """What all checks of a run share.

    client: of the server; threads may share it
    token:  marks the names of this run
    wait:   seconds that an accepted event may take to become visible
    keep:   leave behind what the checks create
    stop:   set when the run ends early; checks that wait give up
    ahead:  how far the server's clock is ahead of this machine's
    stripe: a Stripe account that the server reaches, too; None where there is none
    stripe_reaches: whether that account's webhooks reach the server
    """

    client: OpenMeter
    token: str
    wait: float
    keep: bool
    stop: Event
    ahead: timedelta = timedelta()
    stripe: StripeAccess | None = None
    stripe_reaches: bool = False


def run_check(check: Check, number: int, conditions: Conditions) -> Result:
    """number: sets the names of this check apart from those of the others in the run."""
    started = monotonic()
    scene = Scene(
        conditions.client,
        f"{conditions.token}{number:02d}",
        wait=conditions.wait,
        stop=conditions.stop,
        ahead=conditions.ahead,
        stripe=conditions.stripe,
        reached=conditions.stripe_reaches,
    )
    result = _outcome(check, scene)
    if not conditions.keep:
        result = _cleaned(result, scene.clean_up())
    told = result.without_secrets()
    return replace(told, seconds=monotonic() - started, calls=tuple(scene.caller.calls))


def _outcome(check: Check, scene: Scene) -> Result:
    passed = Result(check.name, check.tag, check.title, "passed", 0)
    try:
        check.proof(scene)
        _hold_to_its_word(check, scene)
    except CheckSkipped as skipped:
        return replace(passed, status="skipped", message=skipped.reason)
    except CheckFailed as failed:
        evidence = failed.evidence or scene.caller.exchange
        return replace(passed, status="failed", message=failed.sentence, hint=failed.hint, evidence=evidence)
    except UnreachableError as gone:
        return replace(passed, status="failed", message=gone.message, hint=gone.hint, unreachable=True)
    except Exception as error:  # noqa: BLE001 - an answer that no check foresaw must not end the run
        return replace(passed, status="failed", message=_unforeseen(error), evidence=scene.caller.exchange)
    return passed


def _hold_to_its_word(check: Check, scene: Scene) -> None:
    if (sentence := undeclared(check.operations, scene.caller.calls)) is not None:
        raise CheckFailed(sentence)


def _unforeseen(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    file = place.filename.replace("\\", "/").rsplit("/", 1)[-1]
    return f"the check could not make sense of an answer: {type(error).__name__}: {error} ({file}:{place.lineno})"


def _cleaned(result: Result, left: list[str]) -> Result:
    """A check that passed but leaves something behind has failed; one that failed says so in its evidence."""
    if not left:
        return result
    if result.status == "failed":
        return replace(result, evidence=(*result.evidence, *left))
    return replace(result, status="failed", message=left[0], evidence=tuple(left[1:]))
