"""10,000 customers listed page by page: the embedded server beside a plain SQLite table of the same customers.

    python benchmarks/customers_list.py [CUSTOMERS]

Pages of 100 in the order of names. The plain table has an index on the name and gives the texts as they are; devkit
also looks for the subscriptions of every customer and, over HTTP, answers with all that a client gets. The median of
five turns counts.
"""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import msgspec

from devkit.embedded.store.customers import CustomerFilter, customer_page, put_customer
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_subscriptions import with_subscriptions

TURNS = 5
SIZE = 100
Reader = Callable[[int], int]  # reads the page with this number (from 0) and returns how many customers it has


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with TemporaryDirectory() as folder:
        data, table = Path(folder) / "data", sqlite3.connect(Path(folder) / "plain.sqlite")
        table.execute("CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT, body TEXT)")
        table.execute("CREATE INDEX customers_by_name ON customers (name, id)")
        fill(data, table, count)
        store = Store(data)
        print(f"{count:,} customers in pages of {SIZE}, by name")
        results = [
            measure("SQLite, plain table", plain(table), count),
            measure("devkit, without the server", stored(store), count),
        ]
        store.close()
        with served(data) as client:
            results.append(measure("devkit, over HTTP", over_http(client), count))
        table.close()
    for name, whole, last in results:
        ratio = whole / results[0][1]
        print(f"  {name:28} {whole * 1000:9.1f} ms all pages  {last * 1000:7.2f} ms the last  {ratio:6.1f} x")


def fill(data: Path, table: sqlite3.Connection, count: int) -> None:
    store = Store(data)
    with store.records.transaction():
        for number in range(count):
            made = customer(store.new_id(), number * 7919 % count)
            put_customer(store, made)
            row = (made["id"], made["name"], msgspec.json.encode(made).decode())
            table.execute("INSERT INTO customers VALUES (?, ?, ?)", row)
    table.commit()
    store.close()


def customer(id_: str, number: int) -> dict[str, Any]:
    return {
        "id": id_,
        "key": f"customer-{number}",
        "name": f"Customer {number:06}",
        "primaryEmail": f"billing-{number}@example.com",
        "currency": "USD",
        "billingAddress": {"country": "HU", "city": "Budapest", "line1": f"Street {number}"},
        "metadata": {"tier": "gold"},
        "usageAttribution": {"subjectKeys": [f"subject-{number}"]},
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
    }


def plain(table: sqlite3.Connection) -> Reader:
    def read(number: int) -> int:
        table.execute("SELECT count(*) FROM customers").fetchone()
        rows = table.execute(
            "SELECT body FROM customers ORDER BY name, id LIMIT ? OFFSET ?", (SIZE, number * SIZE)
        ).fetchall()
        return len(rows)

    return read


def stored(store: Store) -> Reader:
    def read(number: int) -> int:
        wanted = CustomerFilter()
        found, _ = customer_page(store, wanted, order="name", descending=False, limit=SIZE, offset=number * SIZE)
        return len(with_subscriptions(store, found))

    return read


def over_http(client: httpx.Client) -> Reader:
    def read(number: int) -> int:
        answer = client.get("/api/v1/customers", params={"page": number + 1, "pageSize": SIZE})
        return len(answer.json()["items"])

    return read


def measure(name: str, read: Reader, count: int) -> tuple[str, float, float]:
    """The name, and the seconds for all pages and for the last one."""
    wholes, lasts = [], []
    pages = -(-count // SIZE)
    for _ in range(TURNS):
        started = time.perf_counter()
        total = sum(read(number) for number in range(pages))
        before_last = time.perf_counter()
        read(pages - 1)
        lasts.append(time.perf_counter() - before_last)
        wholes.append(before_last - started)
        if total != count:
            raise SystemExit(f"{name}: {total:,} customers instead of {count:,}")
    return name, median(wholes), median(lasts)


@contextmanager
def served(data: Path) -> Iterator[httpx.Client]:
    command = [sys.executable, "-m", "devkit", "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        url = next(word for line in server.stderr for word in line.split() if word.startswith("http://"))
        with httpx.Client(base_url=url.rstrip(",")) as client:
            yield client
        server.terminate()
        server.stderr.read()


if __name__ == "__main__":
    main()
