"""POST /api/v1/events over HTTP, beside a bare Starlette application under uvicorn that reads bodies and answers 204.

    python benchmarks/ingest_http.py [SECONDS]

Each server is a process of its own; the client is this process, with 16 connections that are kept and one request under
way on each. Ids are distinct, bodies ready. Every event that devkit acknowledged is counted in the end.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import cast

from usage_events import bodies

try:
    from uvloop import run
except ImportError:
    from asyncio import run  # type: ignore[assignment]

TURNS = 3
CONNECTIONS = 16
READY = {1: 60_000, 100: 200_000, 1000: 300_000}  # events prepared for each size of request
BARE = """
    import sys, uvicorn
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route
    async def take(request):
        await request.body()
        return Response(status_code=204)
    app = Starlette(routes=[Route("/api/v1/events", take, methods=["POST"])])
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False)
"""


class Sender(asyncio.Protocol):
    """Sends the next request when the answer to the last one is complete."""

    def __init__(self, requests: Iterator[bytes], until: float, done: asyncio.Future[int]) -> None:
        self._requests, self._until, self._done = requests, until, done
        self._answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        assert data.startswith(b"HTTP/1.1 204"), data
        self._answered += 1
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._until else None
        if request is not None:
            self._transport.write(request)
            return
        self._transport.close()
        self._done.set_result(self._answered)


async def rate(port: int, requests: list[bytes], seconds: float) -> tuple[float, int]:
    """Requests a second, and how many were answered."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    shared = iter(requests)
    waiting = []
    for _ in range(CONNECTIONS):
        done: asyncio.Future[int] = loop.create_future()
        await loop.create_connection(lambda done=done: Sender(shared, started + seconds, done), "127.0.0.1", port)  # type: ignore[misc]
        waiting.append(done)
    answered = sum(await asyncio.gather(*waiting))
    return answered / (time.perf_counter() - started), answered


def http(body: bytes, batch: int) -> bytes:
    media_type = "application/cloudevents+json" if batch == 1 else "application/cloudevents-batch+json"
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: h\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def running(*command: str) -> Iterator[int]:
    """The port of a server that this command starts; `PORT` in it is replaced."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [sys.executable, *(part.replace("PORT", str(port)) for part in command)]
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the server did not start")


def stored(port: int) -> int:
    """What a meter counts."""
    meter = b'{"slug":"requests","eventType":"api.request","aggregation":"COUNT"}'
    url = f"http://127.0.0.1:{port}/api/v1/meters"
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, meter, headers)).close()
    with urllib.request.urlopen(f"{url}/requests/query") as answer:
        return int(json.load(answer)["data"][0]["value"])


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with (
        tempfile.TemporaryDirectory() as folder,
        running("-m", "devkit", "serve", "--port", "PORT", "--data", folder) as devkit,
        running("-c", textwrap.dedent(BARE), "PORT") as bare,
    ):
        acknowledged = sum(compare(batch, bare, devkit, seconds) for batch in READY)
        assert stored(devkit) == acknowledged, "every acknowledged event is stored once"
        print(f"{acknowledged:,} events acknowledged, as many stored")


def compare(batch: int, bare: int, devkit: int, seconds: float) -> int:
    """Prints the figures of one size of request; how many events devkit acknowledged."""
    rates: dict[str, list[float]] = {"bare uvicorn + Starlette": [], "devkit": []}
    acknowledged = 0
    for turn in range(TURNS):
        requests = [http(body, batch) for body in bodies(READY[batch], batch, seed=100 * batch + turn)]
        rates["bare uvicorn + Starlette"].append(run(rate(bare, requests, seconds))[0])
        figure, answered = run(rate(devkit, requests, seconds))
        rates["devkit"].append(figure)
        acknowledged += answered * batch
    base = median(rates["bare uvicorn + Starlette"])
    for name, found in rates.items():
        figure = median(found)
        figures = f"{figure:>10,.0f} requests/s{figure * batch:>12,.0f} events/s{figure / base:>7.1f} x"
        print(f"{batch:5} a request  {name:26}{figures}")
    return acknowledged


if __name__ == "__main__":
    main()
