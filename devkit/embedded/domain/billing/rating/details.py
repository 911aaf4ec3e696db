"""Detailed lines while they are rated: one price component of a line each, with its totals."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any, Literal

from devkit.embedded.domain.billing.rating.money import EXACT, ZERO, rounded
from devkit.embedded.domain.numerics import of_decimal

Category = Literal["regular", "commitment"]


@dataclass(frozen=True)
class Totals:
    """What something costs. No taxes: OpenMeter computes none."""

    amount: Decimal = ZERO
    charges: Decimal = ZERO
    discounts: Decimal = ZERO
    credits: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        with localcontext(EXACT):
            return self.amount + self.charges - self.discounts - self.credits

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(*(mine + yours for mine, yours in zip(self._parts(), other._parts(), strict=True)))

    def __neg__(self) -> "Totals":
        return Totals(*(-part for part in self._parts()))

    def __bool__(self) -> bool:
        return any(self._parts())

    def document(self) -> dict[str, str]:
        """As invoices keep and show them."""
        return {
            "amount": of_decimal(self.amount),
            "chargesTotal": of_decimal(self.charges),
            "creditsTotal": of_decimal(self.credits),
            "discountsTotal": of_decimal(self.discounts),
            "taxesExclusiveTotal": "0",
            "taxesInclusiveTotal": "0",
            "taxesTotal": "0",
            "total": of_decimal(self.total),
        }

    def _parts(self) -> tuple[Decimal, ...]:
        return (self.amount, self.charges, self.discounts, self.credits)


def totals_of(document: dict[str, str]) -> Totals:
    """The totals that `Totals.document` wrote."""
    names = ("amount", "chargesTotal", "discountsTotal", "creditsTotal")
    return Totals(*(Decimal(document[name]) for name in names))


def sum_of(totals: Iterable[Totals]) -> Totals:
    return sum(totals, Totals())


@dataclass(frozen=True)
class Detail:
    """One price component.

    reference: the component that it bills, the same at every rating of the line
    unique:    what tells it apart from the other detailed lines; differs from `reference` where it takes back
    index:     its place among them
    """

    reference: str
    name: str
    quantity: Decimal
    per_unit_amount: Decimal
    totals: Totals
    category: Category = "regular"
    payment_term: str = "in_arrears"
    unique: str = ""
    index: int = 0

    def discounted(self, by: Decimal) -> "Detail":
        return replace(self, totals=replace(self.totals, discounts=self.totals.discounts + by))

    def document(self, period: dict[str, str]) -> dict[str, Any]:
        """A child of a line as domain/billing/lines.py keeps it, but for its identity and its moments."""
        return {
            "name": self.name,
            "category": self.category,
            "paymentTerm": self.payment_term,
            "period": dict(period),
            "perUnitAmount": of_decimal(self.per_unit_amount),
            "quantity": of_decimal(self.quantity),
            "totals": self.totals.document(),
            "uniqueReferenceId": self.unique or self.reference,
        }


def detail(reference: str, name: str, quantity: Decimal, per_unit_amount: Decimal, currency: str) -> Detail:
    """A component of the price itself: so many at so much."""
    amount = rounded(per_unit_amount * quantity, currency)
    return Detail(reference, name, quantity, per_unit_amount, Totals(amount=amount))


def commitment(reference: str, name: str, amount: Decimal) -> Detail:
    """What is charged although it was not used."""
    return Detail(reference, name, Decimal(1), amount, Totals(charges=amount), category="commitment")
