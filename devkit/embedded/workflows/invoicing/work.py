"""What has to be done in each state of an invoice.

A function changes the invoice of its progress; it raises StepFailed where it cannot, and merges what the app or the
meters found. A critical issue ends the step as a failure does.
"""

from collections.abc import Callable, Mapping

from devkit.embedded.domain.billing.app_merging import with_finalized, with_upserted
from devkit.embedded.domain.billing.app_results import AppFailure
from devkit.embedded.domain.billing.invoice_dates import dated, issued
from devkit.embedded.domain.billing.lines import COLLECTED, Line, is_flat, live
from devkit.embedded.domain.billing.rating.rated_lines import totals_of_lines
from devkit.embedded.domain.billing.validation_issues import OPENMETER
from devkit.embedded.domain.errors import Refusal
from devkit.embedded.domain.issues import Issue
from devkit.embedded.workflows.charge_runs import close_runs, collect_line
from devkit.embedded.workflows.invoicing.progress import Progress, StepFailed
from devkit.embedded.workflows.invoicing.taking_off import take_off

Work = Callable[[Progress], None]

#: Where the issues of metered lines come from.
METERED_LINES = "openmeter.lineengine.charge_usagebased"


def calculate(progress: Progress) -> None:
    """The dates and the totals, from the lines as they are."""
    progress.invoice = dated(progress.invoice) | {"totals": totals_of_lines(progress.invoice["lines"])}
    progress.merge(OPENMETER, ())


def collect(progress: Progress) -> None:
    """The last snapshot of what the meters counted. An invoice without lines has nothing to collect."""
    lines = progress.invoice["lines"] = list(progress.invoice["lines"])
    try:
        for number, line in enumerate(lines):
            lines[number] = collect_line(progress.store, line)
    except Refusal as refusal:
        progress.merge(METERED_LINES, [Issue(refusal.detail)])
    else:
        if live(lines):
            progress.invoice["quantitySnapshotedAt"] = progress.now
    calculate(progress)


def validate(progress: Progress) -> None:
    try:
        progress.app.validate(progress.invoice)
    except AppFailure as failure:
        progress.merge_of_app("validate", failure.issues)
    else:
        progress.merge_of_app("validate")


def sync(progress: Progress) -> None:
    try:
        progress.invoice = with_upserted(progress.invoice, progress.app.upsert(progress.invoice))
    except AppFailure as failure:
        progress.merge_of_app("sync", failure.issues)
    else:
        progress.merge_of_app("sync")


def finalize(progress: Progress) -> None:
    """The invoice is issued in between, so that the app knows when it is due."""
    try:
        progress.invoice = with_upserted(progress.invoice, progress.app.upsert(progress.invoice))
        progress.invoice = issued(progress.invoice, progress.now)
        progress.invoice = with_finalized(progress.invoice, progress.app.finalize(progress.invoice))
    except AppFailure as failure:
        progress.merge_of_app("finalize", failure.issues)
    else:
        progress.merge_of_app("finalize")


def book(progress: Progress) -> None:
    """A metered line must have been collected. One that an update added never is: OpenMeter has no step for it."""
    for line in live(progress.invoice["lines"]):
        if not is_flat(line) and line["realization"] != COLLECTED:
            raise StepFailed([Issue(_not_collected(line), component=METERED_LINES)])
    close_runs(progress.store, progress.invoice)


def delete(progress: Progress) -> None:
    """What was found before is forgotten; where the app fails, the next attempt only asks the app again."""
    progress.issues = []
    if "deletedAt" not in progress.invoice:
        take_off(progress.store, progress.invoice, live(progress.invoice["lines"]))
        progress.invoice["deletedAt"] = progress.now


def sync_deletion(progress: Progress) -> None:
    try:
        progress.app.delete(progress.invoice)
    except AppFailure as failure:
        progress.merge_of_app("delete", failure.issues)
    else:
        progress.merge_of_app("delete")


def _then(*steps: Work) -> Work:
    def all_of_them(progress: Progress) -> None:
        for step in steps:
            step(progress)

    return all_of_them


#: The states that have work to do. The work is done on entering them.
WORK: Mapping[str, Work] = {
    "draft.created": calculate,
    "draft.collecting": collect,
    "draft.updating": _then(calculate, validate),
    "draft.validating": _then(calculate, validate),
    "draft.syncing": sync,
    "issuing.syncing": finalize,
    "issuing.charge_booking": book,
    "delete.in_progress": delete,
    "delete.syncing": sync_deletion,
}


def _not_collected(line: Line) -> str:
    status = f"active.realization.{line['realization']}"
    return f"charge[{line['chargeId']}] in status {status} cannot handle invoice_issued for standard line[{line['id']}]"
