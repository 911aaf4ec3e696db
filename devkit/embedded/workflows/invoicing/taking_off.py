"""Lines that are taken off a draft for good: their charges go with them."""

from collections.abc import Iterable

from devkit.embedded.domain.billing.charges import Charge, runs_of
from devkit.embedded.domain.billing.invoices import Invoice
from devkit.embedded.domain.billing.lines import Line, live
from devkit.embedded.domain.instants import text_of
from devkit.embedded.store.charges import get_charge
from devkit.embedded.store.invoices import gathering_invoice, put_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.charge_runs import void_run


def is_one_of_several(store: Store, line: Line) -> bool:
    """Whether other parts of what the line bills are on invoices, too."""
    return "chargeId" in line and len(runs_of(get_charge(store, line["chargeId"]))) > 1


def take_off(store: Store, invoice: Invoice, lines: Iterable[Line]) -> None:
    """These lines of the invoice bill nothing any more, and what of their charges is not billed yet never will be."""
    for line in lines:
        if "chargeId" in line:
            _drop_rest(store, invoice, void_run(store, line))


def _drop_rest(store: Store, invoice: Invoice, charge: Charge) -> None:
    """A gathering invoice that is left without lines is deleted."""
    gathering = gathering_invoice(store, invoice["customerId"], invoice["currency"])
    if gathering is None or all(line.get("chargeId") != charge["id"] for line in live(gathering["lines"])):
        return
    now = text_of(store.now())
    gone = {"deletedAt": now, "updatedAt": now}
    lines = [line | gone if line.get("chargeId") == charge["id"] else line for line in gathering["lines"]]
    put_invoice(store, gathering | {"lines": lines, "updatedAt": now} | ({} if live(lines) else gone))
