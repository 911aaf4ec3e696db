"""Sends the batches of a generator. Repeating a batch is safe: events are recognised by source and id."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from devkit.adapters.openmeter import BATCH, ApiError, OpenMeter
from devkit.core.errors import DevkitError, InterruptedByUser, UnreachableError
from devkit.streams.generator import Batch

REPEAT_IS_SAFE = "run the same command again: events that arrived are recognised by their ids and count once"
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Pace:
    """How to send. rate: events per second, None for as fast as it goes; pauses: seconds before each new attempt."""

    rate: float | None = None
    connections: int = 4
    pauses: tuple[float, ...] = (0.2, 0.5, 1, 2, 4, 8)


def send(
    client: OpenMeter,
    batches: Iterable[Batch],
    pace: Pace,
    on_sent: Callable[[int], None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Sends all batches and returns how many events were acknowledged; on_sent gets that number as it grows.

    Raises UnreachableError or ApiError when all attempts failed, InterruptedByUser on Ctrl-C.
    """
    sent = taken = 0
    started = time.monotonic()
    running: set[Future[int]] = set()
    pool = ThreadPoolExecutor(pace.connections, thread_name_prefix="stream")
    try:
        for batch in batches:
            if pace.rate:
                sleep(max(0.0, started + taken / pace.rate - time.monotonic()))
            taken += batch.count
            running.add(pool.submit(_deliver, client, batch, pace, sleep))
            if len(running) >= 2 * pace.connections or pace.rate:
                sent += _collect(running, FIRST_COMPLETED if len(running) >= 2 * pace.connections else None)
                on_sent(sent)
        while running:
            sent += _collect(running, FIRST_COMPLETED)
            on_sent(sent)
    except KeyboardInterrupt as interrupt:
        message = f"interrupted after {sent:,} events were acknowledged"
        raise InterruptedByUser(message, hint=REPEAT_IS_SAFE) from interrupt
    except DevkitError as error:
        if sent:
            error.hint = f"{sent:,} events were acknowledged; {REPEAT_IS_SAFE}"
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return sent


def _collect(running: "set[Future[int]]", until: str | None) -> int:
    """Takes finished deliveries out of `running`, waiting for one unless `until` is None.

    One that failed stays until all that arrived are counted, then it raises: how far it got is told right.
    """
    done = wait(running, return_when=until).done if until else {future for future in running if future.done()}
    arrived = {future for future in done if future.exception() is None}
    taken = arrived or done
    running -= taken
    return sum(future.result() for future in taken)


def _deliver(client: OpenMeter, batch: Batch, pace: Pace, sleep: Callable[[float], None]) -> int:
    for pause in (*pace.pauses, None):
        try:
            client.call("ingestEvents", content=batch.body, headers={"Content-Type": BATCH})
        except (UnreachableError, ApiError) as error:
            if pause is None or (isinstance(error, ApiError) and error.status not in _TRANSIENT):
                raise
            sleep(pause)
        else:
            return batch.count
    raise AssertionError("the last attempt returns or raises")
