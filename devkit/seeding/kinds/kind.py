"""What a resource kind is: a module that fits `Kind`. Adding one is a new module here and a line in KINDS.

What is made of parts has a line in ASSEMBLIES, what comes after kinds that it does not refer to one in AFTER, what
others keep from being deleted one in HOLDERS, and what OpenMeter would refuse of several entries together is a rule in
devkit/seeding/consistency.py. What OpenMeter gives no key carries one in its metadata (marks.py), or is known by name.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Problems, Shape
from devkit.core.yaml_source import Tree

Entry = Mapping[str, Any]  # one resource as the pack says it, in OpenMeter's own field names
Found = Mapping[str, Any]  # one resource as the server answers it


class Reference(NamedTuple):
    """What an entry needs to be there before. path: the steps in the entry to where it says so."""

    kind: str
    key: str
    path: tuple[str | int, ...]


class Kind(Protocol):
    """One kind of resource.

    NAME, SECTION: how messages and packs call it (`meter`, `meters`)
    KEY:           the fields that name a resource, nested ones with dots; its key joins them with /
    DEFAULTS:      what an entry says where it says nothing
    SHAPE:         what an entry looks like; also the source of the JSON schema
    IMMUTABLE:     fields that the server never changes
    BATCH:         how many go into one write
    RECREATE:      what happens when one is deleted and made anew, for people; empty where that is not offered
    WAY_OUT:       what to do where a field differs that never changes
    FOLLOWS:       kinds whose next version asks for an update of what refers to it; what refers to one that is made
                   anew is lost with it, and made anew too
    """

    NAME: str
    SECTION: str
    KEY: tuple[str, ...]
    DEFAULTS: Mapping[str, Any]
    SHAPE: Shape
    IMMUTABLE: tuple[str, ...]
    BATCH: int
    RECREATE: str
    WAY_OUT: str
    FOLLOWS: tuple[str, ...]

    def check(self, entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
        """Adds what the shape alone cannot see."""

    def references(self, entry: Entry) -> Iterable[Reference]:
        """What must be there before."""

    def find(self, client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
        """What the server has of these, by key."""

    def note(self, found: Found) -> str:
        """What an update does besides changing the fields, for people; empty where it does nothing else."""

    def same(self, field: str, wanted: Any, there: Any) -> bool:
        """Do the pack's and the server's value of a field mean the same?"""

    def create(self, client: OpenMeter, entries: Sequence[Entry]) -> None: ...

    def update(self, client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
        """Changes only what the entries mention; all else stays as the server has it."""

    def delete(self, client: OpenMeter, found: Found) -> None: ...
