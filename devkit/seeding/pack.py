"""Seed packs: YAML files that say what an OpenMeter should hold. Read offline, all problems at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.core.data import data_path
from devkit.core.errors import InputError, UsageError
from devkit.core.shapes import Fields, ListOf, Number, Problems, Shape, Text, nearest
from devkit.core.yaml_source import Tree, load
from devkit.seeding.consistency import check_together
from devkit.seeding.kinds import KINDS
from devkit.seeding.kinds.kind import Entry, Kind
from devkit.seeding.resource import Resource

VERSION = 1


@dataclass(frozen=True)
class Pack:
    """A seed pack that was found to be right. `file` is how messages call it."""

    name: str
    file: str
    about: str
    resources: tuple[Resource, ...]
    streams: tuple[Mapping[str, Any], ...]

    def entries(self, kind: str) -> list[Entry]:
        return [resource.entry for resource in self.resources if kind == resource.kind.NAME]


def shipped_packs() -> dict[str, Path]:
    """The packs that devkit brings, by name."""
    return {path.stem: path for path in sorted(data_path("seeds").glob("*.yaml"))}


def find_pack(name: str) -> tuple[Path, str]:
    """The file of a pack given by name or path, and how messages call it. Raises UsageError where there is none."""
    looks_like_path = name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name
    if looks_like_path:
        path = Path(name).expanduser()
        if not path.exists():
            raise UsageError(f"there is no file {name}", hint="devkit seed packs lists the packs that devkit brings")
        return path, name
    packs = shipped_packs()
    if name not in packs:
        known = f"devkit brings {', '.join(packs)}; a file of your own is given as a path, such as ./{name}.yaml"
        raise UsageError(f"there is no seed pack {name!r}", hint=nearest(name, tuple(packs)) or known)
    return packs[name], f"seeds/{name}.yaml"


def pack_shape(streams: Shape) -> Fields:
    """What a pack looks like. The shape of its streams comes from devkit.streams."""
    sections: dict[str, Shape] = {kind.SECTION: ListOf(kind.SHAPE, f"The {kind.SECTION}.") for kind in KINDS}
    return Fields(
        about="A seed pack of devkit.",
        required=("version",),
        fields={
            "version": Number("The version of this format.", whole=True, least=1, most=VERSION),
            "name": Text("How devkit calls the pack; the name of the file where it is missing."),
            "about": Text("What the pack is for."),
            **sections,
            "streams": ListOf(streams, "Synthetic event streams."),
        },
        elsewhere={kind.NAME: f"did you mean {kind.SECTION!r}?" for kind in KINDS},
    )


def read_pack(name: str, streams: Shape) -> tuple[Pack, Tree, Problems]:
    """Reads a pack, given by name or path.

    The problems that were found come back, not raised, so that the caller can add what concerns the streams.
    Raises UsageError where there is no such pack, InputError where the file is no YAML or no pack at all.
    """
    path, shown = find_pack(name)
    tree = load(path, name=shown)
    if not isinstance(tree.value, Mapping):
        raise InputError("a seed pack is a mapping that begins with `version: 1`", place=tree.place)
    problems = Problems()
    raw = pack_shape(streams).read(tree, "", problems)
    resources = _resources(raw, tree, problems)
    if not problems.found:
        check_together(resources, problems)
    pack = Pack(
        name=raw.get("name") or path.stem,
        file=shown,
        about=raw.get("about") or "",
        resources=resources,
        streams=tuple(stream for stream in raw.get("streams", ()) if stream),
    )
    return pack, tree, problems


def _resources(raw: Mapping[str, Any], tree: Tree, problems: Problems) -> tuple[Resource, ...]:
    found: list[Resource] = []
    for kind in KINDS:
        lines: dict[str, int] = {}
        for index, entry in enumerate(raw.get(kind.SECTION) or ()):
            path = f"{kind.SECTION}[{index}]"
            where = tree.at(kind.SECTION, index)
            kind.check(entry, where, path, problems)
            key = key_of(kind, entry)
            place = where.at(*kind.KEY[0].split(".")).place
            if key in lines:
                message = f"a second {kind.NAME} {key!r}; the first is in line {lines[key]}"
                problems.add(place, f"{path}.{kind.KEY[0]}", message)
            elif key is not None:
                lines[key] = place.line
                found.append(Resource(kind, key, {**kind.DEFAULTS, **entry}, where, path))
    return tuple(found)


def key_of(kind: Kind, entry: Entry) -> str | None:
    """What an entry is called; None where a part of its name is missing."""
    parts: list[str] = []
    for field in kind.KEY:
        value: Any = entry
        for step in field.split("."):
            value = (value or {}).get(step)
        if not value:
            return None
        parts.append(str(value))
    return "/".join(parts)
