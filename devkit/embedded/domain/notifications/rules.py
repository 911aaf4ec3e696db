"""The rules of rules: which events go to which channels.

A rule is a document with the members of the API's answers, but `channels` are ids, and `features` what the request
named.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.notifications import refusals
from devkit.embedded.domain.notifications.channels import Channel

Rule = dict[str, Any]

BALANCE_THRESHOLD = "entitlements.balance.threshold"
RESET = "entitlements.reset"
INVOICE_CREATED = "invoice.created"
INVOICE_UPDATED = "invoice.updated"
#: What a rule of each type is configured with.
_OPTIONS: dict[str, tuple[str, ...]] = {
    BALANCE_THRESHOLD: ("features", "thresholds"),
    RESET: ("features",),
    INVOICE_CREATED: (),
    INVOICE_UPDATED: (),
}
_MOST_CHANNELS = 5
_MOST_RULES_OF_A_CHANNEL = 10
_BALANCE_VALUE = "balance_value"


def check_body(body: Mapping[str, Any]) -> None:
    """What is checked before anything is looked up. Raises Invalid."""
    found = []
    if wrong := _configuration_problems(body):
        found.append("validation error: " + "\n".join(wrong))
    if len(body["channels"]) > _MOST_CHANNELS:
        found.append(f"too many channels: {len(body['channels'])} > {_MOST_CHANNELS}")
    if found:
        raise Invalid("\n".join(found))


def features_named(body: Mapping[str, Any]) -> list[str]:
    """The ids and keys of features that a rule with this body is about; none means all, or that it has no features."""
    return list(body.get("features") or ()) if "features" in _OPTIONS[body["type"]] else []


def check_features(missing: Sequence[str]) -> None:
    """missing: the ids and keys that no feature has. Raises Invalid where there are any."""
    if missing:
        raise Invalid(f"validation error: non-existing features: [{' '.join(missing)}]")


def check_live(rule: Rule) -> None:
    """Raises Plain where the rule is deleted."""
    if "deletedAt" in rule:
        raise refusals.deleted("rule")


def check_same_type(rule: Rule, body: Mapping[str, Any]) -> None:
    """Raises Invalid where the body would change the type."""
    if rule["type"] != body["type"]:
        raise Invalid(f"cannot change rule type: {rule['type']} to {body['type']}")


def check_channels(asked: Iterable[str], known: Mapping[str, Channel]) -> None:
    """known: the channels that are not deleted, by id. Raises Invalid where one that is asked for is not in it."""
    missing = [id_ for id_ in asked if id_ not in known]
    if missing:
        raise Invalid(f"non-existing channels: [{' '.join(missing)}]")


def check_room(channel: Channel, used_by: Iterable[Rule], rule_id: str) -> None:
    """used_by: the live rules of the channel. Raises Invalid where one more rule would be one too many."""
    if len({rule_id, *(rule["id"] for rule in used_by)}) > _MOST_RULES_OF_A_CHANNEL:
        place = f"[notification.channel.id={channel['id']} notification.channel.name={channel['name']}]"
        raise Invalid(f"maximum number ({_MOST_RULES_OF_A_CHANNEL}) of rules for webhook channels exceeded {place}")


def create(body: Mapping[str, Any], *, id_: str, now: str) -> Rule:
    """A new rule of a body that was checked."""
    return _filled({"id": id_, "createdAt": now}, body, now=now)


def replace(rule: Rule, body: Mapping[str, Any], *, now: str) -> Rule:
    """The rule as the (checked) body says it; what is left out is cleared."""
    return _filled({"id": rule["id"], "createdAt": rule["createdAt"]}, body, now=now)


def deleted(rule: Rule, *, now: str) -> Rule:
    return {**rule, "disabled": True, "deletedAt": now, "updatedAt": now}


def check_fires(rule: Rule, namespace: str) -> None:
    """Raises where the rule makes no events: Plain of a deleted one, Invalid of one that is disabled."""
    if "deletedAt" in rule:
        raise refusals.unknown(rule["id"], namespace)
    if rule["disabled"]:
        raise Invalid("failed to send event: rule is disabled")


def is_active(rule: Rule) -> bool:
    return "deletedAt" not in rule and not rule["disabled"]


def is_about(rule: Rule, feature_id: str, feature_key: str) -> bool:
    """Whether an entitlement to this feature is the rule's business."""
    features = rule.get("features")
    return not features or feature_id in features or feature_key in features


def shown(rule: Rule, channels: Iterable[Channel]) -> dict[str, Any]:
    """A NotificationRule. channels: those to show"""
    body = {**rule, "channels": [{"id": channel["id"], "type": channel["type"]} for channel in channels]}
    if "features" in rule:
        body["features"] = [{"id": feature, "key": ""} for feature in rule["features"]]
    return body


def _filled(rule: Rule, body: Mapping[str, Any], *, now: str) -> Rule:
    rule |= {
        "type": body["type"],
        "name": body["name"],
        "disabled": bool(body.get("disabled")),
        "channels": list(dict.fromkeys(body["channels"])),
        "updatedAt": now,
    }
    rule |= {name: body[name] for name in _OPTIONS[body["type"]] if body.get(name)}
    if body.get("metadata") is not None:
        rule["metadata"] = body["metadata"]
    return rule


def _configuration_problems(body: Mapping[str, Any]) -> list[str]:
    features = features_named(body)
    found = ["duplicated features"] if len(set(features)) < len(features) else []
    if body["type"] == BALANCE_THRESHOLD:
        found += [problem for threshold in body["thresholds"] for problem in _threshold_problems(threshold)]
    return found


def _threshold_problems(threshold: Mapping[str, Any]) -> list[str]:
    kind, value = threshold["type"], threshold["value"]
    if value > 0 or (value == 0 and kind == _BALANCE_VALUE):
        return []
    bound = "greater than or equal to 0" if kind == _BALANCE_VALUE else "greater than 0"
    return [f"invalid threshold with type {kind}: value must be {bound}: {value:.2f}"]
