"""Proof that events are counted: a meter of its own, one event, and its count read back."""

import secrets
import time
from collections.abc import Callable

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.errors import DevkitError

SLUG = "devkit_ingest_proof"
DEADLINE = 10.0  # seconds
_POLL = 0.02


def prove_ingest(
    client: OpenMeter, *, deadline: float = DEADLINE, clock: Callable[[], float] = time.monotonic
) -> float:
    """Returns the seconds from sending the event to reading its count of exactly one.

    The meter is gone afterwards, whatever happened. Raises DevkitError where the count does not come in time.
    """
    kind = f"devkit.proof.{secrets.token_hex(8)}"
    _make_meter(client, kind)
    try:
        started = clock()
        client.ingest([{"specversion": "1.0", "id": kind, "source": "devkit", "type": kind, "subject": "devkit"}])
        while (count := _count(client)) != 1:
            if clock() - started > deadline:
                raise DevkitError(
                    f"one event was sent and accepted, but after {deadline:g} s the meter counts {count:g}",
                    hint="devkit logs shows what the server says",
                )
            time.sleep(_POLL)
        return clock() - started
    finally:
        client.call("deleteMeter", path={"meterIdOrSlug": SLUG})


def _make_meter(client: OpenMeter, kind: str) -> None:
    meter = {"slug": SLUG, "eventType": kind, "aggregation": "COUNT", "description": "devkit proves ingest with it"}
    try:
        client.call("createMeter", body=meter)
    except ApiError as error:
        if error.status != 409:
            raise
        # An earlier proof was killed before it could clean up.
        client.call("deleteMeter", path={"meterIdOrSlug": SLUG})
        client.call("createMeter", body=meter)


def _count(client: OpenMeter) -> float:
    rows = client.call("queryMeter", path={"meterIdOrSlug": SLUG})["data"]
    return float(sum(row["value"] for row in rows))
