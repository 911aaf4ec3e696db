"""Apps: what issues invoices and takes payments. A pack installs custom invoicing; all else is there already.

OpenMeter gives apps no key, so the key in the pack is kept in the app's metadata, and by that it is found again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.shapes import Fields, Flag, MapOf, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields, marks
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map

NAME = "app"
SECTION = "apps"
KEY: tuple[str, ...] = ("key",)
DEFAULTS: Mapping[str, Any] = {"type": "custom_invoicing"}
IMMUTABLE: tuple[str, ...] = ()
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = "give it another key in the pack"

FOUND = ("sandbox", "stripe")  # types of apps that no pack makes: their keys, too
_HOOKS = ("enableDraftSyncHook", "enableIssuingSyncHook")
_KEPT = ("name", "description", *_HOOKS)
_INSTALLED = "custom_invoicing, the only type that a pack installs"

SHAPE: Shape = Fields(
    about="An app is what issues invoices and takes payments; this one hands them to a system of your own.",
    required=("key", "name"),
    fields={
        "key": fields.key(f"Names the app in the pack; kept in its metadata as {marks.MARK}."),
        "type": Text("custom_invoicing.", pattern="custom_invoicing", pattern_says=_INSTALLED),
        "name": fields.name(),
        "description": fields.description(),
        "enableDraftSyncHook": Flag("Whether a draft waits until your system has synchronized it."),
        "enableIssuingSyncHook": Flag("Whether issuing waits until your system has synchronized it."),
        "metadata": MapOf(
            Text("Text."), "Anything else, as text by name.", key="(?s).+", key_says="a name: it is empty"
        ),
    },
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    marks.check_unmarked(NAME, entry, tree, path, problems)
    if (key := entry.get("key")) in FOUND:
        message = f"{key!r} is the {key} app that the server has"
        problems.add(tree.at("key").place, f"{path}.key", message, f"billing profiles name it as appKey: {key}")


def references(entry: Entry) -> Iterable[Reference]:  # noqa: ARG001 - it needs nothing
    return ()


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    wanted = {entry["key"] for entry in entries}
    return {key: found for key, found in listed(client).items() if key in wanted}


def listed(client: OpenMeter) -> Mapping[str, Found]:
    """The apps that packs can name, by key; where several have one, the oldest, as the list has no order."""
    found: dict[str, Found] = {}
    for app in sorted(client.everything("listApps"), key=lambda app: (app["createdAt"], app["id"])):
        key = app["type"] if app["type"] in FOUND else marks.key_of(app)
        if key is not None:
            found.setdefault(key, marks.unmarked(app))
    return found


def same(field: str, wanted: Any, there: Any) -> bool:
    if field in KEY:
        return True  # by this it was found
    return same_text_map(wanted, there) if field == "metadata" else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    """OpenMeter takes the rest only of an app that is installed. One that it then refuses does not stay behind."""
    for entry in entries:
        body = {"name": entry["name"], "createBillingProfile": False}
        app = client.call("marketplaceAppInstall", path={"type": entry["type"]}, body=body)["app"]
        try:
            update(client, [(entry, app)])
        except ApiError:
            delete(client, app)
            raise


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """PUT replaces the whole app, so what the pack does not mention is sent back as it was found."""
    for entry, found in changes:
        kept = {field: found[field] for field in _KEPT if found.get(field) is not None}
        said = {name: value for name, value in entry.items() if name not in KEY}
        metadata = marks.marked(entry["key"], entry.get("metadata", found.get("metadata")))
        client.call("updateApp", path={"id": str(found["id"])}, body={**kept, **said, "metadata": metadata})


def delete(client: OpenMeter, found: Found) -> None:
    client.call("uninstallApp", path={"id": str(found["id"])})
