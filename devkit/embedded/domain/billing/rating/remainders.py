"""What is left to bill of a price when its earlier parts are billed: new detailed lines minus billed ones.

Components are matched by reference, category and payment term, and by their amount per unit. A component whose amount
per unit changed is billed anew in full, and what was billed of it is taken back by a negative quantity.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing.rating.details import Detail, totals_of

_CORRECTION = "#correction:detailed_line_id="


def remaining(details: Sequence[Detail], billed: Sequence[Sequence[Mapping[str, Any]]]) -> list[Detail]:
    """The detailed lines that are left, in their order; those that cost nothing are left out.

    billed: the children of each earlier part of the line as they are stored, by time
    """
    numbered = (replace(each, index=index) for index, each in enumerate(details))
    now = _summed(numbered)
    before = _summed(_billed(child, index) for children in billed for index, child in enumerate(children))
    left = [_difference(each, before.get(key)) for key, each in now.items()]
    left += [_taken_back(each) for key, each in before.items() if key not in now]
    return sorted((each for each in left if each.totals), key=lambda each: (each.index, each.unique))


def _summed(details: Iterable[Detail]) -> dict[tuple[Any, ...], Detail]:
    found: dict[tuple[Any, ...], Detail] = {}
    for each in details:
        key = _key(each)
        found[key] = _added(found[key], each) if key in found else each
    return found


def _key(each: Detail) -> tuple[Any, ...]:
    return (each.reference, each.category, each.payment_term, each.per_unit_amount)


def _added(one: Detail, other: Detail) -> Detail:
    return replace(one, quantity=one.quantity + other.quantity, totals=one.totals + other.totals)


def _difference(now: Detail, before: Detail | None) -> Detail:
    unique = replace(now, unique=now.reference)
    return unique if before is None else _added(unique, _negative(before))


def _taken_back(before: Detail) -> Detail:
    return replace(_negative(before), unique=f"{before.reference}{_CORRECTION}{before.unique}")


def _negative(each: Detail) -> Detail:
    return replace(each, quantity=-each.quantity, totals=-each.totals)


def _billed(child: Mapping[str, Any], index: int) -> Detail:
    return Detail(
        reference=child["uniqueReferenceId"].partition("#")[0],
        name=child["name"],
        quantity=Decimal(child["quantity"]),
        per_unit_amount=Decimal(child["perUnitAmount"]),
        totals=totals_of(child["totals"]),
        category=child["category"],
        payment_term=child["paymentTerm"],
        unique=child["id"],
        index=index,
    )
