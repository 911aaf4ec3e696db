"""Events a second from request bodies to rows without duplicates, beside a plain SQLite table with UNIQUE (source, id).

    python benchmarks/ingest_store.py [EVENTS]

1,000 events a request, of which each tenth request comes twice. Both begin with the bytes of the bodies and end when
everything is stored and counted: devkit validates, brings data into canonical form, appends to its log and stores in
DuckDB; SQLite gets what json.loads makes of a body by INSERT OR IGNORE, one transaction a request (WAL, synchronous
NORMAL). They take turns; the figures are medians.
"""

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from usage_events import bodies

from devkit.embedded.domain.cloudevents import BATCH
from devkit.embedded.domain.plain_events import plain_events
from devkit.embedded.store.clock import Clock
from devkit.embedded.store.events import EventStore

TURNS = 5
SIZE = 1000
_TABLE = """
CREATE TABLE events (id TEXT, source TEXT, type TEXT, subject TEXT, time TEXT, data TEXT, UNIQUE (source, id))
"""

Counted = tuple[int, EventStore | sqlite3.Connection]  # and what is still to be closed


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    requests = bodies(count, SIZE)
    requests += requests[::10]
    sent = sum(len(json.loads(body)) for body in requests)
    contenders: dict[str, Callable[[Path, list[bytes]], Counted]] = {
        "SQLite, UNIQUE (source, id)": sqlite,
        "devkit": devkit,
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    costs: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(TURNS):
        for name, sink in contenders.items():
            with tempfile.TemporaryDirectory() as folder:
                started, cpu = time.perf_counter(), time.process_time()
                stored, opened = sink(Path(folder), requests)
                rates[name].append(sent / (time.perf_counter() - started))
                costs[name].append((time.process_time() - cpu) / sent * 1e6)
                opened.close()
            assert stored == count, "every distinct event is stored once"
    base = median(rates["SQLite, UNIQUE (source, id)"])
    for name, found in rates.items():
        rate = median(found)
        print(f"{name:30}{rate:>12,.0f} events/s{rate / base:>8.1f} x{median(costs[name]):>8.1f} us CPU/event")


def devkit(folder: Path, requests: list[bytes]) -> Counted:
    store = EventStore(folder, Clock())
    for body in requests:
        taken = plain_events(BATCH, body, 0)
        assert taken is not None
        store.append(taken)
    with store.reading() as cursor:
        ((stored,),) = cursor.execute("SELECT count(*) FROM events").fetchall()
    return int(stored), store


def sqlite(folder: Path, requests: list[bytes]) -> Counted:
    connection = sqlite3.connect(folder / "events.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(_TABLE)
    for body in requests:
        rows = [
            (e["id"], e["source"], e["type"], e["subject"], e["time"], json.dumps(e["data"])) for e in json.loads(body)
        ]
        connection.execute("BEGIN")
        connection.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    ((stored,),) = connection.execute("SELECT count(*) FROM events").fetchall()
    return int(stored), connection


if __name__ == "__main__":
    main()
