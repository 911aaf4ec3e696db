"""What a resource kind is: a module that fits `Kind`. Adding one is a new module here and a line in KINDS."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Fields, Problems
from devkit.core.yaml_source import Tree

Entry = Mapping[str, Any]  # one resource as the pack says it, in OpenMeter's own field names
Found = Mapping[str, Any]  # one resource as the server answers it


class Kind(Protocol):
    """One kind of resource.

    NAME, SECTION: how messages and packs call it (`meter`, `meters`)
    KEY:           the field that names a resource
    SHAPE:         what an entry looks like; also the source of the JSON schema
    IMMUTABLE:     fields that the server never changes
    BATCH:         how many go into one write
    RECREATE:      what happens when one is deleted and made anew, for people; empty where that is not offered
    """

    NAME: str
    SECTION: str
    KEY: str
    SHAPE: Fields
    IMMUTABLE: tuple[str, ...]
    BATCH: int
    RECREATE: str

    def check(self, entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
        """Adds what the shape alone cannot see."""

    def references(self, entry: Entry) -> Iterable[tuple[str, str]]:
        """The (kind name, key) of what must be there before."""

    def find(self, client: OpenMeter, keys: Sequence[str]) -> Mapping[str, Found]:
        """What the server has of these, by key."""

    def same(self, field: str, wanted: Any, there: Any) -> bool:
        """Do the pack's and the server's value of a field mean the same?"""

    def create(self, client: OpenMeter, entries: Sequence[Entry]) -> None: ...

    def update(self, client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
        """Changes only what the entries mention; all else stays as the server has it."""

    def delete(self, client: OpenMeter, found: Found) -> None: ...
