"""SUM over the events of a meter: the embedded server's event store beside a plain SQLite table of the same events.

    python benchmarks/query_sum.py [EVENTS]

Both read the number out of the JSON data at the time of the query; the median of five turns counts. Afterwards the
same once more out of the projection, which the server makes by itself in the background.
"""

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from prompts import METER, batches

from devkit.embedded.domain.usage import usage_query
from devkit.embedded.store.clock import Clock
from devkit.embedded.store.events import EventStore
from devkit.embedded.store.usage.projections import Projections
from devkit.embedded.store.usage.usage_store import UsageStore

TURNS = 5


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with TemporaryDirectory() as folder:
        events = EventStore(Path(folder) / "events", Clock())
        table = sqlite3.connect(Path(folder) / "events.sqlite")
        table.execute("CREATE TABLE events (id, source, type, subject, time, data)")
        for batch in batches(count, size=50_000):
            events.append(batch)
            events.flush()
            table.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", batch)
        table.commit()
        raw = UsageStore(events, Projections(events, pays_from=1 << 60))
        projected = UsageStore(events, Projections(events, pays_from=1))
        unprojected = usage_query({**METER, "id": "another meter"}, {}, lambda _: None)
        query = usage_query(METER, {}, lambda _: None)
        projected.query(query)
        projected.projections.settle()
        contenders: dict[str, Callable[[], float]] = {
            "SQLite, JSON read by the query": lambda: sqlite_sum(table),
            "devkit, JSON read by the query": lambda: raw.query(unprojected)[0].value,
            "devkit, projection": lambda: projected.query(query)[0].value,
        }
        report(count, contenders)
        raw.close()
        projected.close()
        table.close()
        events.close()


def sqlite_sum(table: sqlite3.Connection) -> float:
    ((total,),) = table.execute("SELECT sum(json_extract(data, '$.tokens')) FROM events WHERE type = 'prompt'")
    return float(total)


def report(count: int, contenders: dict[str, Callable[[], float]]) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    answers = set()
    for _ in range(TURNS):
        for name, ask in contenders.items():
            started = time.perf_counter()
            answers.add(ask())
            seconds[name].append(time.perf_counter() - started)
    middle = {name: median(times) for name, times in seconds.items()}
    slowest = next(iter(middle.values()))
    print(f"SUM over {count:,} events; answers {'equal' if len(answers) == 1 else f'differ: {answers}'}")
    for name, taken in middle.items():
        print(f"  {name:32} {taken * 1000:9.1f} ms  {slowest / taken:6.1f} x")


if __name__ == "__main__":
    main()
