"""The dates of a standard invoice: when its usage is collected, when its draft ends, when it is due, what it spans."""

from datetime import datetime
from typing import Any

from devkit.embedded.domain.billing.invoices import Invoice, period_of
from devkit.embedded.domain.billing.lines import Line, is_flat, live
from devkit.embedded.domain.billing.moments import after
from devkit.embedded.domain.durations import parse
from devkit.embedded.domain.instants import instant, text_of


def dated(invoice: Invoice) -> Invoice:
    """The invoice with all dates that follow from its lines, its workflow and what happened to it."""
    invoice = _with(invoice, collectionAt=_collection_at(invoice))
    invoice = _with(invoice, draftUntil=_draft_until(invoice))
    return _with(invoice, dueAt=_due_at(invoice), period=period_of(invoice["lines"]))


def issued(invoice: Invoice, now: str) -> Invoice:
    """The invoice at the moment at which it is issued; where it is approved by hand it is due from then."""
    invoice = invoice | {"issuedAt": now}
    return _with(invoice, dueAt=_due_at(invoice))


def _collection_at(invoice: Invoice) -> str | None:
    """After the last of its lines on a meter; None where there is none."""
    interval = invoice["workflow"]["collection"]["interval"]
    moments = [_collected_at(line, interval) for line in live(invoice["lines"]) if not is_flat(line)]
    return text_of(max(moments)) if moments else None


def _collected_at(line: Line, interval: str) -> datetime:
    """As its run says; a line without one waits for late usage from when it is to be invoiced."""
    if "collectionAt" in line:
        return instant(line["collectionAt"])
    waited, begin = parse(interval), instant(line["invoiceAt"])
    return after(begin, waited) if waited.sign > 0 else begin


def _draft_until(invoice: Invoice) -> str | None:
    invoicing = invoice["workflow"]["invoicing"]
    if not invoicing["autoAdvance"]:
        return None
    created = instant(invoice["createdAt"])
    begin = max(created, instant(invoice["collectionAt"])) if "collectionAt" in invoice else created
    return text_of(after(begin, parse(invoicing["draftPeriod"])))


def _due_at(invoice: Invoice) -> str | None:
    """From the end of the draft on, or from the issue where someone approves it; as it was where neither is known."""
    invoicing = invoice["workflow"]["invoicing"]
    begin = invoice.get("draftUntil" if invoicing["autoAdvance"] else "issuedAt")
    if begin is None:
        return invoice.get("dueAt")
    return text_of(after(instant(begin), parse(invoicing["dueAfter"])).replace(microsecond=0))


def _with(invoice: Invoice, **dates: Any) -> Invoice:
    """A date that is None is none of the invoice's."""
    kept = {name: value for name, value in invoice.items() if name not in dates}
    return kept | {name: value for name, value in dates.items() if value is not None}
