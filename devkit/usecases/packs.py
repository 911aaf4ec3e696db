"""A pack with its streams: seeding and streams know nothing of each other, so they meet here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devkit.core.shapes import Problems
from devkit.core.yaml_source import Tree
from devkit.seeding.pack import Pack, pack_shape, read_pack, shipped_packs
from devkit.streams.definition import STREAM, Stream, check_streams, read_stream
from devkit.streams.property_shape import columns_of


@dataclass(frozen=True)
class LoadedPack:
    """A pack in which no problem was found. given: the name or path by which it was asked for."""

    given: str
    pack: Pack
    streams: tuple[Stream, ...]


def load_pack(name: str) -> LoadedPack:
    """Reads a pack, given by name or path. Raises UsageError where there is none, InputError with all its problems."""
    pack, tree, problems = read_pack(name, STREAM)
    subjects = [str(entry["key"]) for entry in pack.entries("subject")]
    check_streams(tree, subjects, problems)
    problems.check()
    streams = tuple(read_stream(raw, subjects) for raw in pack.streams)
    for index, stream in enumerate(streams):
        _check_columns(stream, tree, index, problems)
    problems.check()
    return LoadedPack(name, pack, streams)


def _check_columns(stream: Stream, tree: Tree, index: int, problems: Problems) -> None:
    try:
        columns_of(stream.data, len(stream.subjects))
    except ValueError as error:
        name, _, message = str(error).partition(": ")
        problems.add(tree.at("streams", index, "data", name).place, f"streams[{index}].data.{name}", message)


def pack_summaries() -> list[dict[str, Any]]:
    """The packs that devkit brings: name, what for, how many of what."""
    loaded = {name: load_pack(name) for name in shipped_packs()}
    return [
        {
            "name": name,
            "about": each.pack.about,
            "file": each.pack.file,
            "resources": _counts(each.pack),
            "streams": {stream.name: stream.events for stream in each.streams},
        }
        for name, each in loaded.items()
    ]


def _counts(pack: Pack) -> Mapping[str, int]:
    sections = [resource.kind.SECTION for resource in pack.resources]
    return {section: sections.count(section) for section in dict.fromkeys(sections)}


def pack_schema() -> dict[str, Any]:
    """The JSON schema of seed packs, for editors (assets/seed.schema.json)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "devkit seed pack",
        **pack_shape(STREAM).schema(),
    }
