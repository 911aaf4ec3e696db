"""Edits of the items of a phase: what runs is ended rather than removed, what lies ahead is removed."""

from dataclasses import dataclass

from devkit.embedded.domain.catalog.rate_cards import RateCard
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.subscriptions.refusals import conflicting_edit, forbidden_edit, invalid_edit
from devkit.embedded.domain.subscriptions.spans import Moment
from devkit.embedded.domain.subscriptions.spec import Item, Phase, Spec, moved, span_of_item


@dataclass(frozen=True)
class AddItem:
    """Adds an item, in the current phase from then on: it ends the version that runs."""

    phase_key: str
    rate_card: RateCard

    def apply(self, spec: Spec, moment: Moment) -> None:
        phase = _phase(spec, self.phase_key)
        item = Item(dict(self.rate_card), edit=text_of(moment.at))
        current = spec.phase_at(moment.at)
        if _is_past(spec, phase, current, moment):
            raise forbidden_edit(f"cannot add item to phase {phase.key} which starts before current phase")
        if current is phase:
            item.starts_after = moment.since(spec.start_of(phase))
            _end_last(spec, phase, item)
        elif phase.items.get(item.key) if current is not None else phase.items:
            raise forbidden_edit(f"cannot add item to future phase {phase.key} which already has items")
        phase.items.setdefault(item.key, []).append(item)


@dataclass(frozen=True)
class RemoveItem:
    """Ends the last version of an item in the current phase, takes it out of a later one."""

    phase_key: str
    item_key: str

    def apply(self, spec: Spec, moment: Moment) -> None:
        phase = _phase(spec, self.phase_key)
        versions = phase.items.get(self.item_key)
        if not versions:
            raise invalid_edit(f"items for key {self.item_key} doesn't exists in phase {phase.key}")
        current = spec.phase_at(moment.at)
        if _is_past(spec, phase, current, moment):
            raise forbidden_edit(f"cannot remove item from phase {phase.key} which starts before current phase")
        if current is phase:
            versions[-1].ends_after = moment.since(spec.start_of(phase))
            return
        versions.pop()
        if not versions:
            del phase.items[self.item_key]


@dataclass(frozen=True)
class UnscheduleEdits:
    """Drops what lies ahead in the current phase, and the ends of what runs."""

    def apply(self, spec: Spec, moment: Moment) -> None:
        phase = spec.phase_at(moment.at)
        if phase is None:
            raise conflicting_edit("current phase doesn't exist, cannot unschedule edits")
        span = spec.span_of(phase)
        for versions in phase.items.values():
            while versions and not span_of_item(versions[-1], span).contains(moment.at):
                versions.pop()
            if versions:
                versions[-1].ends_after = None


def _phase(spec: Spec, key: str) -> Phase:
    if key not in spec.phases:
        raise invalid_edit(f"phase {key} not found")
    return spec.phases[key]


def _is_past(spec: Spec, phase: Phase, current: Phase | None, moment: Moment) -> bool:
    return spec.start_of(phase) < (moment.at if current is None else spec.start_of(current))


def _end_last(spec: Spec, phase: Phase, item: Item) -> None:
    versions = phase.items.get(item.key)
    if not versions:
        return
    start = spec.start_of(phase)
    if item.starts_after is None:
        raise InternalFailure("an item of the current phase starts at some time")
    ends_after = versions[-1].ends_after
    if ends_after is not None and moved(start, ends_after) > moved(start, item.starts_after):
        raise forbidden_edit(
            f"cannot add item to phase {phase.key} which would overlap with a current item, you should delete first"
        )
    versions[-1].ends_after = item.starts_after
