"""Values and histories of entitlements on 100,000 events: the embedded server beside a bare DuckDB query.

    python benchmarks/entitlement_values.py [CUSTOMERS]

Each customer has a monthly entitlement with a grant; a year of events is spread over all of them. The bare query sums
up one customer's usage of the month from the same events, as a server without snapshots and without anything in memory
would have to do for each value. The client runs beside the server, on the same cores.
"""

import asyncio
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.servers import embedded_server

EVENTS = 100_000
BATCH = 1000
VALUES = 5000
CONNECTIONS = 8
TURNS = 5
YEAR = timedelta(days=365)
Event = tuple[str, float, int]  # subject, seconds before now, amount


def main() -> None:
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    now = datetime.now(UTC)
    made_up = random.Random(1)
    events = [
        (f"subject-{made_up.randrange(customers)}", made_up.random() * YEAR.total_seconds(), made_up.randrange(100))
        for _ in range(EVENTS)
    ]
    print(f"{EVENTS:,} events of {customers} customers")
    bare = 1 / bare_query(events, now)
    print(f"  {'bare DuckDB query':34} {bare:8.0f} values/s")
    with served(events, customers, now) as client:
        first = timed(lambda: read(client, value_path(0)))
        print(f"  {'the first value, events are read':34} {first * 1000:8.0f} ms")
        for number in range(customers):
            read(client, value_path(number))
        port = int(str(client.base_url).rsplit(":", 1)[1].rstrip("/"))
        speed = asyncio.run(values_per_second(port, [value_path(number) for number in range(customers)]))
        print(
            f"  {f'values, {CONNECTIONS} connections':34} {speed:8.0f} values/s  {speed / bare:6.1f} x the bare query"
        )
        days = [timed(partial(read, client, history_path(turn, now))) for turn in range(TURNS)]
        print(f"  {'history of a year by day':34} {median(days) * 1000:8.0f} ms")


def bare_query(events: list[Event], now: datetime) -> float:
    """Seconds that one customer's usage of this month takes DuckDB, on a table of subject, time and JSON."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE events (subject VARCHAR, time BIGINT, data VARCHAR)")
        rows = [(subject, int(now.timestamp() - ago), f'{{"n": {amount}}}') for subject, ago, amount in events]
        subjects, times, data = zip(*rows, strict=True)
        connection.execute(
            "INSERT INTO events SELECT unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::VARCHAR[])",
            [list(subjects), list(times), list(data)],
        )
        sql = "SELECT sum((data ->> '$.n')::DOUBLE) FROM events WHERE subject = ? AND time >= ?"
        month = int(now.replace(day=1, hour=0, minute=0).timestamp())
        return median(
            timed(lambda: connection.execute(sql, ["subject-1", month]).fetchall()) for _ in range(10 * TURNS)
        )


@contextmanager
def served(events: list[Event], customers: int, now: datetime) -> Iterator[httpx.Client]:
    """A client of a server with the meter, the feature, the customers, their entitlements and the events."""
    with (
        TemporaryDirectory() as folder,
        embedded_server(Path(folder) / "data") as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        meter = {"slug": "calls", "name": "calls", "eventType": "calls", "aggregation": "SUM", "valueProperty": "$.n"}
        send(client, "/api/v1/meters", meter)
        send(client, "/api/v1/features", {"key": "calls", "name": "calls", "meterSlug": "calls"})
        for number in range(customers):
            send(client, "/api/v1/customers", customer(number))
            send(client, f"/api/v2/customers/customer-{number}/entitlements", entitlement(now))
        for first in range(0, len(events), BATCH):
            batch = [event(first + number, *one, now) for number, one in enumerate(events[first : first + BATCH])]
            send(client, "/api/v1/events", batch, "application/cloudevents-batch+json")
        yield client


def customer(number: int) -> dict[str, Any]:
    subjects = {"subjectKeys": [f"subject-{number}"]}
    return {"key": f"customer-{number}", "name": f"Customer {number}", "usageAttribution": subjects}


def entitlement(now: datetime) -> dict[str, Any]:
    return {
        "type": "metered",
        "featureKey": "calls",
        "usagePeriod": {"interval": "MONTH", "anchor": "2020-01-01T00:00:00Z"},
        "measureUsageFrom": (now - YEAR).isoformat(),
        "issue": {"amount": 1_000_000},
    }


def event(number: int, subject: str, ago: float, amount: int, now: datetime) -> dict[str, Any]:
    moment = (now - timedelta(seconds=ago)).isoformat()
    fixed = {"specversion": "1.0", "source": "benchmark", "type": "calls"}
    return {**fixed, "id": str(number), "subject": subject, "time": moment, "data": {"n": amount}}


def send(client: httpx.Client, path: str, body: Any, media_type: str = "application/json") -> None:
    client.post(path, json=body, headers={"content-type": media_type}).raise_for_status()


def read(client: httpx.Client, path: str) -> None:
    client.get(path).raise_for_status()


def value_path(number: int) -> str:
    return f"/api/v1/customers/customer-{number}/entitlements/calls/value"


def history_path(number: int, now: datetime) -> str:
    start = (now - YEAR + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")
    return f"/api/v2/customers/customer-{number}/entitlements/calls/history?windowSize=DAY&from={start}"


async def values_per_second(port: int, paths: list[str]) -> float:
    numbers = iter(range(VALUES))

    async def worker() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            writer.write(f"GET {paths[number % len(paths)]} HTTP/1.1\r\nHost: benchmark\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))
        writer.close()
        await writer.wait_closed()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
    return VALUES / (time.perf_counter() - started)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
