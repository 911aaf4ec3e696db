"""What a pack would change on a server. Looking never writes; applying twice changes nothing."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from devkit.seeding.change import Change, Difference
from devkit.seeding.following import followed
from devkit.seeding.kinds import HOLDERS
from devkit.seeding.kinds.kind import Entry, Found
from devkit.seeding.kinds.likeness import apart
from devkit.seeding.order import ordered
from devkit.seeding.pack import Pack
from devkit.seeding.references import check_references
from devkit.seeding.resource import Resource


def plan(client: OpenMeter, pack: Pack, *, recreate: bool = False) -> list[Change]:
    """What has to be done, in the order of doing it.

    recreate: resources that differ in what cannot be changed are deleted and made anew, where their kind offers it
    Raises InputError where a resource refers to what is nowhere, and DevkitError where one cannot be made anew.
    """
    resources = ordered(pack.resources)
    check_references(client, resources)
    entries: dict[str, list[Entry]] = defaultdict(list)
    kinds = {resource.kind.NAME: resource.kind for resource in resources}
    for resource in resources:
        entries[resource.kind.NAME].append(resource.entry)
    found = {name: kind.find(client, entries[name]) for name, kind in kinds.items()}
    changes = [_change(resource, found[resource.kind.NAME].get(resource.key)) for resource in resources]
    return followed([_unblocked(client, change) for change in changes] if recreate else changes)


def _change(resource: Resource, found: Found | None) -> Change:
    if found is None:
        return Change(resource, "create")
    kind = resource.kind
    differences = tuple(
        difference
        for name, wanted in resource.entry.items()
        if not kind.same(name, wanted, found.get(name))
        for difference in _differences(name, wanted, found.get(name))
    )
    if not differences:
        return Change(resource, "unchanged", found=found)
    fixed = any(difference.field in kind.IMMUTABLE for difference in differences)
    return Change(resource, "blocked" if fixed else "update", differences, found)


def _differences(name: str, wanted: Any, there: Any) -> Iterator[Difference]:
    """As deep down as can be told; the whole field where only the kind knows why it differs."""
    deep = list(apart("", wanted, there)) or [("", there, wanted)]
    yield from (Difference(name, server, pack, within) for within, server, pack in deep)


def _unblocked(client: OpenMeter, change: Change) -> Change:
    if change.action != "blocked" or not change.kind.RECREATE:
        return change
    if holders := HOLDERS.get(change.kind.NAME, _no_holders)(client, change.found or {}):
        raise DevkitError(
            f"the {change.kind.NAME} {change.key!r} cannot be made anew, for these need it: {', '.join(holders)}",
            hint=f"{change.kind.WAY_OUT}, or begin with an empty server (devkit destroy, then devkit up --seed)",
            evidence=[f"{change.kind.NAME} {change.key}: {difference}" for difference in change.differences],
        )
    return replace(change, action="recreate")


def _no_holders(client: OpenMeter, found: Found) -> list[str]:  # noqa: ARG001 - whatever it is
    return []
