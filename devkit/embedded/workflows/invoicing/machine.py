"""Moves invoices from state to state: the table is domain/billing/invoice_states.py, the work of the states work.py."""

from devkit.embedded.domain.billing.app_results import AppFailure, Triggered
from devkit.embedded.domain.billing.invoice_states import FAILED, NEXT, no_way_out, target
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.issues import Issue, criticals
from devkit.embedded.store.invoice_notices import note_updated
from devkit.embedded.workflows.invoicing.progress import Progress, StepFailed
from devkit.embedded.workflows.invoicing.work import WORK


def fire(progress: Progress, trigger: str) -> None:
    """Takes one step and does its work; where that fails the invoice goes where the table says.

    Raises StepFailed with what was found, and InternalFailure where the table has no way for it.
    """
    following = target(progress.status, trigger, progress.facts())
    if following is None:
        raise StepFailed([Issue(no_way_out(progress.status, trigger))])
    progress.invoice["status"] = following
    work(progress)


def work(progress: Progress) -> None:
    """Does the work of the state that the invoice is in. Raises as `fire`."""
    failure: StepFailed | None = None
    try:
        WORK.get(progress.status, _nothing)(progress)
    except StepFailed as failed:
        failure = failed
    if failure is None and not criticals(progress.issues):
        return
    following = target(progress.status, FAILED, progress.facts())
    if following is None:
        raise InternalFailure(f"an invoice cannot fail in {progress.status}")
    progress.invoice["status"] = following
    raise failure or StepFailed(progress.issues)


def advance(progress: Progress) -> list[Issue]:
    """Goes on as far as the invoice does by itself; returns the issues that it has in the end."""
    while target(progress.status, NEXT, progress.facts()):
        try:
            fire(progress, NEXT)
        except StepFailed as failed:
            progress.issues = failed.issues
            return progress.issues
        note_updated(progress.store, progress.invoice)
    _ask_app(progress)
    return progress.issues


def handle(progress: Progress, triggered: Triggered) -> list[Issue]:
    """Fires what an app wants, and goes on; returns what stands in the way, or else what the app itself found."""
    try:
        fire(progress, triggered.trigger)
    except StepFailed as failed:
        return failed.issues
    note_updated(progress.store, progress.invoice)
    return advance(progress) or list(triggered.issues)


def act(progress: Progress, trigger: str) -> None:
    """Fires and goes on. A failure leads to a state of the table and to issues, and is no refusal."""
    try:
        fire(progress, trigger)
    except StepFailed as failed:
        progress.issues = failed.issues
    else:
        progress.issues = advance(progress)


def _ask_app(progress: Progress) -> None:
    try:
        triggered = progress.app.post_advance(progress.invoice)
    except AppFailure as failure:
        progress.merge_of_app("post_advance_hook", failure.issues)
        return
    if triggered is None:
        progress.merge_of_app("post_advance_hook")
    else:
        progress.merge_of_app(triggered.operation, handle(progress, triggered))


def _nothing(progress: Progress) -> None:
    """Most states have no work of their own."""
