"""The agent's log: one file, rotated, times in UTC."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from devkit.core.log_format import LogFormat

LARGEST = 1024 * 1024  # bytes of one file
KEPT = 3  # older files beside it


def open_log(path: Path) -> RotatingFileHandler:
    """Sends everything that is logged to the file, which only its owner can read. Close the handler in the end."""
    path.touch(mode=0o600)
    handler = RotatingFileHandler(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
    handler.setFormatter(LogFormat())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # uvicorn tells in four lines what the agent tells in one; the clients tell of every request.
    for chatty in ("uvicorn.error", "httpx", "httpcore", "stripe", "pyngrok", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return handler


def close_log(handler: RotatingFileHandler) -> None:
    logging.getLogger().removeHandler(handler)
    handler.close()
