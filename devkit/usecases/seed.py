"""Seeding an OpenMeter from a pack: plan, apply, check.

`apply_pack(client, pack, on_progress)` is what the seed step of `up` calls.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding import applying
from devkit.seeding import plan as planning
from devkit.seeding.change import Change, counted
from devkit.seeding.kinds.customer import NAME as CUSTOMER
from devkit.usecases.packs import LoadedPack, load_pack

OnProgress = Callable[[str, float | None, float | None], None]  # message, done, total

#: Hears the keys of a pack's customers once they stand, before anything is sold to them, and says what it did.
OnCustomers = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class SeedSummary:
    """What applying a pack did."""

    pack: str
    created: int
    updated: int
    unchanged: int
    notes: tuple[str, ...] = ()  # what updates did besides, such as next versions

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated)

    def __str__(self) -> str:
        parts = [(self.created, "created"), (self.updated, "updated"), (self.unchanged, "unchanged")]
        counts = ", ".join(f"{count} {what}" for count, what in parts if count) or "nothing to do"
        return "; ".join((counts, *self.notes))


@dataclass(frozen=True)
class SeedPlan:
    """What a pack would change on a server, in the order of doing it."""

    loaded: LoadedPack
    url: str
    changes: tuple[Change, ...]

    @property
    def differing(self) -> list[Change]:
        return [change for change in self.changes if change.action != "unchanged"]

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "pack": self.loaded.pack.name,
            "file": self.loaded.pack.file,
            "url": self.url,
            "counts": dict(counted(self.changes)),
            "changes": [change.as_data() for change in self.changes],
        }


def plan_pack(client: OpenMeter, pack: str, *, recreate: bool = False) -> SeedPlan:
    """Looks what the pack would change; writes nothing. Raises as apply_pack."""
    loaded = load_pack(pack)
    return SeedPlan(loaded, client.url, tuple(planning.plan(client, loaded.pack, recreate=recreate)))


def apply_plan(
    client: OpenMeter, plan: SeedPlan, on_progress: OnProgress, on_customers: OnCustomers | None = None
) -> SeedSummary:
    """Does what a plan says."""
    done: list[Change] = []
    customers = [change.key for change in plan.changes if change.kind.NAME == CUSTOMER]
    notes: list[str] = []

    def tell(change: Change) -> None:
        done.append(change)
        on_progress(f"{change.kind.NAME} {change.key}", len(done), len(plan.changes))
        if on_customers and change.kind.NAME == CUSTOMER and change.key == customers[-1]:
            notes.append(on_customers(customers))

    applying.apply(client, plan.changes, tell)
    counts = counted(done)
    notes += [f"{change.kind.NAME} {change.key} {change.note}" for change in done if change.note]
    created = counts["create"] + counts["recreate"]
    return SeedSummary(plan.loaded.pack.name, created, counts["update"], counts["unchanged"], tuple(notes))


def apply_pack(
    client: OpenMeter, pack: str, on_progress: OnProgress, on_customers: OnCustomers | None = None
) -> SeedSummary:
    """Makes the server hold what the pack says.

    pack: the name of a shipped pack, or a path.
    Raises UsageError for an unknown pack, InputError for a bad file, and DevkitError where the server
    cannot be brought there.
    """
    return apply_plan(client, plan_pack(client, pack), on_progress, on_customers)
