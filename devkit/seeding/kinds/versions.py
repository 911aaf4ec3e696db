"""Plans and add-ons have versions: one is active, and one may be a draft that becomes the next."""

from collections.abc import Iterable, Mapping
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.seeding.kinds.kind import Entry, Found

_KEYS_AT_ONCE = 50  # keeps the address short


def current(client: OpenMeter, operation: str, keys: Iterable[str]) -> dict[str, Found]:
    """The active version of each key, else its draft; `draft` in it holds the draft, where there is one.

    operation: listPlans or listAddons
    """
    wanted = list(dict.fromkeys(keys))
    versions: dict[str, dict[str, Found]] = {}
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        query = {"key": wanted[start : start + _KEYS_AT_ONCE], "status": ["draft", "active"], "pageSize": 1000}
        for version in client.call(operation, query=query)["items"]:
            versions.setdefault(str(version["key"]), {})[str(version["status"])] = version
    return {
        key: {**(of.get("active") or of["draft"]), "draft": of.get("draft")}
        for key, of in versions.items()
        if key in wanted
    }


def note(found: Found) -> str:
    """What becomes of a changed one: a published version never changes."""
    return f"becomes a new version after version {found['version']}" if found["status"] == "active" else ""


def written(entry: Entry, found: Found, kept: Iterable[str]) -> dict[str, Any]:
    """A body with what the pack says, and else what the server has. `status` is no field of bodies."""
    body: Mapping[str, Any] = {field: found[field] for field in kept if found.get(field) is not None} | dict(entry)
    return {name: value for name, value in body.items() if name != "status"}
