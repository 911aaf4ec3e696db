"""A usage event after all of OpenMeter's normalisations, as it is stored."""

from typing import NamedTuple


class Event(NamedTuple):
    """time: seconds since the epoch, UTC. data: canonical JSON text; `""` where absent, `"null"` where null."""

    id: str
    source: str
    type: str
    subject: str
    time: int
    data: str
