"""Lines, prices and runs of parts for the tests of rating."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from devkit.embedded.domain.billing.lines import Child, Line
from devkit.embedded.domain.billing.rating.line_rating import Metered, Rated, rate
from devkit.embedded.domain.billing.rating.rated_lines import rated_line

PERIOD = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
NOW = "2025-02-01T00:00:01Z"


def line(price: Mapping[str, Any], *, currency: str = "USD", discounts: Mapping[str, Any] | None = None) -> Line:
    given = {"discounts": discounts} if discounts else {}
    return {"name": "Calls", "price": dict(price), "currency": currency, "period": PERIOD, **given}


def of(usage: str | int | Decimal, before: str | int | Decimal = 0) -> Metered:
    return Metered(Decimal(usage), Decimal(before))


def written(a_line: Line, rated: Rated) -> Line:
    ids = count()
    return rated_line(a_line, rated, new_id=lambda: f"id-{next(ids)}", now=NOW)


def parts(a_line: Line, totals: Sequence[Decimal]) -> list[Rated]:
    """The line in parts that end where the meter stood at each of the totals; the last one is final."""
    found: list[Rated] = []
    billed: list[list[Child]] = []
    before = Decimal(0)
    for number, total in enumerate(totals, start=1):
        found.append(rate(a_line, Metered(total, before), billed, final=number == len(totals)))
        billed.append(written(a_line, found[-1])["children"])
        before = total
    return found


def shown(rated: Rated) -> list[tuple[str, str, str, str]]:
    """Name without that of the line, quantity, amount per unit and total of each detailed line."""
    documents = [each.document(PERIOD) for each in rated.details]
    return [
        (child["name"].removeprefix("Calls: "), child["quantity"], child["perUnitAmount"], child["totals"]["total"])
        for child in documents
    ]
