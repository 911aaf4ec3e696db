"""Channels: create, read, replace, delete, list, and what is refused."""

from devkit.checks import expect
from devkit.checks.expect import ABSENT
from devkit.checks.notifications.bodies import SECRET, URL, channel, make_channel, make_rule, refused_unknown
from devkit.checks.registry import check
from devkit.checks.scene import Scene


@check(
    "a channel reads back as it was created, its secret in clear",
    operations=("createNotificationChannel", "getNotificationChannel"),
)
def created_channel_reads_back(scene: Scene) -> None:
    make_channel(scene, "first")
    body = channel(scene, "full", customHeaders={"X-Team": "billing"}, metadata={"team": "billing"})
    made = scene.call("createNotificationChannel", body=body, status=201).body
    expect.contains("the channel", made, {**body, "disabled": False, "deletedAt": ABSENT})
    read = scene.call("getNotificationChannel", made["id"]).body
    expect.contains("the channel read again", read, {**body, "id": made["id"], "disabled": False})

    keyless = channel(scene, "keyless")
    del keyless["signingSecret"]
    secret = scene.call("createNotificationChannel", body=keyless, status=201).body.get("signingSecret")
    expect.true(f"no secret was made: {secret}", isinstance(secret, str) and secret.startswith("whsec_"))
    nowhere = "validation error: validation error: missing URL"
    scene.refused("createNotificationChannel", body=channel(scene, "odd", url=""), status=400, detail=nowhere)
    refused_unknown(scene, "getNotificationChannel")


@check("an update replaces a channel and wants its secret", operations=("updateNotificationChannel",))
def update_replaces_a_channel(scene: Scene) -> None:
    headers = {"X-Team": "billing"}
    id_ = make_channel(scene, "hook", customHeaders=headers, metadata={"team": "billing"})
    moved = channel(scene, "hook", url=f"{URL}/moved", disabled=True)
    updated = scene.call("updateNotificationChannel", id_, body=moved).body
    expect.contains("the channel", updated, {**moved, "id": id_, "customHeaders": ABSENT, "metadata": ABSENT})
    expect.equal("the channel read again", scene.setup("getNotificationChannel", id_)["url"], f"{URL}/moved")
    del moved["signingSecret"]
    keyless = "validation error: secret length must be between 32 to 100 chars without the optional prefix"
    scene.refused("updateNotificationChannel", id_, body=moved, status=400, detail=keyless)
    refused_unknown(scene, "updateNotificationChannel", body=channel(scene, "hook"))


@check(
    "a deleted channel can still be read; one in use stays",
    operations=("deleteNotificationChannel", "updateNotificationChannel"),
)
def deleted_channel_can_be_read(scene: Scene) -> None:
    id_ = make_channel(scene, "hook")
    rule_id = make_rule(scene, "rule", id_)["id"]
    used = "validation error: failed to delete channel as it is assigned to one or more rules "
    used += f"[namespace=default channel.id={id_}]: [{rule_id}]"
    scene.refused("deleteNotificationChannel", id_, status=400, detail=used)
    scene.setup("deleteNotificationRule", rule_id, status=204)
    scene.call("deleteNotificationChannel", id_, status=204)
    gone = scene.setup("getNotificationChannel", id_)
    expect.contains("the deleted channel", gone, {"disabled": True, "signingSecret": SECRET})
    expect.true("the deleted channel has no deletedAt", gone.get("deletedAt"))
    late = "not allowed to update deleted channel"
    scene.refused("updateNotificationChannel", id_, body=channel(scene, "hook"), status=409, detail=late)
    refused_unknown(scene, "deleteNotificationChannel")


@check("channels are listed, disabled ones when asked for", operations=("listNotificationChannels",))
def channels_are_listed(scene: Scene) -> None:
    first, second = make_channel(scene, "first"), make_channel(scene, "second", disabled=True)

    def ours(**query: str) -> list[str]:
        page = scene.call("listNotificationChannels", query={"pageSize": 1000} | query).body
        ids = expect.fields("the channels", page["items"], "id")
        return [id_ for id_ in ids if id_ in (first, second)]

    expect.equal("ours", ours(), [first])
    expect.equal("ours with the disabled one", ours(includeDisabled="true", order="DESC"), [second, first])
    expect.equal("ours, oldest first", ours(includeDisabled="true", order="ASC"), [first, second])
    none = 'parameter "page" in query has an error: number must be at least 1'
    scene.refused("listNotificationChannels", query={"page": 0}, status=400, detail=none)
