"""One entry of a seed pack and where it stands."""

from dataclasses import dataclass

from devkit.core.yaml_source import Tree
from devkit.seeding.kinds.kind import Entry, Kind


@dataclass(frozen=True)
class Resource:
    """One entry of a pack. path: how messages call its place in the file, such as `plans[0]`."""

    kind: Kind
    key: str
    entry: Entry
    tree: Tree
    path: str

    @property
    def name(self) -> tuple[str, str]:
        return self.kind.NAME, self.key
