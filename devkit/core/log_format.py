"""How lines of a log look: times in UTC, and no secret in them."""

import logging
import time

from devkit.core.redaction import redacted


class LogFormat(logging.Formatter):
    """`2026-01-31T00:00:00Z WARNING devkit.agent: …`, a traceback below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))
