"""Lines with what they cost written into them, and what the lines of an invoice cost together."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any

from devkit.embedded.domain.billing.lines import NOTHING, Child, Line, is_flat, live
from devkit.embedded.domain.billing.rating.details import sum_of, totals_of
from devkit.embedded.domain.billing.rating.line_rating import Rated
from devkit.embedded.domain.billing.rating.money import EXACT, rounded
from devkit.embedded.domain.numerics import of_decimal

_SNAPSHOT = (
    "quantity",
    "meteredQuantity",
    "preLinePeriodQuantity",
    "meteredPreLinePeriodQuantity",
    "usageDiscounts",
    "totals",
    "children",
)


def rated_line(line: Line, rated: Rated, *, new_id: Callable[[], str], now: str) -> Line:
    """The line with quantities, usage discounts, children and totals; a child that was there before keeps its id.

    now: as the API writes instants
    """
    moments = {"createdAt": now, "updatedAt": now}
    known = {child["uniqueReferenceId"]: child for child in line.get("children", ())}
    children = [_child(each.document(line["period"]), known, {"id": new_id(), **moments}) for each in rated.details]
    rest = {name: value for name, value in line.items() if name not in _SNAPSHOT}
    return {
        **rest,
        **_price(line, rated),
        **_quantities(rated),
        **_usage_discounts(line, rated, {"id": new_id(), **moments}),
        "totals": rated.totals.document(),
        "children": children,
    }


def with_rounded_fee(line: Line) -> Line:
    """The line of a flat fee with the fee in whole minor units of its currency, as charges keep it."""
    amount = rounded(Decimal(line["price"]["amount"]), line["currency"])
    return {**line, "price": {**line["price"], "amount": of_decimal(amount)}}


def totals_of_lines(lines: Iterable[Line]) -> dict[str, str]:
    """The totals of an invoice: the sum of those of its lines that are not deleted."""
    with localcontext(EXACT):
        return sum_of(totals_of(line.get("totals", NOTHING)) for line in live(lines)).document()


def _child(document: Child, known: Mapping[str, Child], identity: dict[str, str]) -> Child:
    before = known.get(document["uniqueReferenceId"])
    if before is None:
        return document | dict(identity)
    kept = {name: before[name] for name in ("id", "createdAt", "externalIds") if name in before}
    return document | dict(identity) | kept


def _price(line: Line, rated: Rated) -> dict[str, Any]:
    """A fee is shown as it was rated: to the minor unit of its currency."""
    if not is_flat(line):
        return {}
    return {"price": line["price"] | {"amount": of_decimal(rated.details[0].per_unit_amount)}}


def _quantities(rated: Rated) -> dict[str, str]:
    """`quantity` is what is left of `meteredQuantity` after the usage discount."""
    if rated.metered is None:
        return {}
    found = {"quantity": _shown(rated.metered.quantity, rated.discounted.quantity)}
    if rated.discounted.quantity:
        found["meteredQuantity"] = of_decimal(rated.metered.quantity)
    if rated.metered.before:
        found["meteredPreLinePeriodQuantity"] = of_decimal(rated.metered.before)
    before = _shown(rated.metered.before, rated.discounted.before)
    return found if before == "0" else found | {"preLinePeriodQuantity": before}


def _shown(metered: Decimal, discounted: Decimal) -> str:
    with localcontext(EXACT):
        return of_decimal(metered - discounted)


def _usage_discounts(line: Line, rated: Rated, identity: Mapping[str, str]) -> dict[str, Any]:
    if not rated.discounted.quantity:
        return {}
    before = rated.discounted.before
    quantities = {"quantity": of_decimal(rated.discounted.quantity)}
    quantities |= {"preLinePeriodQuantity": of_decimal(before)} if before else {}
    reason = {"type": "ratecard_usage", **line["discounts"]["usage"]}
    return {"usageDiscounts": [{**identity, **quantities, "reason": reason}]}
