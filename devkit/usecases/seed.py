"""Seeding an OpenMeter from a pack: plan, apply, check.

`apply_pack(client, pack, on_progress)` is what the seed step of `up` calls.
"""

from collections.abc import Callable
from dataclasses import dataclass

from devkit.adapters.openmeter import OpenMeter

OnProgress = Callable[[str, float | None, float | None], None]  # message, done, total


@dataclass(frozen=True)
class SeedSummary:
    """What applying a pack did. `changed` is False where everything was there already."""

    pack: str
    created: int
    updated: int
    unchanged: int

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated)

    def __str__(self) -> str:
        return f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"


def apply_pack(client: OpenMeter, pack: str, on_progress: OnProgress) -> SeedSummary:
    """Makes the server hold what the pack says.

    pack: the name of a shipped pack, or a path.
    Raises UsageError for an unknown pack, InputError for a bad file, DevkitError where the server cannot be brought there.
    """
    raise NotImplementedError
