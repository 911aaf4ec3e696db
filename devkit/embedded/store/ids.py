"""Ids: ULIDs as OpenMeter hands them out, rising within one process."""

import secrets
import threading
from datetime import datetime

from devkit.embedded.domain.ulid import encode

_RANDOM_BITS = 80


class IdSource:
    """Makes ULIDs. Within one millisecond the random part counts up, so that ids sort by creation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, 0)

    def new(self, at: datetime) -> str:
        """A fresh ULID of the instant `at`, larger than every one made before."""
        with self._lock:
            moment = max(int(at.timestamp() * 1000), self._last[0])
            tail = self._last[1] + 1 if moment == self._last[0] else secrets.randbits(_RANDOM_BITS - 1)
            self._last = (moment, tail)
            return encode(moment, tail)
