"""Subjects: who uses. OpenMeter merges what an upsert mentions and leaves the rest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.adapters.openmeter import OpenMeter
from devkit.core.shapes import Anything, Fields, MapOf, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds.kind import Entry, Found, Reference

NAME = "subject"
SECTION = "subjects"
KEY: tuple[str, ...] = ("key",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ()
BATCH = 100
FOLLOWS: tuple[str, ...] = ()
WAY_OUT = "give it another key in the pack"
RECREATE = ""

_NOT_STORED = "OpenMeter accepts this and never stores it"

SHAPE: Shape = Fields(
    about="A subject is what events are counted for: a customer, a user, a workspace.",
    required=("key",),
    fields={
        "key": Text("Names the subject; events carry it as `subject`."),
        "displayName": Text("For people.", shortest=0),
        "metadata": MapOf(Anything(), "Anything else, by name."),
        "stripeCustomerId": Text("The customer in Stripe.", pattern=r"cus_.*", pattern_says="a Stripe id (cus_…)"),
    },
    elsewhere={
        "id": "a subject is named by its key",
        "name": "did you mean 'displayName'?",
        "currentPeriodStart": _NOT_STORED,
        "currentPeriodEnd": _NOT_STORED,
    },
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    for name, value in (entry.get("metadata") or {}).items():
        if value is None:
            problems.add(
                tree.at("metadata", name).place,
                f"{path}.metadata.{name}",
                "OpenMeter refuses null here",
                "leave it out",
            )


def references(entry: Entry) -> Iterable[Reference]:  # noqa: ARG001 - a subject stands on nothing
    return ()


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    wanted = {entry["key"] for entry in entries}
    return {subject["key"]: subject for subject in client.call("listSubjects") if subject["key"] in wanted}


def same(field: str, wanted: Any, there: Any) -> bool:
    if field == "metadata":
        return bool((wanted or {}) == (there or {}))
    return bool(wanted == there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    client.call("upsertSubject", body=[dict(entry) for entry in entries])


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    create(client, [entry for entry, _ in changes])


def delete(client: OpenMeter, found: Found) -> None:
    client.call("deleteSubject", path={"subjectIdOrKey": str(found["id"])})
