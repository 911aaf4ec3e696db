"""Sizes and times as people read and write them."""

import re
from datetime import timedelta

from devkit.core.errors import UsageError

_AGE = re.compile(r"(\d{1,5})([mhd])")
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60}


def size_text(size: float) -> str:
    """`812 B`, `3.4 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def duration_text(seconds: int) -> str:
    """`45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    first = next((position for position, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def age_of(text: str, option: str) -> timedelta:
    """`90m`, `48h`, `7d`. Raises UsageError that names the option."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{option} must be an age such as 90m, 48h or 7d, not {text!r}")
    return timedelta(minutes=int(found[1]) * _MINUTES[found[2]])
