"""What the agent says about the outside: kept in outside.json, changed by several threads."""

import logging
import threading
from typing import Any

import msgspec

from devkit.core.instance import Instance
from devkit.core.outside import Outside, write_outside

_log = logging.getLogger("devkit.agent")


class Saying:
    """The last word on tunnel, gateway and webhook."""

    def __init__(self, instance: Instance, first: Outside) -> None:
        self._instance = instance
        self._lock = threading.Lock()
        self._last = first

    @property
    def last(self) -> Outside:
        return self._last

    def change(self, **members: Any) -> Outside:
        """Says it anew with these members. A full disk is logged: what the agent does counts more."""
        with self._lock:
            self._last = msgspec.structs.replace(self._last, **members)
            try:
                write_outside(self._instance, self._last)
            except OSError as error:
                _log.warning("cannot write down how the outside is: %s", error.strerror or error)
            return self._last
