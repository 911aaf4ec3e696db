"""What add-ons do to a spec: items of the same key are split where a quantity begins and ends, gaps are filled."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from itertools import chain

from devkit.embedded.domain.catalog.rate_cards import RateCard
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.subscriptions import addon_cards
from devkit.embedded.domain.subscriptions.addon_quantities import Instance
from devkit.embedded.domain.subscriptions.spans import Span, between
from devkit.embedded.domain.subscriptions.spec import Item, Phase, Spec, span_of_item


def apply(spec: Spec, instance: Instance, cards: Sequence[RateCard]) -> None:
    """Adds so many of the add-on with these rate cards to the spec. Raises InternalFailure outside of its phases."""
    if not instance.quantity:
        return
    for card in cards:
        for phase in _phases_in(spec, instance.span):
            _apply(spec, phase, instance, card)


def take_away(spec: Spec, instance: Instance, cards: Sequence[RateCard]) -> None:
    """Undoes what `apply` did, and joins what it had split where both parts are the same again."""
    by_key = {card["key"]: card for card in cards}
    for phase in spec.sorted_phases():
        span = spec.span_of(phase)
        for key in [key for key in phase.items if key in by_key]:
            left = _without(phase.items[key], span, instance, by_key[key])
            phase.items[key] = _joined(left, span)
            if not phase.items[key]:
                del phase.items[key]


def _phases_in(spec: Spec, span: Span) -> list[Phase]:
    """The phases from the one in which the span begins to the one in which it ends."""
    phases = spec.sorted_phases()
    first = spec.phase_at(span.start)
    last = phases[-1] if span.end is None else spec.phase_at(span.end)
    if first is None or last is None:
        raise InternalFailure("the subscription has no phase then")
    keys = [phase.key for phase in phases]
    return phases[keys.index(first.key) : keys.index(last.key) + 1]


def _apply(spec: Spec, phase: Phase, instance: Instance, card: RateCard) -> None:
    span = spec.span_of(phase)
    effect = span.common(instance.span)
    if effect is None:
        return
    versions = phase.items.get(card["key"], [])
    gaps = [effect]
    made: list[Item] = []
    for item in versions:
        item_span = span_of_item(item, span)
        gaps = list(chain.from_iterable(gap.without(item_span) for gap in gaps))
        made += _split(item, item_span, span, instance, card)
    made += [_filling(gap, span, instance, card) for gap in gaps]
    phase.items[card["key"]] = sorted(made, key=lambda item: span_of_item(item, span).start)


def _split(item: Item, item_span: Span, phase: Span, instance: Instance, card: RateCard) -> Iterable[Item]:
    common = item_span.common(instance.span)
    if common is None:
        return [item]
    changed = _placed(replace(item, rate_card=dict(item.rate_card)), common, phase)
    for _ in range(instance.quantity):
        addon_cards.add(changed, card)
    # OpenMeter counts how often a boolean entitlement is given in one place for all parts of a split item.
    unchanged = replace(item, grants_count=changed.grants_count)
    return [*(_placed(copy(unchanged), rest, phase) for rest in item_span.without(common)), changed]


def _filling(gap: Span, phase: Span, instance: Instance, card: RateCard) -> Item:
    item = _placed(Item(dict(card), own=False), gap, phase)
    for _ in range(instance.quantity - 1):
        addon_cards.add(item, card)
    return item


def _placed(item: Item, span: Span, phase: Span) -> Item:
    """The item with its durations such that it is there in the span."""
    item.starts_after = between(phase.start, span.start) if span.start != phase.start else None
    ends_with_phase = span.end is None or span.end == phase.end
    item.ends_after = None if ends_with_phase or span.end is None else between(phase.start, span.end)
    return item


def _without(versions: Sequence[Item], phase: Span, instance: Instance, card: RateCard) -> list[Item]:
    left = []
    for item in versions:
        if not instance.span.covers(span_of_item(item, phase)):
            left.append(item)
            continue
        for _ in range(instance.quantity):
            addon_cards.take_away(item, card)
        if not addon_cards.is_left_over(item):
            left.append(item)
    return left


def _joined(versions: Sequence[Item], phase: Span) -> list[Item]:
    joined: list[Item] = []
    for item in versions:
        if joined and _continues(joined[-1], item, phase):
            _extend(joined[-1], item, phase)
        else:
            joined.append(item)
    return joined


def _continues(before: Item, item: Item, phase: Span) -> bool:
    same = (before.rate_card, before.own, before.grants_count, before.edit) == (
        item.rate_card,
        item.own,
        item.grants_count,
        item.edit,
    )
    return same and span_of_item(before, phase).end == span_of_item(item, phase).start


def _extend(before: Item, item: Item, phase: Span) -> None:
    """The end is told even where it is that of the phase."""
    span = span_of_item(before, phase).joined(span_of_item(item, phase))
    if span.start != phase.start:
        before.starts_after = between(phase.start, span.start)
    if span.end != phase.start:
        before.ends_after = None if span.end is None else between(phase.start, span.end)
