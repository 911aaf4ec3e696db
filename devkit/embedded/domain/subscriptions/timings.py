"""When a change takes effect: at once, with the next billing cycle, or at an instant of the caller's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound
from devkit.embedded.domain.instants import plain
from devkit.embedded.domain.subscriptions.spans import Moment
from devkit.embedded.domain.subscriptions.spec import Spec
from devkit.embedded.domain.timestamps import parse

IMMEDIATE, NEXT_BILLING_CYCLE = "immediate", "next_billing_cycle"
_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Timing:
    """word: one of the two words. at: an instant instead of a word. A word that is neither was no instant either."""

    word: str = IMMEDIATE
    at: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether it is one of the words or an instant; the schema lets days pass that no calendar has."""
        return self.at is not None or self.word in (IMMEDIATE, NEXT_BILLING_CYCLE)

    def start(self, now: datetime) -> datetime:
        """When a new subscription begins. Raises Invalid for the past and for a billing cycle that it does not have."""
        self._check_word()
        if self.at is not None:
            if self.at < now - _TOLERANCE:
                raise Invalid("cannot create subscription in the past")
            return self.at
        if self.word != IMMEDIATE:
            raise Invalid(f"unsupported enum value: {self.word}")
        return now

    def in_spec(self, spec: Spec, now: datetime) -> Moment:
        """When a change of a subscription takes effect. Raises IssuesFound where it has no billing cycle yet."""
        self._check_word()
        if self.at is not None:
            return Moment(self.at)
        if self.word == IMMEDIATE:
            return Moment(now, at_once=True)
        end = spec.billing_period_at(now).end
        if end is None:
            raise InternalFailure("a billing period without an end")
        return Moment(end)

    def of_edit(self, spec: Spec, now: datetime) -> Moment:
        """When an edit takes effect: in the current phase. Raises Invalid."""
        if not self.is_known:
            raise Invalid(f"invalid timing: invalid change timing: {self.word}")
        if self.at is not None:
            raise Invalid("invalid timing: validation error: cannot edit running subscription with custom timing")
        moment = self.in_spec(spec, now)
        current, then = spec.phase_at(now), spec.phase_at(moment.at)
        if current is not None and then is not None and current.key != then.key:
            raise Invalid(
                "invalid timing: validation error:"
                " cannot edit to the next billing cycle as it falls into a different phase"
            )
        return moment

    def of_addons(self, spec: Spec, now: datetime) -> datetime:
        """When the add-ons of a subscription change. Raises Invalid."""
        if not self.is_known:
            raise Invalid(f"invalid timing for adding add-on: invalid change timing: {self.word}")
        return self.in_spec(spec, now).at

    def of_cancelation(self, spec: Spec, now: datetime) -> datetime:
        """When a subscription ends: at once, or between two billing periods. Raises Invalid."""
        if self.at is not None and not _parts_periods(spec, self.at):
            raise Invalid("cannot cancel aligned subscription with custom misaligned timing")
        return self.in_spec(spec, now).at

    def _check_word(self) -> None:
        if not self.is_known:
            raise InternalFailure(f"there is no such instant: {self.word}")


def read(given: str | None) -> Timing:
    """The timing of a body; at once where it has none."""
    if given is None:
        return Timing()
    try:
        return Timing(given, plain(parse(given)))
    except ValueError:
        return Timing(given)


def _parts_periods(spec: Spec, at: datetime) -> bool:
    try:
        period = spec.billing_period_at(at)
    except (IssuesFound, InternalFailure):
        return False
    return at in (period.start, period.end)
