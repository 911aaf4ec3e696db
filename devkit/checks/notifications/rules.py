"""Rules: create, read, replace, delete, list, test, and what is refused."""

from devkit.checks import expect
from devkit.checks.expect import ABSENT
from devkit.checks.notifications.bodies import NO_ID, make_channel, make_rule, refused_unknown, rule
from devkit.checks.registry import check
from devkit.checks.scene import Scene

_THRESHOLD = "entitlements.balance.threshold"


@check(
    "a rule reads back with its thresholds and the channels that are on",
    operations=("createNotificationRule", "getNotificationRule"),
)
def created_rule_reads_back(scene: Scene) -> None:
    on, off = make_channel(scene, "on"), make_channel(scene, "off", disabled=True)
    thresholds = [{"type": "usage_percentage", "value": 80}, {"type": "balance_value", "value": 0}]
    feature = {"key": scene.slug("tokens"), "name": "Tokens"}
    scene.setup("createFeature", body=feature, status=201)
    body = rule(scene, "rule", on, off, type=_THRESHOLD, thresholds=thresholds, features=[feature["key"]])
    made = scene.call("createNotificationRule", body=body, status=201).body
    told = {"thresholds": thresholds, "features": [{"id": feature["key"], "key": ""}], "disabled": False}
    expect.contains("the rule", made, {"name": body["name"], "type": _THRESHOLD, **told})
    expect.same_items("its channels", expect.fields("the rule", made["channels"], "id"), [on, off])
    read = scene.call("getNotificationRule", made["id"]).body
    expect.contains("the rule read again", read, {**told, "channels": [{"id": on, "type": "WEBHOOK"}]})

    nothing = [{"type": "usage_value", "value": 0}]
    senseless = "validation error: validation error: "
    senseless += "invalid threshold with type usage_value: value must be greater than 0: 0.00"
    bad = rule(scene, "odd", on, type=_THRESHOLD, thresholds=nothing)
    scene.refused("createNotificationRule", body=bad, status=400, detail=senseless)
    unknown = f"validation error: non-existing channels: [{NO_ID}]"
    scene.refused("createNotificationRule", body=rule(scene, "odd", NO_ID), status=400, detail=unknown)
    refused_unknown(scene, "getNotificationRule")


@check("an update replaces a rule, but not its type", operations=("updateNotificationRule",))
def update_replaces_a_rule(scene: Scene) -> None:
    one, other = make_channel(scene, "one"), make_channel(scene, "other")
    id_ = make_rule(scene, "rule", one, metadata={"team": "billing"})["id"]
    changed = rule(scene, "renamed", other, disabled=True)
    updated = scene.call("updateNotificationRule", id_, body=changed).body
    told = {"name": changed["name"], "disabled": True, "metadata": ABSENT}
    expect.contains("the rule", updated, {**told, "id": id_, "channels": [{"id": other, "type": "WEBHOOK"}]})
    expect.contains("the rule read again", scene.setup("getNotificationRule", id_), told)
    retyped = rule(scene, "rule", one, type="invoice.created")
    fixed = "validation error: cannot change rule type: entitlements.reset to invoice.created"
    scene.refused("updateNotificationRule", id_, body=retyped, status=400, detail=fixed)


@check(
    "a deleted rule can be read but neither changed nor tested",
    operations=("deleteNotificationRule", "updateNotificationRule", "testNotificationRule"),
)
def deleted_rule_can_be_read(scene: Scene) -> None:
    channel_id = make_channel(scene, "hook")
    id_ = make_rule(scene, "rule", channel_id)["id"]
    scene.call("deleteNotificationRule", id_, status=204)
    gone = scene.setup("getNotificationRule", id_)
    expect.true("the deleted rule has no deletedAt", gone.get("deletedAt"))
    late = "not allowed to update deleted rule"
    scene.refused("updateNotificationRule", id_, body=rule(scene, "rule", channel_id), status=409, detail=late)
    unknown = f"resource with id {id_} not found in default namespace"
    scene.refused("testNotificationRule", id_, status=404, detail=unknown)
    refused_unknown(scene, "deleteNotificationRule")


@check("rules are listed, disabled ones when asked for", operations=("listNotificationRules",))
def rules_are_listed(scene: Scene) -> None:
    hook = make_channel(scene, "hook")
    first, second = make_rule(scene, "first", hook)["id"], make_rule(scene, "second", hook, disabled=True)["id"]

    def ours(**query: str) -> list[str]:
        page = scene.call("listNotificationRules", query={"pageSize": 1000} | query).body
        ids = expect.fields("the rules", page["items"], "id")
        return [id_ for id_ in ids if id_ in (first, second)]

    expect.equal("ours", ours(), [first])
    expect.equal("ours with the disabled one", ours(includeDisabled="true"), [first, second])
    expect.equal("ours, newest first", ours(includeDisabled="true", order="DESC"), [second, first])
    odd = 'parameter "orderBy" in query has an error: value is not one of the allowed values '
    odd += '["id","type","createdAt","updatedAt"]'
    scene.refused("listNotificationRules", query={"orderBy": "name"}, status=400, detail=odd)
