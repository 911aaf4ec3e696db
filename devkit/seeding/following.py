"""What changes because something else does: next versions ask for others, and what is made anew takes its own along."""

from collections.abc import Sequence
from dataclasses import replace

from devkit.seeding.change import Change, Difference
from devkit.seeding.kinds import ASSEMBLIES
from devkit.seeding.order import Name, whole_of


def followed(changes: Sequence[Change]) -> list[Change]:
    """The changes in their order, with those that come of others."""
    by_name = {change.resource.name: change for change in changes}
    for name, change in by_name.items():
        _follow(by_name, name, change)
    for change in list(by_name.values()):
        _renew_whole(by_name, change)
    for name, change in by_name.items():  # the parts of what was renewed just now
        _follow(by_name, name, change)
    return list(by_name.values())


def _follow(by_name: dict[Name, Change], name: Name, change: Change) -> None:
    references = change.kind.references(change.resource.entry)
    wanted = [(reference.kind, reference.key) for reference in references if reference.kind in change.kind.FOLLOWS]
    others = [by_name[other] for other in wanted if other in by_name]
    if any(other.action == "recreate" for other in others):
        by_name[name] = replace(change, action="create", differences=(), found=None)
        return
    behind = [f"{other.kind.NAME} {other.key}" for other in others if other.note]
    if change.action == "unchanged" and behind:
        stale = Difference(", ".join(behind), "this version", "the next version")
        by_name[name] = replace(change, action="update", differences=(stale,))


def _renew_whole(by_name: dict[Name, Change], part: Change) -> None:
    """OpenMeter takes no part for a whole that is published: that needs a next version."""
    whole = whole_of(part.resource)
    if whole is None or whole not in by_name or part.action == "unchanged":
        return
    change = by_name[whole]
    if change.action == "unchanged":
        words = "to create" if part.action == "create" else "to update"
        other = Difference(f"{ASSEMBLIES[change.kind.NAME].part} {part.key}", "as it is", words)
        by_name[whole] = replace(change, action="update", differences=(other,))
