"""What one resource of a pack needs on a server, and in which fields the two differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from devkit.seeding.kinds.kind import Found, Kind
from devkit.seeding.resource import Resource

_SECRETS = frozenset({"signingSecret", "customHeaders"})  # fields of channels; credentials are in such headers

Action = Literal["create", "update", "unchanged", "recreate", "blocked"]


@dataclass(frozen=True)
class Difference:
    """A field of which pack and server say something different."""

    field: str
    server: Any
    pack: Any
    within: str = ""  # the way from the field to what differs in it

    def __str__(self) -> str:
        server, pack = map(_shown, self.values())
        return f"{self.field}{self.within}: {server} → {pack}"

    def values(self) -> tuple[Any, Any]:
        """What server and pack say, as people and reports may see it."""
        if self.field not in _SECRETS:
            return self.server, self.pack
        server, pack = (None if value is None else "(secret)" for value in (self.server, self.pack))
        return server, pack

    def as_data(self) -> dict[str, Any]:
        server, pack = self.values()
        return {"field": f"{self.field}{self.within}", "server": server, "pack": pack}


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
        differences = [each.as_data() for each in self.differences]
        return {"kind": self.kind.NAME, "key": self.key, "action": self.action, "note": self.note} | {
            "differences": differences
        }


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
