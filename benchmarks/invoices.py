"""1,000 invoices of 10 lines, from pending to paid: devkit beside a plain SQLite table that only multiplies.

    python benchmarks/invoices.py [INVOICES]

Every customer has five fees, five metered lines (unit, graduated, volume, package, with a minimum) and ten events. Over
HTTP devkit's clock is moved past the end of the period: then pending lines become invoices, usage is counted, rated and
collected, drafts are issued and paid, and each state is told to the notifications. SQLite sums up the events of every
metered line, multiplies by a price and writes the lines: the least that any biller does. The goal is 60 s on two cores.
"""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

START, END, COLLECTED = "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z", "2025-02-01T02:00:00Z"
EVENTS = 10
FEES = 5
FLAT = {"type": "flat", "amount": "10", "paymentTerm": "in_arrears"}
TIERS = [
    {"upToAmount": "5", "flatPrice": None, "unitPrice": {"type": "unit", "amount": "2"}},
    {"flatPrice": {"type": "flat", "amount": "3"}, "unitPrice": {"type": "unit", "amount": "1"}},
]
PRICES: list[dict[str, Any]] = [
    {"type": "unit", "amount": "1.5"},
    {"type": "tiered", "mode": "graduated", "tiers": TIERS},
    {"type": "tiered", "mode": "volume", "tiers": TIERS},
    {"type": "package", "amount": "4", "quantityPerPackage": "3"},
    {"type": "unit", "amount": "0.1", "minimumAmount": "20"},
]
BATCH = {"content-type": "application/cloudevents-batch+json"}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with TemporaryDirectory() as folder:
        plain = multiplied(Path(folder) / "plain.sqlite", count)
        with served(Path(folder) / "data") as client:
            prepare(client, count)
            started = time.perf_counter()
            move = client.post("/_devkit/clock", json={"to": COLLECTED}).raise_for_status().json()
            billed = time.perf_counter() - started
            check(client, count, move["failedJobs"])
    lines = FEES + len(PRICES)
    print(f"{count:,} invoices of {lines} lines, each with {EVENTS} events of usage")
    for name, seconds in (("SQLite, sums times prices", plain), ("devkit, pending to paid", billed)):
        print(f"  {name:28} {seconds:8.2f} s  {count / seconds:10,.0f} invoices/s  {seconds / plain:7.1f} x")


def prepare(client: httpx.Client, count: int) -> None:
    """Customers with their usage and their pending lines."""
    make(client, "/api/v1/meters", {"slug": "calls", "eventType": "call", "aggregation": "COUNT"})
    make(client, "/api/v1/features", {"key": "calls", "name": "Calls", "meterSlug": "calls"})
    period = {"from": START, "to": END}
    cards = [{"price": FLAT}] * FEES + [{"price": price, "featureKey": "calls"} for price in PRICES]
    lines = [
        {"name": f"Line {number}", "period": period, "invoiceAt": END, "rateCard": card}
        for number, card in enumerate(cards)
    ]
    for number in range(count):
        subjects = {"subjectKeys": [f"subject-{number}"]}
        id_ = make(client, "/api/v1/customers", {"name": f"Customer {number}", "usageAttribution": subjects})["id"]
        client.post("/api/v1/events", json=events(number), headers=BATCH).raise_for_status()
        make(client, f"/api/v1/billing/customers/{id_}/invoices/pending-lines", {"currency": "USD", "lines": lines})


def events(customer: int) -> list[dict[str, Any]]:
    fixed = {"specversion": "1.0", "source": "bench", "type": "call", "subject": f"subject-{customer}"}
    return [fixed | {"id": f"{customer}-{day}", "time": f"2025-01-01T00:00:{day:02}Z"} for day in range(EVENTS)]


def make(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return dict(client.post(path, json=body).raise_for_status().json())


def check(client: httpx.Client, count: int, failed: list[str]) -> None:
    """All are paid, and the sums are right."""
    found = client.get("/api/v1/billing/invoices", params={"statuses": "paid", "pageSize": 1}).json()
    if failed or found["totalCount"] != count:
        raise SystemExit(f"{found['totalCount']:,} of {count:,} invoices are paid; failed jobs: {failed}")
    total = found["items"][0]["totals"]["total"]
    # 5 fees of 10, 10 x 1.5, 5 x 2 + 3 + 5 x 1, 3 + 10 x 1, 4 packages of 4, and the minimum
    if Decimal(total) != 50 + 15 + 18 + 13 + 16 + 20:
        raise SystemExit(f"an invoice of {total} USD is wrong")


def multiplied(path: Path, count: int) -> float:
    """Seconds for the sums of all lines and their amounts, written to disk."""
    table = sqlite3.connect(path)
    table.execute("PRAGMA journal_mode=WAL")
    table.execute("CREATE TABLE events (subject TEXT, time TEXT)")
    table.execute("CREATE INDEX by_subject ON events (subject, time)")
    table.execute("CREATE TABLE lines (customer INTEGER, number INTEGER, body TEXT, PRIMARY KEY (customer, number))")
    for customer in range(count):
        rows = [(event["subject"], event["time"]) for event in events(customer)]
        table.executemany("INSERT INTO events VALUES (?, ?)", rows)
    table.commit()
    started = time.perf_counter()
    for customer in range(count):
        for number in range(FEES + len(PRICES)):
            body = {"amount": str(amount(table, customer, number)), "from": START, "to": END}
            table.execute("INSERT INTO lines VALUES (?, ?, ?)", (customer, number, json.dumps(body)))
    table.commit()
    seconds = time.perf_counter() - started
    table.close()
    return seconds


def amount(table: sqlite3.Connection, customer: int, number: int) -> Decimal:
    if number < FEES:
        return Decimal(FLAT["amount"])
    sql = "SELECT count(*) FROM events WHERE subject = ? AND time >= ? AND time < ?"
    return Decimal("1.5") * int(table.execute(sql, (f"subject-{customer}", START, END)).fetchone()[0])


@contextmanager
def served(data: Path) -> Iterator[httpx.Client]:
    command = [sys.executable, "-m", "devkit", "serve", "--port", "0", "--data", str(data), "--clock", START]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        url = next(word for line in server.stderr for word in line.split() if word.startswith("http://"))
        with httpx.Client(base_url=url.rstrip(","), timeout=None) as client:
            yield client
        server.terminate()
        server.stderr.read()


if __name__ == "__main__":
    main()
