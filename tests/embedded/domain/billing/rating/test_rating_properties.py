"""What holds for every price, discount, commitment and split."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.billing.lines import NOTHING
from devkit.embedded.domain.billing.rating.details import sum_of, totals_of
from devkit.embedded.domain.billing.rating.line_rating import rate
from devkit.embedded.domain.billing.rating.money import rounded
from devkit.embedded.domain.billing.rating.rated_lines import totals_of_lines
from tests.embedded.domain.billing.rating.scenes import line, of, parts, written

CURRENCIES = st.sampled_from(["USD", "JPY", "KWD", "SEK"])
AMOUNTS = st.decimals(0, 1_000, places=3).map(str)
QUANTITIES = st.decimals(0, 10_000, places=3)
DISCOUNTS = st.fixed_dictionaries(
    {},
    optional={
        "percentage": st.fixed_dictionaries({"percentage": st.integers(0, 100), "correlationId": st.just("a")}),
        "usage": st.fixed_dictionaries({"quantity": QUANTITIES.map(str), "correlationId": st.just("b")}),
    },
)


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, Any]]:
    bounds = sorted(draw(st.sets(st.integers(1, 9_000), max_size=4)))
    prices = st.tuples(st.none() | AMOUNTS, AMOUNTS)
    found = []
    for bound in [*bounds, None]:
        flat, unit = draw(prices)
        tier = {"flatPrice": flat and {"amount": flat}, "unitPrice": {"amount": unit}}
        found.append(tier if bound is None else {**tier, "upToAmount": str(bound)})
    return found


GRADUATED = st.builds(lambda given: {"type": "tiered", "mode": "graduated", "tiers": given}, tiers())
VOLUME = st.builds(lambda given: {"type": "tiered", "mode": "volume", "tiers": given}, tiers())
SIMPLE = st.one_of(
    st.builds(lambda amount: {"type": "unit", "amount": amount}, AMOUNTS),
    st.builds(lambda multiplier: {"type": "dynamic", "multiplier": multiplier}, AMOUNTS),
    st.builds(
        lambda amount, size: {"type": "package", "amount": amount, "quantityPerPackage": str(size)},
        AMOUNTS,
        st.integers(1, 100),
    ),
)


@st.composite
def metered_lines(draw: st.DrawFn, prices: st.SearchStrategy[dict[str, Any]] = SIMPLE | GRADUATED | VOLUME) -> Any:
    low, high = sorted(draw(st.tuples(QUANTITIES, QUANTITIES)))
    commitments = draw(
        st.sampled_from([{}, {"minimumAmount": str(low)}, {"maximumAmount": str(high)}])
        | st.just({"minimumAmount": str(low), "maximumAmount": str(high)})
    )
    return line(draw(prices) | commitments, currency=draw(CURRENCIES), discounts=draw(DISCOUNTS))


@given(metered_lines(), QUANTITIES)
def test_totals_add_up(a_line: Any, usage: Decimal) -> None:
    found = written(a_line, rate(a_line, of(usage)))
    totals = totals_of(found["totals"])

    assert totals == sum_of(totals_of(child["totals"]) for child in found["children"])
    assert totals.total == totals.amount + totals.charges - totals.discounts
    assert totals_of_lines([found, found | {"deletedAt": "now"}]) == found["totals"]


@given(metered_lines(), QUANTITIES)
def test_every_amount_is_a_whole_number_of_minor_units(a_line: Any, usage: Decimal) -> None:
    for each in rate(a_line, of(usage)).details:
        amounts = (each.totals.amount, each.totals.charges, each.totals.discounts)
        assert all(amount == rounded(amount, a_line["currency"]) for amount in amounts)


@given(metered_lines(), QUANTITIES)
def test_a_line_costs_between_its_minimum_and_its_maximum(a_line: Any, usage: Decimal) -> None:
    total = rate(a_line, of(usage)).totals.total
    low, high = (a_line["price"].get(name) for name in ("minimumAmount", "maximumAmount"))

    assert total >= (rounded(Decimal(low), a_line["currency"]) if low else 0)
    assert high is None or total <= rounded(Decimal(high), a_line["currency"])


@given(metered_lines(SIMPLE | GRADUATED), st.lists(QUANTITIES, min_size=1, max_size=4).map(sorted))
def test_splitting_a_period_keeps_the_sum(a_line: Any, ends: list[Decimal]) -> None:
    split = sum_of(part.totals for part in parts(a_line, ends))

    assert split == rate(a_line, of(ends[-1])).totals


@given(metered_lines(), st.lists(QUANTITIES, min_size=1, max_size=4).map(sorted))
def test_quantities_of_the_parts_add_up(a_line: Any, ends: list[Decimal]) -> None:
    found = parts(a_line, ends)
    discounted = sum((part.discounted.quantity for part in found), Decimal(0))
    whole = rate(a_line, of(ends[-1]))

    assert sum((part.metered.quantity for part in found if part.metered), Decimal(0)) == ends[-1]
    assert discounted == whole.discounted.quantity


@given(tiers(), st.integers(1, 4))
def test_graduated_prices_without_fees_are_continuous(given_tiers: list[dict[str, Any]], index: int) -> None:
    unit_only = [{**tier, "flatPrice": None} for tier in given_tiers]
    bounds = [tier["upToAmount"] for tier in unit_only if "upToAmount" in tier]
    if not bounds:
        return
    edge = Decimal(bounds[index % len(bounds)])
    a_line = line({"type": "tiered", "mode": "graduated", "tiers": unit_only})
    below, above = (rate(a_line, of(edge + step)).totals.total for step in (0, Decimal("0.000001")))

    assert abs(above - below) <= Decimal("0.01")


@given(metered_lines(SIMPLE | GRADUATED), QUANTITIES, QUANTITIES)
def test_more_usage_never_costs_less(a_line: Any, one: Decimal, other: Decimal) -> None:
    undiscounted = {name: value for name, value in a_line.items() if name != "discounts"}
    less, more = sorted((one, other))

    assert rate(undiscounted, of(less)).totals.total <= rate(undiscounted, of(more)).totals.total


@given(AMOUNTS, CURRENCIES, st.integers(0, 100))
def test_a_fee_costs_its_rounded_amount_less_the_percentage(amount: str, currency: str, percentage: int) -> None:
    discounts = {"percentage": {"percentage": percentage, "correlationId": "a"}}
    totals = rate(line({"type": "flat", "amount": amount}, currency=currency, discounts=discounts)).totals

    assert totals.amount == rounded(Decimal(amount), currency)
    assert totals.discounts == rounded(totals.amount * percentage / 100, currency)


def test_no_lines_cost_nothing() -> None:
    assert totals_of_lines([]) == NOTHING
