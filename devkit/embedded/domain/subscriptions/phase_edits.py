"""Edits of phases that have not begun: added, removed, moved by making an earlier one longer or shorter."""

from dataclasses import dataclass

from devkit.embedded.domain.durations import Duration
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.subscriptions.refusals import conflicting_edit, forbidden_edit
from devkit.embedded.domain.subscriptions.spans import Moment
from devkit.embedded.domain.subscriptions.spec import Phase, Spec, moved


@dataclass(frozen=True)
class AddPhase:
    """Adds a phase; those that start later move so that the first of them begins where this one ends.

    starts_after: from the start of the subscription
    duration:     needed before another phase
    """

    key: str
    name: str
    starts_after: Duration
    duration: Duration | None = None
    description: str | None = None

    def check(self) -> None:
        """Raises InternalFailure without a name."""
        if not self.name:
            raise InternalFailure("name is required")

    def apply(self, spec: Spec, moment: Moment) -> None:
        if self.key in spec.phases:
            raise conflicting_edit(f"phase {self.key} already exists")
        start = moved(spec.active_from, self.starts_after)
        if start <= moment.at:
            raise forbidden_edit("cannot add phase in the past")
        if spec.active_to is not None and spec.active_to <= start:
            raise forbidden_edit("cannot add phase after the subscription ends")
        later = [phase for phase in spec.sorted_phases() if spec.start_of(phase) >= start]
        if later:
            self._move(later)
        spec.phases[self.key] = Phase(self.key, self.name, self.starts_after, description=self.description)

    def _move(self, later: list[Phase]) -> None:
        if self.duration is None:
            raise InternalFailure("a phase before another one needs a duration")
        # OpenMeter looks for the next phase until it finds one that moves.
        moving = False
        by = Duration()
        for phase in later:
            if not moving:
                by = self.duration - (phase.starts_after - self.starts_after)
                moving = by.sign != 0
            if moving:
                phase.starts_after = phase.starts_after + by


@dataclass(frozen=True)
class RemovePhase:
    """Removes a phase to come. shift: `next`, the later ones move up, or `prev`, the earlier one becomes longer."""

    key: str
    shift: str

    def check(self) -> None:
        """Nothing is wrong with it for itself."""

    def apply(self, spec: Spec, moment: Moment) -> None:
        if self.key not in spec.phases:
            raise InternalFailure(f"phase {self.key} not found")
        phase = spec.phases[self.key]
        start = spec.start_of(phase)
        if start <= moment.at:
            raise forbidden_edit("cannot remove already started phase")
        later = [other for other in spec.sorted_phases() if spec.start_of(other) > start]
        if self.shift == "next" and later:
            by = later[0].starts_after - phase.starts_after
            for other in later:
                other.starts_after = other.starts_after - by
        del spec.phases[self.key]


@dataclass(frozen=True)
class StretchPhase:
    """Makes a phase longer, or shorter where `by` is negative, and so moves all later ones."""

    key: str
    by: Duration

    def check(self) -> None:
        """Raises InternalFailure where nothing would move."""
        if not self.by.sign:
            raise InternalFailure("duration cannot be zero")

    def apply(self, spec: Spec, moment: Moment) -> None:
        if self.key not in spec.phases:
            raise InternalFailure(f"phase {self.key} not found")
        current = spec.phase_at(moment.at)
        earliest = moment.at if current is None else spec.start_of(current)
        if spec.start_of(spec.phases[self.key]) < earliest:
            raise forbidden_edit("cannot extend past phase")
        phases = spec.sorted_phases()
        if len(phases) < 2:
            raise conflicting_edit("cannot stretch a single phase")
        first = next(number for number, phase in enumerate(phases) if phase.key == self.key) + 1
        for before, phase in zip(phases[first - 1 :], phases[first:], strict=False):
            starts_after = phase.starts_after + self.by
            if moved(spec.active_from, starts_after) <= spec.start_of(before):
                raise conflicting_edit(f"phase {before.key} would disappear due to stretching")
            phase.starts_after = starts_after
