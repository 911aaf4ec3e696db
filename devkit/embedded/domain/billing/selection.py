"""Which pending lines can be invoiced, and up to when: a metered line may be billed in parts while its period runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.embedded.domain.billing.lines import Line, is_flat
from devkit.embedded.domain.billing.refusals import coded
from devkit.embedded.domain.instants import instant, text_of

#: What can only grow (as long as no event takes something back) may be billed before it is complete.
_GROWING = frozenset(("SUM", "COUNT", "MAX", "UNIQUE_COUNT"))

#: The aggregation of the meter behind a line.
Aggregation = Callable[[Line], str]


@dataclass(frozen=True)
class Selected:
    """A pending line that can be invoiced, up to an instant."""

    line: Line
    until: datetime


@dataclass(frozen=True)
class Split:
    """A pending line as it is billed, and what of it stays pending. rest: None where all of it is billed."""

    billed: Line
    rest: Line | None = None


def billable_until(line: Line, as_of: datetime, aggregation: Aggregation, *, progressive: bool) -> datetime | None:
    """Where the part ends that can be invoiced as of an instant; None where nothing can.

    progressive: whether metered lines are billed in parts, whatever their `invoiceAt` says
    """
    now = as_of.replace(microsecond=0)
    end, due = instant(line["period"]["to"]), instant(line["invoiceAt"]) <= now
    if is_flat(line):
        return end if due else None
    # Asked for every line: where there is no meter, nothing of the invoice can be billed.
    growing = progressive and aggregation(line) in _GROWING
    if growing and not _is_volume(line["price"]):
        return min(now, end) if now > instant(line["period"]["from"]) else None
    return end if now >= end and (progressive or due) else None


def split(line: Line, until: datetime, rest_id: str, now: str) -> Split:
    """The line up to an instant, which keeps its id, and the rest, which becomes a line of its own."""
    end = text_of(until)
    if end == line["period"]["to"]:
        return Split(line)
    period = line["period"]
    rest = {**line, "id": rest_id, "period": {**period, "from": end}, "createdAt": now, "updatedAt": now}
    return Split({**line, "period": {**period, "to": end}, "invoiceAt": end}, rest)


def check_not_empty(line: Line) -> None:
    """A metered line without a second of time has no usage. Raises Plain."""
    if not is_flat(line) and line["period"]["from"] == line["period"]["to"]:
        raise coded("invoice_create_ubp_line_period_is_empty")


def _is_volume(price: dict[str, Any]) -> bool:
    return (price["type"], price.get("mode")) == ("tiered", "volume")
