"""Events that resemble real ones, as ready request bodies: about 330 bytes each, seven fields of data, distinct ids."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

_START = datetime(2026, 1, 1, tzinfo=UTC)


def events(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """CloudEvents over 90 days, 5,000 subjects and 50,000 users."""
    rng = random.Random(seed)
    for _ in range(count):
        yield {
            "specversion": "1.0",
            "id": str(UUID(int=rng.getrandbits(128), version=4)),
            "source": "/services/api-gateway",
            "type": "api.request",
            "subject": f"customer-{int(rng.paretovariate(1)) % 5000}",
            "time": (_START + timedelta(seconds=rng.randrange(90 * 86400))).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {
                "tokens": rng.randrange(1, 5000),
                "duration_ms": round(rng.lognormvariate(4, 1), 3),
                "model": rng.choice(("atlas-mini", "atlas-pro", "atlas-vision")),
                "method": rng.choice(("GET", "POST")),
                "path": "/v1/chat/completions",
                "user": f"user-{rng.randrange(50_000)}",
                "status": 200,
            },
        }


def bodies(count: int, batch: int, seed: int = 1) -> list[bytes]:
    """Request bodies: a list of events each, or one event where `batch` is 1."""
    made = list(events(count, seed))
    if batch == 1:
        return [json.dumps(event).encode() for event in made]
    return [json.dumps(made[first : first + batch]).encode() for first in range(0, count, batch)]
