"""What became of a stream: sent, compared, and what stood in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from devkit.core.errors import DevkitError
from devkit.streams.planning import StreamPlan, utc
from devkit.streams.verification import MeterComparison

SHOWN_ROWS = 20


@dataclass(frozen=True)
class StreamReport:
    """One stream.

    sent:    events that were acknowledged, 0 where totals were only compared
    seconds: of sending or counting
    foreign: examples of events that count like the stream's and are none of it
    """

    plan: StreamPlan
    sent: int
    seconds: float
    comparisons: tuple[MeterComparison, ...]
    foreign: tuple[Mapping[str, Any], ...]

    @property
    def differing(self) -> list[MeterComparison]:
        return [comparison for comparison in self.comparisons if comparison.differences]

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **plan_data(self.plan),
            "sent": self.sent,
            "seconds": round(self.seconds, 3),
            "equal": not self.differing,
            "meters": [asdict(comparison) for comparison in self.comparisons],
            "foreign": list(self.foreign),
        }


def plan_data(plan: StreamPlan) -> dict[str, Any]:
    """A planned stream for JSON."""
    stream = plan.stream
    return {
        "stream": stream.name,
        "eventType": stream.event_type,
        "source": stream.source,
        "events": stream.events,
        "seed": stream.seed,
        "subjects": len(stream.subjects),
        "from": utc(plan.start),
        "to": utc(plan.end),
        "firstEvent": utc(plan.begin),
        "comparedFrom": utc(plan.compared_from),
        "idPrefix": plan.id_prefix,
    }


def refuse_differences(reports: Sequence[StreamReport]) -> None:
    """Raises DevkitError with the differing rows, and what probably made them differ."""
    found = [(each.meter, row) for report in reports for each in report.comparisons for row in each.differences]
    coarse_first = sorted(found, key=lambda pair: (pair[1].subject is not None, bool(pair[1].groups)))
    rows = [f"{meter}: {row}" for meter, row in coarse_first]
    if not rows:
        return
    more = [f"and {len(rows) - SHOWN_ROWS:,} more"] if len(rows) > SHOWN_ROWS else []
    noun = "total differs" if len(rows) == 1 else "totals differ"
    disturbed = [report for report in reports if report.foreign]
    reason = [line for report in disturbed for line in _foreign_lines(report)]
    hint = (
        "events cannot be taken out again: use other subjects, another range, or a new instance (devkit up --name …)"
        if disturbed
        else "devkit stream verify compares again; events that are still on their way come with time"
    )
    message = f"{len(rows):,} {noun} from what was generated"
    raise DevkitError(message, hint=hint, evidence=[*rows[:SHOWN_ROWS], *more, *reason])


def _foreign_lines(report: StreamReport) -> list[str]:
    kind = report.plan.stream.event_type
    examples = [f"  {event['id']} from {event['source']} at {event['time']}" for event in report.foreign]
    return [f"other {kind} events of these subjects are in the way, such as", *examples]
