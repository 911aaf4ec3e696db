"""Ten million events in one meter: loading them, the first query, and queries once the projection stands.

    python benchmarks/query_10m.py [EVENTS]

Beside it what a plain DuckDB query over the same table takes, with the usual date_trunc in the zone.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prompts import METER, batches

from devkit.embedded.domain.usage import usage_query
from devkit.embedded.store.clock import Clock
from devkit.embedded.store.events import EventStore
from devkit.embedded.store.usage.usage_store import UsageStore

_VALUE = "TRY_CAST(data ->> '$.tokens' AS DOUBLE)"
_DAY = "date_trunc('day', timezone('America/New_York', to_timestamp(time)))"
_NAIVE = {
    "total": f"SELECT sum({_VALUE}) FROM events WHERE type = 'prompt'",
    "by day in New York": f"SELECT {_DAY} AS d, sum({_VALUE}) FROM events WHERE type = 'prompt' GROUP BY d ORDER BY d",
}
_REQUESTS: dict[str, dict[str, Any]] = {
    "total": {},
    "by day in New York": {"windowSize": "DAY", "windowTimeZone": "America/New_York"},
    "by hour and model": {"windowSize": "HOUR", "groupBy": ["model"]},
    "one customer by day": {"windowSize": "DAY", "subject": ["customer-7"]},
    "by model and type": {"groupBy": ["model", "type"]},
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with TemporaryDirectory() as folder:
        events = EventStore(Path(folder) / "events", Clock())
        usage = UsageStore(events)
        timed(f"load {count:,} events", lambda: load(events, count))
        ask("first query, total", usage, {})
        ask("second query, by day in New York", usage, _REQUESTS["by day in New York"])
        timed("projection stands after", usage.projections.settle)
        for name, request in _REQUESTS.items():
            ask(f"projected, {name}", usage, request)
        with events.reading() as cursor:
            for name, sql in _NAIVE.items():
                timed(f"plain DuckDB, {name}", lambda sql=sql: cursor.execute(sql).fetchall())  # type: ignore[misc]
        usage.close()
        events.close()


def load(events: EventStore, count: int) -> None:
    for batch in batches(count, size=50_000):
        events.append(batch)
        events.flush()


def ask(name: str, usage: UsageStore, request: dict[str, Any]) -> None:
    query = usage_query(METER, request, lambda _: None)
    timed(name, lambda: usage.query(query))


def timed(name: str, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    print(f"  {name:40} {time.perf_counter() - started:8.3f} s", flush=True)


if __name__ == "__main__":
    main()
