"""Channels and rules as requests, and how unknown ones are refused."""

from typing import Any

from devkit.checks.scene import Scene

NO_ID = "01G65Z755AFWAKHE12NY0CQ9FH"
UNKNOWN = f"resource with id {NO_ID} not found in default namespace"
SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"  # noqa: S105 - it protects nothing
#: Nobody listens there.
URL = "http://127.0.0.1:9/smoke"

Body = dict[str, Any]


def channel(scene: Scene, what: str, **changes: Any) -> Body:
    return {"type": "WEBHOOK", "name": scene.name(what), "url": URL, "signingSecret": SECRET, **changes}


def make_channel(scene: Scene, what: str, **changes: Any) -> str:
    """The id of a new channel. Ends the check where the server has no webhook service: it fails on every channel."""
    answer = scene.setup("createNotificationChannel", body=channel(scene, what, **changes), status=(201, 500))
    if "id" not in answer:
        scene.skip("notification channels need a webhook service (Svix), which this server has not")
    return str(answer["id"])


def rule(scene: Scene, what: str, *channels: str, **changes: Any) -> Body:
    return {"type": "entitlements.reset", "name": scene.name(what), "channels": list(channels), **changes}


def make_rule(scene: Scene, what: str, *channels: str, **changes: Any) -> Body:
    made: Body = scene.setup("createNotificationRule", body=rule(scene, what, *channels, **changes), status=201)
    return made


def refused_unknown(scene: Scene, *operations: str, **request: Any) -> None:
    """Calls operations on a thing that there is not."""
    for operation in operations:
        scene.refused(operation, NO_ID, status=404, detail=UNKNOWN, **request)
