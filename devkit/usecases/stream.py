"""Sending and proving the synthetic event streams of a pack.

`send_pack_streams(client, pack, on_progress)` is what the stream step of `up` calls.
"""

from collections.abc import Callable
from dataclasses import dataclass

from devkit.adapters.openmeter import OpenMeter

OnProgress = Callable[[str, float | None, float | None], None]  # message, done, total


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
        return f"{self.events:,} events, totals of {self.meters} meters equal in {self.groups:,} groups"


def send_pack_streams(client: OpenMeter, pack: str, on_progress: OnProgress) -> StreamSummary:
    """Sends every stream of the pack and compares the totals with what the server answers.

    Safe to repeat: the ids of a stream are always the same. The progress counts events.
    Raises UsageError and InputError as apply_pack; DevkitError with the differing rows where totals differ.
    """
    raise NotImplementedError


def streams_fingerprint(pack: str) -> str:
    """What StreamSummary.fingerprint would be now, without sending. It changes at midnight UTC for `over` ranges."""
    raise NotImplementedError
