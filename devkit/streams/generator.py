"""The events of a planned stream, in ready-made batches, and their totals.

Nothing is built per event: texts that were encoded once are joined (benchmarks/generate.py shows what that is worth).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from devkit.streams.columns import SUBJECT, Column, Table, encode, zipf
from devkit.streams.planning import StreamPlan
from devkit.streams.property_shape import columns_of
from devkit.streams.totals import Totals


@dataclass(frozen=True)
class Batch:
    """A body of application/cloudevents-batch+json with `count` events."""

    body: bytes
    count: int


class Generator:
    """Makes the batches of one plan and adds up their totals on the way."""

    def __init__(self, plan: StreamPlan, meters: Sequence[Mapping[str, Any]] = ()) -> None:
        """meters: as the pack says them; those of other event types are left out."""
        stream = plan.stream
        self.plan = plan
        self.subjects = Table(stream.subjects, zipf(len(stream.subjects), stream.zipf))
        self.columns: dict[str, Column] = dict(columns_of(stream.data, len(stream.subjects)))
        matching = [meter for meter in meters if meter["eventType"] == stream.event_type]
        self.totals = Totals(matching, self.columns, stream.subjects, plan.compared_from)
        self._head = (
            f'}}}},{{"specversion":"1.0","type":{encode(stream.event_type)},"source":{encode(stream.source)}'
            f',"id":"{plan.id_prefix}'
        )
        self._subjects = [f'","subject":{encode(subject)},"data":{{' for subject in stream.subjects]
        self._encoders = [
            (name, column.encoder(f"{',' if position else ''}{encode(name)}:"))
            for position, (name, column) in enumerate(self.columns.items())
        ]
        self._seed = f"{stream.name}/{stream.seed}"

    def batches(self, size: int) -> Iterator[Batch]:
        """All events in the order of their times."""
        for first in range(self.plan.first, self.plan.last, size):
            last = min(first + size, self.plan.last)
            yield Batch(self._body(first, last), last - first)

    def events(self) -> Iterator[dict[str, Any]]:
        """The same, decoded, one by one: for tests and for looking at."""
        for batch in self.batches(500):
            yield from json.loads(batch.body)

    def count_only(self, size: int = 4096) -> None:
        """Adds up the totals without making the events."""
        for first in range(self.plan.first, self.plan.last, size):
            last = min(first + size, self.plan.last)
            self.totals.add(self._seconds(first, last), self._codes(first, last))

    def _seconds(self, first: int, last: int) -> list[int]:
        parts = self.plan.timeline.moments(first, last)
        return [part.cell_start + offset for part in parts for offset in part.offsets]

    def _codes(self, first: int, last: int) -> dict[str, Sequence[int]]:
        codes: dict[str, Sequence[int]] = {SUBJECT: self.subjects.codes(f"{self._seed}/subject", first, last, {})}
        for name, column in self.columns.items():
            codes[name] = column.codes(f"{self._seed}/data/{name}", first, last, codes)
        return codes

    def _body(self, first: int, last: int) -> bytes:
        codes = self._codes(first, last)
        if self.totals.meters:
            self.totals.add(self._seconds(first, last), codes)
        prefixes: list[str] = []
        suffixes: list[str] = []
        for part in self.plan.timeline.moments(first, last):
            prefix, rest = self.plan.timeline.texts(part)
            prefixes.extend(repeat(f'","time":"{prefix}', len(part.offsets)))
            suffixes.extend(rest)
        pieces: list[Iterable[str]] = [repeat(self._head), map(str, range(first, last)), prefixes, suffixes]
        pieces.append(map(self._subjects.__getitem__, codes[SUBJECT]))
        pieces += [encoder(codes[name]) for name, encoder in self._encoders]
        text = "".join(chain.from_iterable(zip(*pieces, strict=False)))  # the head has no end
        return f"[{text[3:]}}}}}]".encode()
