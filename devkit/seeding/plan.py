"""What a pack would change on a server, and changing it. Looking never writes; applying twice changes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from devkit.seeding.kinds.kind import Entry, Found, Kind
from devkit.seeding.order import ordered
from devkit.seeding.pack import Pack, Resource

Action = Literal["create", "update", "unchanged", "recreate", "blocked"]


@dataclass(frozen=True)
class Difference:
    """A field of which pack and server say something different."""

    field: str
    server: Any
    pack: Any

    def __str__(self) -> str:
        return f"{self.field}: {_shown(self.server)} → {_shown(self.pack)}"


@dataclass(frozen=True)
class Change:
    """What one resource needs. `blocked`: the server would have to change what it never changes."""

    resource: Resource = field(repr=False)
    action: Action
    differences: tuple[Difference, ...] = ()
    found: Found | None = field(default=None, repr=False)

    @property
    def kind(self) -> Kind:
        return self.resource.kind

    @property
    def key(self) -> str:
        return self.resource.key

    @property
    def note(self) -> str:
        """What else an update does, such as a next version; empty where there is nothing to say."""
        return self.kind.note(self.found) if self.action == "update" and self.found else ""

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        differences = [{"field": d.field, "server": d.server, "pack": d.pack} for d in self.differences]
        return {"kind": self.kind.NAME, "key": self.key, "action": self.action, "note": self.note} | {
            "differences": differences
        }


def plan(client: OpenMeter, pack: Pack, *, recreate: bool = False) -> list[Change]:
    """What has to be done, in the order of doing it.

    recreate: resources that differ in what cannot be changed are deleted and made anew, where their kind offers it
    """
    resources = ordered(pack.resources)
    entries: dict[str, list[Entry]] = defaultdict(list)
    kinds = {resource.kind.NAME: resource.kind for resource in resources}
    for resource in resources:
        entries[resource.kind.NAME].append(resource.entry)
    found = {name: kind.find(client, entries[name]) for name, kind in kinds.items()}
    changes = [_change(resource, found[resource.kind.NAME].get(resource.key)) for resource in resources]
    changes = _followed(changes)
    return [_unblocked(change) for change in changes] if recreate else changes


def _followed(changes: Sequence[Change]) -> list[Change]:
    """A plan that stands on an add-on gets a version too when the add-on gets one."""
    renewed = {(change.kind.NAME, change.key) for change in changes if change.note}
    followed = []
    for change in changes:
        names = [name for name in change.kind.references(change.resource.entry) if name[0] in change.kind.FOLLOWS]
        behind = [f"{kind} {key}" for kind, key in names if (kind, key) in renewed]
        if change.action == "unchanged" and behind:
            stale = Difference(", ".join(behind), "this version", "the next version")
            followed.append(replace(change, action="update", differences=(stale,)))
        else:
            followed.append(change)
    return followed


def _change(resource: Resource, found: Found | None) -> Change:
    if found is None:
        return Change(resource, "create")
    kind = resource.kind
    differences = tuple(
        Difference(name, found.get(name), wanted)
        for name, wanted in resource.entry.items()
        if not kind.same(name, wanted, found.get(name))
    )
    if not differences:
        return Change(resource, "unchanged", found=found)
    fixed = any(difference.field in kind.IMMUTABLE for difference in differences)
    return Change(resource, "blocked" if fixed else "update", differences, found)


def _unblocked(change: Change) -> Change:
    return replace(change, action="recreate") if change.action == "blocked" and change.kind.RECREATE else change


def apply(client: OpenMeter, changes: Sequence[Change], on_done: Callable[[Change], None]) -> None:
    """Does the changes of a plan. Raises DevkitError, before it writes anything, where one is blocked."""
    refuse_blocked(changes)
    for action, group in _batches(changes):
        kind = group[0].kind
        if action == "recreate":
            for change in group:
                kind.delete(client, change.found or {})
        if action == "update":
            kind.update(client, [(change.resource.entry, change.found or {}) for change in group])
        elif action in ("create", "recreate"):
            kind.create(client, [change.resource.entry for change in group])
        for change in group:
            on_done(change)


def _batches(changes: Sequence[Change]) -> Iterable[tuple[Action, list[Change]]]:
    for (_, action), run in groupby(changes, key=lambda change: (change.kind.NAME, change.action)):
        group = list(run)
        size = group[0].kind.BATCH
        for start in range(0, len(group), size):
            yield action, group[start : start + size]


def refuse_blocked(changes: Iterable[Change]) -> None:
    """Raises DevkitError that names every change the server would refuse."""
    blocked = [change for change in changes if change.action == "blocked"]
    if not blocked:
        return
    first = blocked[0]
    fields = ", ".join(d.field for d in first.differences if d.field in first.kind.IMMUTABLE)
    more = f" (and {len(blocked) - 1} more)" if len(blocked) > 1 else ""
    offered = f"devkit seed apply --recreate deletes it and makes it anew ({first.kind.RECREATE}); or "
    raise DevkitError(
        f"OpenMeter cannot change {fields} of the {first.kind.NAME} {first.key!r} that exists{more}",
        hint=f"{offered if first.kind.RECREATE else ''}{first.kind.WAY_OUT}",
        evidence=[f"{change.kind.NAME} {change.key}: {d}" for change in blocked for d in change.differences],
    )


def counted(changes: Iterable[Change]) -> Mapping[Action, int]:
    """How many changes of each action."""
    counts: dict[Action, int] = {"create": 0, "update": 0, "unchanged": 0, "recreate": 0, "blocked": 0}
    for change in changes:
        counts[change.action] += 1
    return counts


def _shown(value: Any) -> str:
    import json

    text = "(none)" if value is None else value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= 80 else f"{text[:77]}..."
