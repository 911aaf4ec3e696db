"""Keys for what OpenMeter gives none: kept in the metadata, and by that found again."""

from collections.abc import Mapping
from typing import Any

from devkit.core.shapes import Problems
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds.kind import Entry, Found

MARK = "devkit_key"  # in the metadata


def check_unmarked(name: str, entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    """name: of the kind, for people"""
    if MARK in (entry.get("metadata") or {}):
        place = tree.at("metadata", MARK).place
        problems.add(place, f"{path}.metadata.{MARK}", f"devkit keeps the {name}'s key there", "remove it")


def marked(key: str, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """The metadata that carries a key besides."""
    return {**(metadata or {}), MARK: key}


def key_of(found: Found) -> str | None:
    """None where devkit did not make it."""
    return (found.get("metadata") or {}).get(MARK)


def unmarked(found: Found) -> dict[str, Any]:
    """What the server has, its metadata as packs say it."""
    return {**found, "metadata": {name: value for name, value in (found.get("metadata") or {}).items() if name != MARK}}
