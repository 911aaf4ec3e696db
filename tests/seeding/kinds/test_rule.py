"""Channels and rules of a pack, on a real server."""

from pathlib import Path
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError, InputError
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of, problems_of
from tests.seeding.test_plan import applied, client, mark

__all__ = ["client", "mark"]

SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"


def text(mark: str, rule: str = "", channel: str = "") -> str:
    return f"""
version: 1
rules:
- name: {mark}
  type: entitlements.balance.threshold
  channels: [{mark}, {mark}-silent]
  features: [{mark}]
  thresholds: [{{type: usage_percentage, value: 80}}, {{type: balance_value, value: 0}}]
  {rule}
channels:
- {{name: {mark}, url: "http://127.0.0.1:9/hook", {channel or "disabled: false"}}}
- {{name: {mark}-silent, url: "http://127.0.0.1:9/hook", disabled: true}}
features: [{{key: {mark}, name: Name, meterSlug: {mark}}}]
meters: [{{slug: {mark}, eventType: {mark}, aggregation: COUNT}}]
"""


def apply_text(client: OpenMeter, tmp_path: Path, source: str) -> set[str]:
    return set(applied(client, pack_of(tmp_path, source)))


def listed(client: OpenMeter, operation: str, name: str) -> list[dict[str, Any]]:
    items = client.call(operation, query={"includeDisabled": "true", "pageSize": 1000})["items"]
    return [item for item in items if item["name"] == name]


def test_a_rule_and_its_channels_are_made_once(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    assert apply_text(client, tmp_path, text(mark)) == {"create"}
    assert apply_text(client, tmp_path, text(mark)) == {"unchanged"}
    (rule,) = listed(client, "listNotificationRules", mark)
    (channel,) = listed(client, "listNotificationChannels", mark)
    assert rule["thresholds"] == [{"type": "usage_percentage", "value": 80}, {"type": "balance_value", "value": 0}]
    assert rule["channels"] == [{"id": channel["id"], "type": "WEBHOOK"}]
    assert channel["signingSecret"].startswith("whsec_")


def test_an_update_changes_what_the_pack_mentions_and_keeps_the_rest(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    apply_text(client, tmp_path, text(mark, "metadata: {a: b}", "customHeaders: {X-Team: a}, disabled: false"))
    before = listed(client, "listNotificationChannels", mark)[0]
    changed = text(mark, "disabled: true", f"disabled: true, signingSecret: {SECRET}")
    assert apply_text(client, tmp_path, changed) == {"update", "unchanged"}
    (channel,) = listed(client, "listNotificationChannels", mark)
    assert (channel["id"], channel["disabled"], channel["signingSecret"]) == (before["id"], True, SECRET)
    assert channel["customHeaders"] == {"X-Team": "a"}
    (rule,) = listed(client, "listNotificationRules", mark)
    assert (rule["disabled"], rule["metadata"]) == (True, {"a": "b"})
    assert apply_text(client, tmp_path, changed) == {"unchanged"}


def test_a_new_channel_sends_nothing_unless_it_is_said_so(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    silent = f'version: 1\nchannels: [{{name: {mark}, url: "http://127.0.0.1:9/hook"}}]'
    assert apply_text(client, tmp_path, silent) == {"create"}
    (channel,) = listed(client, "listNotificationChannels", mark)
    assert channel["disabled"] is True
    body = {name: channel[name] for name in ("type", "name", "url", "signingSecret")} | {"disabled": False}
    client.call("updateNotificationChannel", path={"channelId": channel["id"]}, body=body)
    assert apply_text(client, tmp_path, silent) == {"unchanged"}  # whoever turned it on meant it


def test_a_feature_by_its_id_is_the_same_feature(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    feature = client.call("getFeature", path={"featureId": mark})["id"]
    (rule,) = listed(client, "listNotificationRules", mark)
    body = {name: rule[name] for name in ("type", "name", "thresholds")} | {"features": [feature]}
    channels = [listed(client, "listNotificationChannels", name)[0]["id"] for name in (mark, f"{mark}-silent")]
    client.call("updateNotificationRule", path={"ruleId": rule["id"]}, body=body | {"channels": channels})
    assert apply_text(client, tmp_path, text(mark)) == {"unchanged"}


def test_the_type_of_a_rule_stays(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    pack = pack_of(tmp_path, f"version: 1\nrules: [{{name: {mark}, type: invoice.created, channels: [{mark}]}}]\n")
    (change,) = plan(client, pack)
    assert change.action == "blocked"


def test_what_is_nowhere_is_told(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    pack = pack_of(tmp_path, f"version: 1\nrules: [{{name: {mark}, type: invoice.created, channels: [{mark}]}}]\n")
    with pytest.raises(InputError, match=f"there is no channel '{mark}', neither in the pack nor on the server"):
        plan(client, pack)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("type: entitlements.balance.threshold, channels: [a]", "needs thresholds"),
        ("type: invoice.created, channels: [a], features: [b]", "has no features"),
        ("type: entitlements.reset, channels: [a], thresholds: [{type: NUMBER, value: 1}]", "has no thresholds"),
        ("type: invoice.deleted, channels: [a]", "invoice.deleted"),
        ("type: invoice.created, channels: []", "channels: needs at least 1 item"),
        ("type: invoice.created, channels: [a, b, c, d, e, f]", "channels: has at most 5 items"),
        ("channels: [a]", "type is missing"),
    ],
)
def test_a_rule_that_makes_no_sense(tmp_path: Path, rule: str, said: str) -> None:
    found = problems_of(tmp_path, f"version: 1\nrules:\n- {{name: a, {rule}}}\n")
    assert any(said in problem for problem in found)


def test_a_channel_needs_an_address(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, "version: 1\nchannels:\n- {name: a, url: localhost}\n")
    assert "an http or https address" in problem


def test_a_channel_has_room_for_ten_rules(tmp_path: Path) -> None:
    rules = "".join(f"- {{name: r{number}, type: invoice.created, channels: [a]}}\n" for number in range(11))
    (problem,) = problems_of(tmp_path, f"version: 1\nrules:\n{rules}")
    assert "rules[10].channels[0]: 'a' has 10 rules, and takes no more" in problem


def test_a_channel_that_the_webhook_service_does_not_take_is_told_with_its_place(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    headers = '{"Content-Type": text/plain}'
    source = f'version: 1\nchannels:\n- {{name: {mark}, url: "http://127.0.0.1:9/", customHeaders: {headers}}}\n'
    with pytest.raises(DevkitError, match=r"p\.yaml:3:3: channel .* answered 500: its webhook service, Svix, is not"):
        apply_text(client, tmp_path, source)
