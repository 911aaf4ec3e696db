"""Doing what a plan says, and stopping with a place in the file where OpenMeter refuses."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.errors import DevkitError
from devkit.seeding.change import Action, Change
from devkit.seeding.kinds import ASSEMBLIES
from devkit.seeding.order import Name, whole_of

OnDone = Callable[[Change], None]


def apply(client: OpenMeter, changes: Sequence[Change], on_done: OnDone) -> None:
    """Does the changes of a plan, in their order; a whole is done when its parts are.

    Raises DevkitError, before it writes anything, where a change is blocked; and where OpenMeter refuses one.
    """
    refuse_blocked(changes)
    waiting = _Wholes(client, changes, on_done)
    for action, group in _batches(changes):
        with _at(group[0]):
            _write(client, action, group)
        for change in group:
            waiting.done(change)


class _Wholes:
    """Closes what is made of parts once the last part is written."""

    def __init__(self, client: OpenMeter, changes: Sequence[Change], on_done: OnDone) -> None:
        self.client = client
        self.on_done = on_done
        self.open: dict[Name, Change] = {}
        self.parts_left = Counter(whole_of(change.resource) for change in changes)

    def done(self, change: Change) -> None:
        name = change.resource.name
        if change.kind.NAME in ASSEMBLIES and change.action != "unchanged":
            self.open[name] = change
            self._close(name)
            return
        self.on_done(change)
        if whole := whole_of(change.resource):
            self.parts_left[whole] -= 1
            self._close(whole)

    def _close(self, name: Name) -> None:
        if name in self.open and self.parts_left[name] == 0:
            change = self.open.pop(name)
            with _at(change):
                ASSEMBLIES[change.kind.NAME].close(self.client, change.resource.entry)
            self.on_done(change)


def _write(client: OpenMeter, action: Action, group: Sequence[Change]) -> None:
    kind = group[0].kind
    if action == "recreate":
        for change in group:
            kind.delete(client, change.found or {})
    if action == "update":
        kind.update(client, [(change.resource.entry, change.found or {}) for change in group])
    elif action in ("create", "recreate"):
        kind.create(client, [change.resource.entry for change in group])


def _batches(changes: Sequence[Change]) -> Iterable[tuple[Action, list[Change]]]:
    for (_, action), run in groupby(changes, key=lambda change: (change.kind.NAME, change.action)):
        group = list(run)
        size = group[0].kind.BATCH
        for start in range(0, len(group), size):
            yield action, group[start : start + size]


@contextmanager
def _at(change: Change) -> Iterator[None]:
    try:
        yield
    except ApiError as error:
        issues = (error.problem.get("extensions") or {}).get("validationErrors") or ()
        raise DevkitError(
            f"{change.resource.tree.place}: {change.kind.NAME} {change.key}: {error.message}",
            hint="what stood before it was applied; mend this and apply again",
            evidence=[f"{issue.get('field', '')} {issue.get('message', '')}".strip() for issue in issues],
        ) from error


def refuse_blocked(changes: Iterable[Change]) -> None:
    """Raises DevkitError that names every change the server would refuse."""
    blocked = [change for change in changes if change.action == "blocked"]
    if not blocked:
        return
    first = blocked[0]
    fields = ", ".join(dict.fromkeys(d.field for d in first.differences if d.field in first.kind.IMMUTABLE))
    more = f" (and {len(blocked) - 1} more)" if len(blocked) > 1 else ""
    offered = f"devkit seed apply --recreate deletes it and makes it anew ({first.kind.RECREATE}); or "
    raise DevkitError(
        f"OpenMeter cannot change {fields} of the {first.kind.NAME} {first.key!r} that exists{more}",
        hint=f"{offered if first.kind.RECREATE else ''}{first.kind.WAY_OUT}",
        evidence=[f"{change.kind.NAME} {change.key}: {d}" for change in blocked for d in change.differences],
    )
