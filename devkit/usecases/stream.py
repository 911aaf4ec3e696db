"""Sending and proving the synthetic event streams of a pack.

`send_pack_streams(client, pack, on_progress)` is what the stream step of `up` calls.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError, UsageError
from devkit.core.shapes import nearest
from devkit.seeding.plan import plan as plan_seeds
from devkit.streams.definition import Stream
from devkit.streams.generator import Generator
from devkit.streams.planning import StreamPlan, Wish, plan_stream
from devkit.streams.sender import Pace, send
from devkit.streams.verification import MeterComparison, Patience, compare_when_ready, foreign_events
from devkit.usecases.packs import LoadedPack, load_pack
from devkit.usecases.stream_report import StreamReport, refuse_differences

OnProgress = Callable[[str, float | None, float | None], None]  # message, done, total
BATCH_SIZE = 1000


@dataclass(frozen=True)
class SendOptions:
    """How to send and how long to wait for the totals. batch: events in one request; 0 sends nothing, only compares."""

    batch: int = BATCH_SIZE
    pace: Pace = field(default_factory=Pace)
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True)
class StreamSummary:
    """What was sent and proven.

    fingerprint: stands for the streams' definitions, seeds and time ranges; the same again means the same events
    events:      how many the generator made; the server drops those that it has already
    meters:      how many meters were compared, with all their groups
    """

    pack: str
    fingerprint: str
    streams: int
    events: int
    meters: int
    groups: int
    seconds: float

    def __str__(self) -> str:
        meters = "meter" if self.meters == 1 else "meters"
        return f"{self.events:,} events, totals of {self.meters} {meters} equal in {self.groups:,} rows"


def send_pack_streams(client: OpenMeter, pack: str, on_progress: OnProgress) -> StreamSummary:
    """Sends every stream of the pack and compares the totals with what the server answers.

    Safe to repeat: the ids of a stream are always the same. The progress counts events.
    Raises UsageError and InputError as apply_pack; DevkitError with the differing rows where totals differ.
    """
    loaded = load_pack(pack)
    started = time.monotonic()
    plans = plan_streams(loaded, now=_now())
    reports = run_streams(client, loaded, plans, SendOptions(), on_progress)
    refuse_differences(reports)
    comparisons = [comparison for report in reports for comparison in report.comparisons]
    return StreamSummary(
        pack=loaded.pack.name,
        fingerprint=_fingerprint(plans),
        streams=len(reports),
        events=sum(report.sent for report in reports),
        meters=len(comparisons),
        groups=sum(comparison.rows for comparison in comparisons),
        seconds=time.monotonic() - started,
    )


def streams_fingerprint(pack: str) -> str:
    """What StreamSummary.fingerprint would be now, without sending. It changes at midnight UTC for `over` ranges."""
    return _fingerprint(plan_streams(load_pack(pack), now=_now()))


def plan_streams(
    loaded: LoadedPack, *, wish: Wish | None = None, names: Sequence[str] = (), now: int | None = None
) -> list[StreamPlan]:
    """Fixes the streams of a pack, or those with these names.

    wish.events counts for all of them together; they share it as the pack's numbers stand to each other.
    Raises UsageError for an unknown name or an impossible range.
    """
    wish = wish or Wish()
    streams = _chosen(loaded, names)
    shares = _shares(streams, wish.events) if wish.events is not None else [None] * len(streams)
    at = _now() if now is None else now
    return [plan_stream(stream, at, replace(wish, events=share)) for stream, share in zip(streams, shares, strict=True)]


def run_streams(
    client: OpenMeter, loaded: LoadedPack, plans: Sequence[StreamPlan], options: SendOptions, on_progress: OnProgress
) -> list[StreamReport]:
    """Sends (unless options.batch is 0) and compares stream after stream.

    Raises DevkitError where the server lacks a meter; differing totals are in the reports.
    """
    meters = loaded.pack.entries("meter")
    _refuse_missing_meters(client, loaded, plans)
    return [_run(client, plan, meters, options, on_progress) for plan in plans]


def _run(
    client: OpenMeter,
    plan: StreamPlan,
    meters: Sequence[Mapping[str, Any]],
    options: SendOptions,
    on_progress: OnProgress,
) -> StreamReport:
    name, total = plan.stream.name, plan.stream.events
    generator = Generator(plan, meters)
    started = time.monotonic()
    sent = 0
    if options.batch:
        on_progress(name, 0, total)
        batches = generator.batches(options.batch)
        sent = send(client, batches, options.pace, lambda count: on_progress(name, count, total))
    else:
        generator.count_only()
    seconds = time.monotonic() - started
    comparisons = _compared(client, plan, generator, options, on_progress)
    foreign = foreign_events(client, plan) if any(each.differences for each in comparisons) else []
    return StreamReport(plan, sent, seconds, tuple(comparisons), tuple(foreign))


def _compared(
    client: OpenMeter, plan: StreamPlan, generator: Generator, options: SendOptions, on_progress: OnProgress
) -> list[MeterComparison]:
    def waiting(rows: int) -> None:
        on_progress(f"{plan.stream.name}: waiting for the server to count, {rows} rows differ", None, None)

    on_progress(f"{plan.stream.name}: comparing totals", None, None)
    return compare_when_ready(client, plan, generator.totals.meters, options.patience, waiting)


def _refuse_missing_meters(client: OpenMeter, loaded: LoadedPack, plans: Iterable[StreamPlan]) -> None:
    types = {plan.stream.event_type for plan in plans}
    wanted = [r for r in loaded.pack.resources if r.kind.NAME == "meter" and r.entry["eventType"] in types]
    changes = plan_seeds(client, replace(loaded.pack, resources=tuple(wanted)))
    counting = ("aggregation", "eventType", "valueProperty", "eventFrom", "groupBy")
    lacking = [change for change in changes if change.action == "create"]
    other = [change for change in changes if any(difference.field in counting for difference in change.differences)]
    if lacking or other:
        what = "lacks" if lacking else "counts otherwise with"
        names = ", ".join(change.key for change in (lacking or other)[:5])
        raise DevkitError(f"{client.url} {what} the meters {names}", hint=f"devkit seed apply {loaded.given}")


def _chosen(loaded: LoadedPack, names: Sequence[str]) -> Sequence[Stream]:
    known = {stream.name: stream for stream in loaded.streams}
    for name in names:
        if name not in known:
            there = f"it has {', '.join(known) or 'none'}"
            raise UsageError(f"{loaded.pack.file} has no stream {name!r}", hint=nearest(name, tuple(known)) or there)
    return [known[name] for name in names] if names else loaded.streams


def _shares(streams: Sequence[Stream], events: int) -> list[int]:
    """Divides a number of events as the streams' own numbers stand to each other."""
    if events < len(streams):
        raise UsageError(f"{len(streams)} streams need at least as many events", hint="choose one with --stream NAME")
    weights = [stream.events for stream in streams]
    spare, total = events - len(streams), sum(weights)
    ends = [spare * sum(weights[: position + 1]) // total for position in range(len(weights))]
    return [1 + end - start for start, end in zip([0, *ends], ends, strict=False)]


def _fingerprint(plans: Sequence[StreamPlan]) -> str:
    parts = [f"{plan.id_prefix}{plan.first}-{plan.last}" for plan in plans]
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


def _now() -> int:
    return int(time.time())
