"""Notification channels: webhooks that rules send to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.core.shapes import Fields, Flag, MapOf, Problems, Shape, Text
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields
from devkit.seeding.kinds.kind import Entry, Found, Reference
from devkit.seeding.kinds.likeness import covers, same_text_map
from devkit.seeding.kinds.lists import by_name

NAME = "channel"
SECTION = "channels"
KEY: tuple[str, ...] = ("name",)
DEFAULTS: Mapping[str, Any] = {}
IMMUTABLE: tuple[str, ...] = ()
BATCH = 1
FOLLOWS: tuple[str, ...] = ()
RECREATE = ""
WAY_OUT = "give it another name in the pack"

_TYPE = "WEBHOOK"
_CHANGEABLE = ("name", "url", "disabled", "customHeaders", "signingSecret", "metadata")

SHAPE: Shape = Fields(
    about="A channel is a webhook that notification rules send to.",
    required=("name", "url"),
    fields={
        "name": fields.name("Names the channel."),
        "url": Text("Where the webhooks go.", pattern=r"https?://\S+", pattern_says="an http or https address"),
        "disabled": Flag("Whether nothing is sent. Where it is missing, a new channel sends nothing."),
        "customHeaders": MapOf(Text("Text.", shortest=0), "Headers that every delivery has."),
        "signingSecret": Text(
            "Signs the deliveries; where it is missing, OpenMeter makes one.",
            pattern=r"whsec_[a-zA-Z0-9+/=]{32,100}",
            pattern_says="whsec_ and base64, 32 to 100 letters long",
        ),
        "metadata": fields.METADATA,
    },
    elsewhere={"type": "there are only webhooks: leave it out", "headers": "did you mean 'customHeaders'?"},
)


def check(entry: Entry, tree: Tree, path: str, problems: Problems) -> None:
    """The shape sees all that can be wrong."""


def references(entry: Entry) -> Iterable[Reference]:  # noqa: ARG001 - it needs nothing
    return ()


def note(found: Found) -> str:  # noqa: ARG001 - an update is all
    return ""


def find(client: OpenMeter, entries: Sequence[Entry]) -> Mapping[str, Found]:
    there = listed(client)
    return {entry["name"]: there[entry["name"]] for entry in entries if entry["name"] in there}


def listed(client: OpenMeter) -> Mapping[str, Found]:
    """All channels by name, disabled ones too."""
    return by_name(client, "listNotificationChannels", includeDisabled="true")


def same(field: str, wanted: Any, there: Any) -> bool:
    if field == "disabled":
        return bool(wanted) == bool(there)
    return same_text_map(wanted, there) if field in ("metadata", "customHeaders") else covers(wanted, there)


def create(client: OpenMeter, entries: Sequence[Entry]) -> None:
    for entry in entries:
        with _told():
            client.call("createNotificationChannel", body={"type": _TYPE, "disabled": True, **entry})


def update(client: OpenMeter, changes: Sequence[tuple[Entry, Found]]) -> None:
    """PUT replaces the whole channel and wants its secret, so what the pack does not mention is sent back."""
    for entry, found in changes:
        kept = {field: found[field] for field in _CHANGEABLE if found.get(field) is not None}
        body = {"type": _TYPE, **kept, **entry}
        with _told():
            client.call("updateNotificationChannel", path={"channelId": str(found["id"])}, body=body)


@contextmanager
def _told() -> Iterator[None]:
    """OpenMeter says nothing but 500 where its webhook service is missing, or does not like the channel."""
    try:
        yield
    except ApiError as error:
        if error.status != 500:
            raise
        problem = {"detail": "its webhook service, Svix, is not there or does not take this channel"}
        raise ApiError(error.operation, error.status, problem) from error


def delete(client: OpenMeter, found: Found) -> None:
    client.call("deleteNotificationChannel", path={"channelId": str(found["id"])})
