"""What add-ons do to items, and that taking them away gives back what was there."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.subscriptions import addon_effects
from devkit.embedded.domain.subscriptions.addon_quantities import Instance, instances, with_quantity
from devkit.embedded.domain.subscriptions.spans import Span
from devkit.embedded.domain.subscriptions.spec import Item, Spec, span_of_item
from tests.embedded.domain.subscriptions.examples import START, card, phase, spec

DAY = timedelta(days=1)
METERED = {"type": "metered", "isSoftLimit": False, "usagePeriod": "P1M"}


def base() -> Spec:
    first = phase("main", "P0D", Item(card()), Item(card("free", price=None)))
    return spec(first, phase("next", "P10D", Item(card(amount="20")), order=1))


def amounts(one: Spec, key: str, day: float) -> list[str]:
    """The amounts of all items of the key at this time; there is at most one."""
    at = START + day * DAY
    current = one.phase_at(at)
    assert current is not None
    span = one.span_of(current)
    found = [item for item in current.items.get(key, []) if span_of_item(item, span).contains(at)]
    return [str((item.rate_card["price"] or {}).get("amount")) for item in found]


def days(first: int, last: int | None) -> Span:
    return Span(START + first * DAY, None if last is None else START + last * DAY)


def test_a_quantity_is_added_from_its_start_to_its_end_through_all_phases() -> None:
    one = base()
    addon_effects.apply(one, Instance(days(5, 15), 3), [card(amount="5.25"), card("seat", amount="2")])
    assert [amounts(one, "fee", day) for day in (4, 5, 10, 15)] == [["10"], ["25.75"], ["35.75"], ["20"]]
    assert [amounts(one, "seat", day) for day in (4, 5, 10, 15)] == [[], ["6"], ["6"], []]
    assert amounts(one, "free", 5) == ["None"]


def test_a_free_item_gets_the_price_of_the_add_on() -> None:
    one = base()
    addon_effects.apply(one, Instance(days(5, None), 2), [card("free", amount="1")])
    assert [amounts(one, "free", day) for day in (4, 5, 30)] == [["None"], ["2"], ["2"]]


def test_grants_and_discounts_add_up() -> None:
    mine = card("calls", price=None, entitlementTemplate=METERED | {"issueAfterReset": 100})
    one = spec(phase("main", "P0D", Item(mine)))
    addon = card("calls", price=None, entitlementTemplate=METERED | {"issueAfterReset": 10})
    addon_effects.apply(one, Instance(days(5, None), 2), [addon])
    templates = [item.rate_card["entitlementTemplate"]["issueAfterReset"] for item in one.phases["main"].items["calls"]]
    assert templates == [100, 120]


def test_a_boolean_entitlement_stays_while_anything_gives_it() -> None:
    perk = card("perk", price=None, entitlementTemplate={"type": "boolean"})
    one = spec(phase("main", "P0D", Item(perk)))
    whole = Instance(days(0, None), 1)
    addon_effects.apply(one, whole, [perk])
    assert one.phases["main"].items["perk"][0].grants_count == 2
    addon_effects.take_away(one, whole, [perk])
    (item,) = one.phases["main"].items["perk"]
    assert (item.grants_count, item.rate_card["entitlementTemplate"]) == (1, {"type": "boolean"})


@st.composite
def quantities(draw: st.DrawFn) -> list[Instance]:
    """Each another one than the one before it."""
    counts = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4).filter(_changes_each_time))
    starts = sorted(draw(st.sets(st.integers(0, 25), min_size=len(counts), max_size=len(counts))))
    addon: dict[str, Any] = {"quantities": []}
    for start, count in draw(st.permutations(list(zip(starts, counts, strict=True)))):
        addon = with_quantity(addon, count, START + start * DAY, now="")
    return instances(addon)


def _changes_each_time(counts: list[int]) -> bool:
    return all(before != after for before, after in pairwise(counts))


# Above zero: OpenMeter does not take away what costs nothing (see below).
CARDS = st.lists(
    st.tuples(st.sampled_from(["fee", "seat"]), st.decimals("0.01", 50, places=2).map(str)),
    min_size=1,
    max_size=2,
    unique_by=lambda pair: pair[0],
)


@given(quantities(), CARDS)
def test_an_add_on_adds_its_quantity_at_each_time_and_leaves_nothing_behind(
    found: list[Instance], pairs: list[tuple[str, str]]
) -> None:
    cards = [card(key, amount=amount) for key, amount in pairs]
    before, one = base(), base()
    for instance in found:
        addon_effects.apply(one, instance, cards)
    for day in range(26):
        at = START + day * DAY
        count = next((instance.quantity for instance in found if instance.span.contains(at)), 0)
        for key, amount in pairs:
            own = [Decimal(text) for text in amounts(before, key, day)]
            wanted = [value + count * Decimal(amount) for value in own] or ([count * Decimal(amount)] if count else [])
            assert [Decimal(text) for text in amounts(one, key, day)] == wanted
    for instance in found:
        addon_effects.take_away(one, instance, cards)
    for day in range(26):
        assert [amounts(one, key, day) for key in ("fee", "seat")] == [
            amounts(before, key, day) for key in ("fee", "seat")
        ]
    assert {key: {name: len(items) for name, items in one.phases[key].items.items()} for key in one.phases} == {
        key: {name: len(items) for name, items in before.phases[key].items.items()} for key in before.phases
    }


def test_a_quantity_that_is_set_again_after_another_one_is_not_taken_away() -> None:
    """OpenMeter joins the two equal parts while it takes the other one away, and then finds neither."""
    one = base()
    found = [Instance(days(1, 2), 3), Instance(days(2, 3), 1), Instance(days(3, None), 1)]
    for instance in found:
        addon_effects.apply(one, instance, [card(amount="1")])
    for instance in found:
        addon_effects.take_away(one, instance, [card(amount="1")])
    assert [amounts(one, "fee", day) for day in (1, 2, 3, 10)] == [["10"], ["11"], ["11"], ["20"]]


def test_what_an_add_on_gives_for_nothing_stays_when_its_quantity_changed_twice() -> None:
    """OpenMeter joins the parts, equal whatever their quantity, while it takes the first away, and finds none later."""
    one = base()
    found = [Instance(days(1, 2), 3), Instance(days(2, 3), 1), Instance(days(3, None), 2)]
    for instance in found:
        addon_effects.apply(one, instance, [card("seat", amount="0")])
    for instance in found:
        addon_effects.take_away(one, instance, [card("seat", amount="0")])
    assert [amounts(one, "seat", day) for day in (0, 1, 2, 9)] == [[], [], ["0"], ["0"]]


def test_none_of_an_add_on_changes_nothing() -> None:
    one = base()
    addon_effects.apply(one, Instance(days(5, None), 0), [card("seat")])
    assert one == base()


def test_what_is_not_there_is_not_taken_away() -> None:
    one = base()
    with pytest.raises(InternalFailure, match="negative"):
        addon_effects.take_away(one, Instance(days(0, None), 3), [card(amount="9")])


def test_an_add_on_needs_a_phase_to_begin_in() -> None:
    with pytest.raises(InternalFailure):
        addon_effects.apply(deepcopy(base()), Instance(days(-3, None), 1), [card()])
