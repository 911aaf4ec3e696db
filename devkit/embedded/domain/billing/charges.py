"""Charges: what a metered line bills over its whole period, and what of it is on invoices by now.

A metered line that is billed in several parts has one charge; each part that went to a standard invoice is a run of it.
    id, createdAt, updatedAt, deletedAt?, customerId, currency, featureKey, featureId, period {from, to}
    runs [{lineId, invoiceId, to, storedBefore, quantity, children, open, voided}]
        to            the end of what the run bills; it begins where the one before it ended
        storedBefore  only events stored before this instant count
        quantity      what the meter counted from the start of the charge up to `to`: a numeric
        children      the detailed lines as invoices keep them
        open          whether its invoice is still a draft; there is one such run at most
        voided        whether its line was taken off: it counts no more
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing.lines import Line
from devkit.embedded.domain.billing.moments import after
from devkit.embedded.domain.durations import parse
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.instants import instant
from devkit.embedded.domain.issues import Issue, critical

Charge = dict[str, Any]
Run = dict[str, Any]

#: Between the cut-off of a run and the collection of its invoice, so that no event comes in between.
SETTLING = timedelta(minutes=1)


@dataclass(frozen=True)
class Cutoff:
    """Which events a part of a charge bills: those of before `to` that are stored before `stored_before`.

    collection_at: when all that counts is known
    final:         whether it is the last part
    """

    to: datetime
    stored_before: datetime
    collection_at: datetime
    final: bool


def new(line: Line, customer_id: str, feature_id: str, *, id_: str, now: str) -> Charge:
    """The charge of a metered line that nothing of is billed yet."""
    return {
        "id": id_,
        "createdAt": now,
        "updatedAt": now,
        "customerId": customer_id,
        "currency": line["currency"],
        "featureKey": line["featureKey"],
        "featureId": feature_id,
        "period": line["period"],
        "runs": [],
    }


def cutoff(charge: Charge, line: Line, collection_interval: str) -> Cutoff:
    """What this part of the charge counts: the last one waits for late events, the others do not.

    Raises InternalFailure beyond the calendar.
    """
    end = instant(line["period"]["to"])
    final = line["period"]["to"] == charge["period"]["to"]
    try:
        until = after(end, parse(collection_interval)) if final else end
        return Cutoff(end, until, until + SETTLING, final)
    except OverflowError as error:
        raise InternalFailure("the usage would be collected beyond the calendar") from error


def cutoff_of(charge: Charge, run: Run) -> Cutoff:
    """What the run counts."""
    until = instant(run["storedBefore"])
    return Cutoff(instant(run["to"]), until, until + SETTLING, run["to"] == charge["period"]["to"])


def runs_of(charge: Charge) -> list[Run]:
    """The runs that count, by time."""
    return sorted((run for run in charge["runs"] if not run["voided"]), key=lambda run: instant(run["to"]))


def runs_before(charge: Charge, to: datetime) -> list[Run]:
    """The runs that ended before this instant, by time."""
    return [run for run in runs_of(charge) if instant(run["to"]) < to]


def open_run(charge: Charge) -> Run | None:
    """The run whose invoice is a draft."""
    return next((run for run in runs_of(charge) if run["open"]), None)


def billed_quantity(runs: Sequence[Run]) -> Decimal:
    """What the last one of the runs had counted in all."""
    return Decimal(runs[-1]["quantity"]) if runs else Decimal(0)


def with_run(charge: Charge, run: Run, *, now: str) -> Charge:
    """The charge with the run in the place of that of the same line, or as a new one."""
    others = [known for known in charge["runs"] if known["lineId"] != run["lineId"]]
    return {**charge, "runs": [*others, run], "updatedAt": now}


def with_run_changed(charge: Charge, line_id: str, changes: Mapping[str, Any], *, now: str) -> Charge:
    """The charge with these members of the run of the line changed."""
    runs = [{**run, **changes} if run["lineId"] == line_id else run for run in charge["runs"]]
    return {**charge, "runs": runs, "updatedAt": now}


def given_up(charge: Charge, *, now: str) -> Charge:
    """The charge, of which nothing more will be billed."""
    return {**charge, "deletedAt": now, "updatedAt": now}


def ended_at(charge: Charge, end: str, *, now: str) -> Charge:
    """The charge, of which nothing more is billed than what lies before this instant."""
    return {**charge, "period": {**charge["period"], "to": end}, "updatedAt": now}


def negative_total(charge: Charge, total: str) -> Issue:
    """What is wrong with a charge that would have to pay back more than it costs."""
    issue = critical("charge_total_is_negative", "", "charge total is negative", status=None)
    return replace(issue, attributes=(("charge_id", charge["id"]), ("total", total)))
