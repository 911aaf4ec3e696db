"""What a look at a machine found: one row for each check, for `up` before it starts and for `doctor`."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "failure"]


@dataclass(frozen=True)
class Finding:
    """What one check found. hint: the way out, empty where nothing is to be done."""

    check: str
    level: Level
    detail: str
    hint: str = ""
