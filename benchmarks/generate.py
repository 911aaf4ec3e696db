"""Events a second out of the stream generator, beside plain Python (random and json) making the same kind of events.

    python benchmarks/generate.py [EVENTS]

One core (seconds of processor time), batches of 1,000, the `prompts` stream of seeds/ai-tokens.yaml without and with
the totals of its meters; the median of five turns, all contenders in each turn.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from statistics import median
from typing import Any

from devkit.streams.generator import Generator
from devkit.streams.planning import StreamPlan, Wish
from devkit.usecases.packs import load_pack
from devkit.usecases.stream import plan_streams

TURNS = 5
BATCH = 1000


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    loaded = load_pack("ai-tokens")
    (plan,) = plan_streams(loaded, wish=Wish(events=count), names=["prompts"])
    meters = loaded.pack.entries("meter")
    contenders: dict[str, Callable[[], Iterator[bytes]]] = {
        "plain Python: random, json.dumps": lambda: plain(plan),
        "devkit": lambda: (batch.body for batch in Generator(plan).batches(BATCH)),
        "devkit, with the totals of 6 meters": lambda: (batch.body for batch in Generator(plan, meters).batches(BATCH)),
    }
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(TURNS):
        for name, bodies in contenders.items():
            started = time.process_time()
            made = sum(len(body) for body in bodies())
            rates[name].append(count / (time.process_time() - started))
            assert made > 300 * count, "every contender makes whole events"
    base = median(rates["plain Python: random, json.dumps"])
    for name, found in rates.items():
        print(f"{name:40}{median(found):>12,.0f} events/s{median(found) / base:>8.1f} x")


def plain(plan: StreamPlan) -> Iterator[bytes]:
    """What one would write without thinking of speed, with the same distributions."""
    rng = random.Random(plan.stream.seed)
    subjects = plan.stream.subjects
    weights = list(accumulate((rank + 1) ** -plan.stream.zipf for rank in range(len(subjects))))
    hours = list(accumulate(plan.timeline.pattern))
    start = datetime.fromtimestamp(plan.start, UTC)
    for first in range(0, plan.stream.events, BATCH):
        size = min(BATCH, plan.stream.events - first)
        events = [
            _event(rng, first + n, start=start, hours=hours, subjects=subjects, weights=weights) for n in range(size)
        ]
        yield json.dumps(events).encode()


def _event(
    rng: random.Random,
    number: int,
    *,
    start: datetime,
    hours: list[int],
    subjects: tuple[str, ...],
    weights: list[float],
) -> dict[str, Any]:
    hour = rng.choices(range(len(hours)), cum_weights=hours)[0]
    time_ = start + timedelta(hours=hour, seconds=rng.randrange(3600))
    subject = rng.choices(subjects, cum_weights=weights)[0]
    kind = rng.choice(("input", "output"))
    model = rng.choices(("atlas-mini", "atlas-pro", "atlas-vision", "atlas-reason"), (58, 27, 9, 6))[0]
    return {
        "specversion": "1.0",
        "type": "prompt",
        "source": "ai-gateway",
        "id": f"prompts-{number}",
        "time": time_.isoformat(),
        "subject": subject,
        "data": {
            "model": model,
            "type": kind,
            "tokens": round(rng.lognormvariate(6.4 if kind == "input" else 5.6, 1.0)),
            "latency_ms": round(rng.lognormvariate(6.0, 0.5)),
            "region": rng.choices(("us-east", "eu-central", "ap-south"), (5, 3, 2))[0],
            "session_id": f"ses_{subject}_{rng.randrange(150)}",
            "request_id": f"req_{rng.getrandbits(64):016x}",
            "cached": rng.random() < 0.5,
            "api_version": "2026-05",
        },
    }


if __name__ == "__main__":
    main()
