"""Prompts sent to language models, as events: the load of the query benchmarks."""

import random
from collections.abc import Iterator

from devkit.embedded.domain.events import Event

START = 1_704_067_200  # 2024-01-01
DAYS = 90
METER = {
    "id": "01HKNRQ0000000000000000000",
    "slug": "tokens_total",
    "eventType": "prompt",
    "aggregation": "SUM",
    "valueProperty": "$.tokens",
    "groupBy": {"model": "$.model", "type": "$.type"},
}
_MODELS = ("gpt-4-turbo", "gpt-4o", "claude-3-opus", "llama-3-70b")


def batches(count: int, size: int) -> Iterator[list[Event]]:
    """So many events in batches, the same ones each time, in the order of their times."""
    chance = random.Random(1)
    for first in range(0, count, size):
        numbers = range(first, min(first + size, count))
        yield [_event(number, START + number * DAYS * 86_400 // count, chance.random()) for number in numbers]


def _event(number: int, time: int, chance: float) -> Event:
    tokens, kind = int(1 + 4000 * chance * chance), "input" if number % 3 else "output"
    data = (
        f'{{"latency_ms":{number % 997}.5,"model":"{_MODELS[number % 4]}","region":"eu-{number % 3}",'
        f'"tokens":{tokens},"type":"{kind}","user":"user-{number * 7919 % 50_000}"}}'
    )
    return Event(f"event-{number}", "benchmark", "prompt", f"customer-{int(5000 * chance**3)}", time, data)
