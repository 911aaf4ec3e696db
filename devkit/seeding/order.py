"""The order in which resources are written: what others refer to comes first, else as in the file."""

from collections import defaultdict
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from devkit.core.errors import InputError
from devkit.seeding.kinds import AFTER, ASSEMBLIES
from devkit.seeding.resource import Resource

Name = tuple[str, str]


def ordered(resources: Sequence[Resource]) -> list[Resource]:
    """What refers to a whole comes after its parts too. Raises InputError where references make a circle."""
    by_name = {resource.name: resource for resource in resources}
    needs = {name: [other for other in _needs(resource) if other in by_name] for name, resource in by_name.items()}
    parts: dict[Name, list[Name]] = defaultdict(list)
    for name, wanted in needs.items():
        for whole in wanted:
            if is_part(name, whole):
                parts[whole].append(name)
    sorter: TopologicalSorter[Name] = TopologicalSorter()
    for name, wanted in needs.items():
        whole_ones = [part for other in wanted if not is_part(name, other) for part in parts[other]]
        sorter.add(name, *wanted, *whole_ones)
    for late, early in AFTER.items():
        gate = ("before each", late)  # one of its own, so that not each needs each
        sorter.add(gate, *(name for name in by_name if name[0] in early))
        for name in (name for name in by_name if name[0] == late):
            sorter.add(name, gate)
    try:
        return [by_name[name] for name in sorter.static_order() if name in by_name]
    except CycleError as error:
        circle = [by_name[name] for name in error.args[1] if name in by_name]
        text = " → ".join(f"{resource.kind.NAME} {resource.key}" for resource in circle)
        raise InputError(f"these refer to each other in a circle: {text}", place=circle[0].tree.place) from error


def is_part(name: Name, whole: Name) -> bool:
    """Are things of the one kind parts of things of the other?"""
    return whole[0] in ASSEMBLIES and ASSEMBLIES[whole[0]].part == name[0]


def whole_of(resource: Resource) -> Name | None:
    """What a resource is a part of, if it is one."""
    return next((other for other in _needs(resource) if is_part(resource.name, other)), None)


def _needs(resource: Resource) -> list[Name]:
    return [(reference.kind, reference.key) for reference in resource.kind.references(resource.entry)]
