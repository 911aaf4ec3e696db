"""The charges of metered lines when their period changes, or when they are given up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from devkit.embedded.domain.billing import charges as rules
from devkit.embedded.domain.billing.charges import Charge, Run
from devkit.embedded.domain.billing.lines import Line, live
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.store.charges import get_charge, put_charge
from devkit.embedded.store.invoices import gathering_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.invoice_line_changes import LineChanges


def give_up_charge(store: Store, charge_id: str, changes: LineChanges) -> None:
    """Nothing of the charge is billed any more: neither what is pending nor what is on drafts."""
    charge = get_charge(store, charge_id)
    changes.gone |= {run["lineId"] for run in rules.runs_of(charge)}
    pending = _pending_line(store, charge)
    if pending is not None:
        changes.gone.add(pending["id"])
    now = text_of(store.now())
    put_charge(store, {**charge, "deletedAt": now, "updatedAt": now})


def end_charge_at(
    store: Store, charge_id: str, end: datetime, pending: Mapping[str, Any], changes: LineChanges
) -> dict[str, Any] | None:
    """The charge ends at another instant: runs that reach beyond it go, and what no run bills stays pending.

    pending: what its pending line shows from now on, but for its period
    Returns the period of a pending line that has to be made because there is none to be changed. A charge that was
    given up stays so.
    """
    charge = get_charge(store, charge_id)
    if "deletedAt" in charge:
        return None
    kept = [run for run in rules.runs_of(charge) if _is_kept(charge, run, end)]
    changes.gone |= {run["lineId"] for run in rules.runs_of(charge) if run not in kept}
    put_charge(store, {**charge, "period": {**charge["period"], "to": text_of(end)}, "updatedAt": text_of(store.now())})
    start = max([instant(charge["period"]["from"]), *(instant(run["to"]) for run in kept)])
    rest = {"from": text_of(start), "to": text_of(end)}
    line = _pending_line(store, charge)
    if start >= end:
        changes.gone |= set() if line is None else {line["id"]}
        return None
    if line is None:
        return rest
    changes.changed[line["id"]] = {**pending, "period": rest}
    return None


def _is_kept(charge: Charge, run: Run, end: datetime) -> bool:
    """A run goes that ends too late, and so does the last one of a charge that goes on, while it is on a draft."""
    last = run["to"] == charge["period"]["to"]
    return instant(run["to"]) <= end and not (last and run["open"] and instant(run["to"]) < end)


def _pending_line(store: Store, charge: Charge) -> Line | None:
    """The line of what is not billed yet."""
    invoice = gathering_invoice(store, charge["customerId"], charge["currency"])
    lines = [] if invoice is None else live(invoice["lines"])
    return next((line for line in lines if line.get("chargeId") == charge["id"]), None)
