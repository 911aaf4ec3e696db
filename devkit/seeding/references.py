"""References that lead nowhere: what entries need is in the pack, or on the server already."""

from collections import defaultdict
from collections.abc import Sequence

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Problems, nearest
from devkit.seeding.kinds import KINDS, customer, subject
from devkit.seeding.kinds.kind import Entry, Kind, Reference
from devkit.seeding.resource import Resource

_MADE_BY_OPENMETER = ((customer.NAME, subject.NAME),)  # who refers, and to what


def check_references(client: OpenMeter, resources: Sequence[Resource]) -> None:
    """Raises InputError with the place of each reference to what neither the pack nor the server has."""
    here = {resource.name for resource in resources}
    missing: dict[str, list[tuple[Resource, Reference]]] = defaultdict(list)
    for resource in resources:
        for reference in resource.kind.references(resource.entry):
            made = (resource.kind.NAME, reference.kind) in _MADE_BY_OPENMETER
            if (reference.kind, reference.key) not in here and not made:
                missing[reference.kind].append((resource, reference))
    problems = Problems()
    for kind in KINDS:
        if kind.NAME in missing:
            found = set(kind.find(client, [_named(kind, reference.key) for _, reference in missing[kind.NAME]]))
            _tell(kind, [each for each in missing[kind.NAME] if each[1].key not in found], here, problems)
    problems.check()


def _tell(
    kind: Kind, nowhere: Sequence[tuple[Resource, Reference]], here: set[tuple[str, str]], problems: Problems
) -> None:
    known = sorted(key for name, key in here if name == kind.NAME)
    for resource, reference in nowhere:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in reference.path)
        message = f"there is no {kind.NAME} {reference.key!r}, neither in the pack nor on the server"
        place = resource.tree.at(*reference.path).place
        problems.add(place, f"{resource.path}{path}", message, nearest(reference.key, known))


def _named(kind: Kind, key: str) -> Entry:
    """An entry that says nothing but its name. Only the first part of a key can hold a slash."""
    return dict(zip(kind.KEY, key.rsplit("/", len(kind.KEY) - 1), strict=True))
