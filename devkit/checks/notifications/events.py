"""Events: the test of a rule, what is sent and sent once more, lists, and thresholds that usage crosses."""

from collections.abc import Mapping
from typing import Any

from devkit.checks import expect
from devkit.checks.notifications.bodies import NO_ID, make_channel, make_rule, refused_unknown
from devkit.checks.registry import check
from devkit.checks.scene import Scene


def _test(scene: Scene, rule_id: str) -> str:
    return str(scene.setup("testNotificationRule", rule_id)["id"])


@check(
    "the test of a rule makes an event that is sent to its channel",
    operations=("testNotificationRule", "getNotificationEvent"),
)
def test_of_a_rule_makes_an_event(scene: Scene) -> None:
    hook = make_channel(scene, "hook")
    rule_id = make_rule(scene, "rule", hook)["id"]
    event = scene.call("testNotificationRule", rule_id).body
    expect.contains("the event", event, {"type": "entitlements.reset", "annotations": {"notification.rule.test": True}})
    expect.contains("its payload", event["payload"], {"id": event["id"], "type": "entitlements.reset"})
    value = {"balance": 10000, "hasAccess": True, "overage": 99, "usage": 5001}
    expect.contains("the value that it tells", event["payload"]["data"]["value"], value)
    (delivery,) = expect.array("its deliveries", event["deliveryStatus"])
    expect.contains("its delivery", delivery, {"channel": {"id": hook}, "state": "PENDING", "attempts": []})

    def look() -> Any:
        return scene.call("getNotificationEvent", event["id"]).body["deliveryStatus"][0]

    scene.until("the event to be sent", look, lambda seen: seen["state"] != "PENDING", tell=lambda seen: seen["state"])
    silent = make_rule(scene, "silent", hook, disabled=True)["id"]
    disabled = "validation error: failed to send event: rule is disabled"
    scene.refused("testNotificationRule", silent, status=400, detail=disabled)
    refused_unknown(scene, "testNotificationRule", "getNotificationEvent")


@check("an event is sent once more, to channels of its rule", operations=("resendNotificationEvent",))
def event_is_sent_once_more(scene: Scene) -> None:
    hook, other = make_channel(scene, "hook"), make_channel(scene, "other")
    event = _test(scene, make_rule(scene, "rule", hook)["id"])

    def delivery() -> Any:
        return scene.setup("getNotificationEvent", event)["deliveryStatus"][0]

    scene.until("the event to be sent", delivery, lambda seen: seen["state"] != "PENDING")
    scene.call("resendNotificationEvent", event, body={"channels": [hook]}, status=202)
    again = delivery().get("annotations", {})
    expect.true(f"nothing says that the event is sent once more: {again}", again.get("event.resend.timestamp"))
    elsewhere = f"validation error: channel {other} not found"
    scene.refused("resendNotificationEvent", event, body={"channels": [other]}, status=400, detail=elsewhere)
    refused_unknown(scene, "resendNotificationEvent", body={})


@check("events are listed newest first, and every filter narrows", operations=("listNotificationEvents",))
def events_are_listed(scene: Scene) -> None:
    one, other = make_channel(scene, "one"), make_channel(scene, "other")
    resets, both = make_rule(scene, "resets", one)["id"], make_rule(scene, "both", one, other)["id"]
    first, second = _test(scene, resets), _test(scene, both)

    def listed(**query: Any) -> list[str]:
        page = scene.call("listNotificationEvents", query={"rule": [resets, both]} | query).body
        return expect.fields("the events", page["items"], "id")

    expect.equal("ours", listed(), [second, first])
    expect.equal("ours, oldest first", listed(order="ASC"), [first, second])
    expect.equal("those of a rule", listed(rule=resets), [first])
    expect.equal("those of a channel", listed(channel=other), [second])
    expect.equal("those of a subject", listed(subject=scene.name("nobody")), [])
    expect.equal("those of a feature", listed(feature=scene.slug("nothing")), [])
    expect.equal("those of long ago", listed(to="2020-01-01T00:00:00Z"), [])
    endless = "validation error: invalid time period: period start (2020-01-01 00:00:00 +0000 UTC)"
    endless += " is after the period end (0001-01-01 00:00:00 +0000 UTC)"
    start = {"from": "2020-01-01T00:00:00Z"}
    scene.refused("listNotificationEvents", query=start, status=400, detail=endless)


@check("usage beyond a threshold makes an event", operations=("listNotificationEvents",))
def usage_crosses_a_threshold(scene: Scene) -> None:
    kind, subject, feature = scene.name("calls"), scene.name("alice"), scene.slug("calls")
    acme = scene.slug("acme")
    owner = {"key": acme, "name": "Acme", "usageAttribution": {"subjectKeys": [subject]}}
    scene.setup("createCustomer", body=owner, status=201)
    meter = scene.meter("calls", "COUNT", event_type=kind)
    scene.setup("createFeature", body={"key": feature, "name": "Calls", "meterSlug": meter}, status=201)
    threshold = {"type": "usage_value", "value": 2}
    about = {"thresholds": [threshold], "features": [feature]}
    hook = make_channel(scene, "silent", disabled=True)
    rule_id = make_rule(scene, "rule", hook, type="entitlements.balance.threshold", **about)["id"]
    scene.remove_later("deleteCustomerEntitlementV2", acme, feature)
    period = {"interval": "P100Y", "anchor": scene.ago(days=1)}
    metered = {"type": "metered", "featureKey": feature, "usagePeriod": period, "issue": {"amount": 1000}}
    scene.setup("createCustomerEntitlementV2", acme, body=metered, status=201)

    def look() -> list[Mapping[str, Any]]:
        # One event more each time: what comes before the server knows the rule is told with what follows.
        scene.setup("ingestEvents", body=scene.event(kind, subject), status=204)
        page = scene.call("listNotificationEvents", query={"rule": rule_id}).body
        return expect.array("the events", page["items"])

    (event,) = scene.until("the event of the threshold", look, bool, tell=len)
    data = event["payload"]["data"]
    expect.contains("the threshold that it tells", data["threshold"], threshold)
    expect.true(f"it tells of no usage beyond it: {data['value']}", data["value"]["usage"] > 2)
    expect.equal("whose it is", data["customer"]["key"], acme)
    expect.contains(
        "its annotations", event["annotations"], {"event.feature.key": feature, "event.subject.key": subject}
    )
    filters = {"feature": feature, "subject": subject}
    found = scene.call("listNotificationEvents", query=filters).body["items"]
    expect.equal("what its feature and subject find", expect.fields("the events", found, "id"), [event["id"]])
    expect.equal("what another subject finds", _found(scene, filters | {"subject": NO_ID}), [])


def _found(scene: Scene, filters: Mapping[str, str]) -> list[Any]:
    return expect.array("the events", scene.call("listNotificationEvents", query=filters).body["items"])
