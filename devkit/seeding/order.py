"""The order in which resources are written: what others refer to comes first, else as in the file."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from devkit.core.errors import InputError
from devkit.seeding.pack import Resource


def ordered(resources: Sequence[Resource]) -> list[Resource]:
    """Raises InputError where resources refer to each other in a circle."""
    by_name = {(resource.kind.NAME, resource.key): resource for resource in resources}
    sorter: TopologicalSorter[tuple[str, str]] = TopologicalSorter()
    for name, resource in by_name.items():
        sorter.add(name, *(other for other in resource.kind.references(resource.entry) if other in by_name))
    try:
        return [by_name[name] for name in sorter.static_order()]
    except CycleError as error:
        circle = [by_name[name] for name in error.args[1]]
        text = " → ".join(f"{resource.kind.NAME} {resource.key}" for resource in circle)
        raise InputError(f"these refer to each other in a circle: {text}", place=circle[0].tree.place) from error
