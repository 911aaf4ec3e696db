"""Rules."""

from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import ask
from tests.embedded.tags.notifications.bodies import (
    CHANNELS,
    EVENTS,
    NOBODY,
    RULES,
    channel,
    detail,
    make_channel,
    make_rule,
    rule,
    threshold_rule,
)


def test_reads_show_only_channels_that_get_events(app: Application) -> None:
    one, other = make_channel(app), make_channel(app, disabled=True)
    made = ask(app, "POST", RULES, rule(one, other, one)).json
    assert [shown["id"] for shown in made["channels"]] == [one, other]
    read = ask(app, "GET", f"{RULES}/{made['id']}").json
    assert read["channels"] == [{"id": one, "type": "WEBHOOK"}]
    assert ask(app, "GET", RULES).json["items"] == [read]


def test_features_and_thresholds_are_shown_as_they_were_given(app: Application) -> None:
    feature = ask(app, "POST", "/api/v1/features", {"key": "tokens", "name": "Tokens"}).json["id"]
    thresholds = [{"type": "balance_value", "value": 0}, {"type": "PERCENT", "value": 12.5}]
    body = threshold_rule(make_channel(app), features=["tokens", feature], thresholds=thresholds, metadata={"a": "b"})
    made = ask(app, "POST", RULES, body).json
    assert made["features"] == [{"id": "tokens", "key": ""}, {"id": feature, "key": ""}]
    assert (made["thresholds"], made["metadata"], made["disabled"]) == (thresholds, {"a": "b"}, False)
    changed = ask(app, "PUT", f"{RULES}/{made['id']}", threshold_rule(body["channels"][0])).json
    assert "features" not in changed
    assert "metadata" not in changed


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        (
            {"thresholds": [{"type": "usage_value", "value": 0}, {"type": "balance_value", "value": -1}]},
            (
                "validation error: invalid threshold with type usage_value: value must be greater than 0: 0.00\n"
                "invalid threshold with type balance_value: value must be greater than or equal to 0: -1.00"
            ),
        ),
        ({"features": ["none", "none"]}, "validation error: duplicated features"),
        ({"features": ["none", NOBODY]}, f"validation error: non-existing features: [none {NOBODY}]"),
        ({"channels": [NOBODY] * 6}, "too many channels: 6 > 5"),
        ({"channels": [NOBODY]}, f"non-existing channels: [{NOBODY}]"),
    ],
)
def test_a_refused_rule(app: Application, members: dict[str, Any], refused: str) -> None:
    body = threshold_rule(make_channel(app), **members)
    assert detail(ask(app, "POST", RULES, body)) == (400, f"validation error: {refused}")
    assert ask(app, "GET", f"{RULES}?includeDisabled=true").json["totalCount"] == 0


def test_a_deleted_channel_cannot_be_assigned(app: Application) -> None:
    id_ = make_channel(app)
    ask(app, "DELETE", f"{CHANNELS}/{id_}")
    assert detail(ask(app, "POST", RULES, rule(id_)))[1] == f"validation error: non-existing channels: [{id_}]"


def test_a_channel_has_ten_rules_at_most(app: Application) -> None:
    full, free = make_channel(app, name="Full"), make_channel(app)
    ids = [make_rule(app, full) for _ in range(10)]
    place = f"[notification.channel.id={full} notification.channel.name=Full]"
    refused = f"validation error: maximum number (10) of rules for webhook channels exceeded {place}"
    assert detail(ask(app, "POST", RULES, rule(full))) == (400, refused)
    other = make_rule(app, free, type="invoice.created")
    assert detail(ask(app, "PUT", f"{RULES}/{other}", rule(free, full))) == (400, refused)
    ask(app, "DELETE", f"{RULES}/{ids[0]}")
    assert ask(app, "PUT", f"{RULES}/{other}", rule(free, full)).status == 200
    assert ask(app, "PUT", f"{RULES}/{other}", rule(full)).status == 200


def test_the_type_stays(app: Application) -> None:
    id_ = make_channel(app)
    rule_id = make_rule(app, id_)
    refused = "validation error: cannot change rule type: entitlements.reset to invoice.created"
    assert detail(ask(app, "PUT", f"{RULES}/{rule_id}", rule(id_))) == (400, refused)


def test_a_deleted_rule_can_be_read_and_deleted_but_neither_changed_nor_tested(app: Application) -> None:
    id_ = make_channel(app)
    rule_id = make_rule(app, id_)
    assert [ask(app, "DELETE", f"{RULES}/{rule_id}").status for _ in range(2)] == [204, 204]
    gone = ask(app, "GET", f"{RULES}/{rule_id}").json
    assert (gone["disabled"], gone["channels"]) == (True, [{"id": id_, "type": "WEBHOOK"}])
    body = rule(id_, type="entitlements.reset")
    assert detail(ask(app, "PUT", f"{RULES}/{rule_id}", body)) == (409, "not allowed to update deleted rule")
    unknown = f"resource with id {rule_id} not found in default namespace"
    assert detail(ask(app, "POST", f"{RULES}/{rule_id}/test")) == (404, unknown)


@pytest.mark.parametrize("target", ["", "/test"])
def test_an_unknown_rule(app: Application, target: str) -> None:
    answer = ask(app, "POST" if target else "GET", f"{RULES}/{NOBODY}{target}")
    assert detail(answer) == (404, f"resource with id {NOBODY} not found in default namespace")


def test_the_test_of_a_rule_makes_an_event_for_every_active_channel(app: Application) -> None:
    one, other = make_channel(app), make_channel(app, disabled=True)
    made = ask(app, "POST", RULES, threshold_rule(one, other)).json
    event = ask(app, "POST", f"{RULES}/{made['id']}/test").json
    assert event["type"] == event["payload"]["type"] == "entitlements.balance.threshold"
    assert event["payload"]["id"] == event["id"]
    assert event["annotations"] == {"notification.rule.test": True}
    assert event["payload"]["data"]["threshold"] == {"type": "PERCENT", "value": 50}
    assert event["payload"]["data"]["value"] == {"balance": 10000, "hasAccess": True, "overage": 99, "usage": 5001}
    assert [(d["channel"]["id"], d["state"], d["attempts"]) for d in event["deliveryStatus"]] == [(one, "PENDING", [])]
    assert ask(app, "GET", f"{EVENTS}/{event['id']}").json == event


@pytest.mark.parametrize("type_", ["invoice.created", "invoice.updated"])
def test_the_test_of_a_rule_about_invoices_tells_of_a_made_up_one(app: Application, type_: str) -> None:
    rule_id = make_rule(app, make_channel(app), type=type_)
    payload = ask(app, "POST", f"{RULES}/{rule_id}/test").json["payload"]
    invoice = payload["data"]
    assert (payload["type"], invoice["number"], invoice["totals"]["total"]) == (type_, "TEST-INV-1", "1000")
    assert invoice["statusDetails"]["extendedStatus"] == "draft.created"
    (line,) = invoice["lines"]
    assert [child["totals"]["total"] for child in line["children"]] == ["1000"]
    assert ask(app, "GET", "/api/v1/billing/invoices").json["totalCount"] == 0


def test_a_disabled_rule_is_not_tested(app: Application) -> None:
    rule_id = make_rule(app, make_channel(app), disabled=True)
    refused = "validation error: failed to send event: rule is disabled"
    assert detail(ask(app, "POST", f"{RULES}/{rule_id}/test")) == (400, refused)


def test_a_list_shows_the_oldest_first_and_ignores_its_filters(app: Application) -> None:
    id_ = make_channel(app)
    first, second, third = make_rule(app, id_), make_rule(app, id_, disabled=True), make_rule(app, id_)

    def ids(query: str) -> list[str]:
        return [item["id"] for item in ask(app, "GET", f"{RULES}{query}").json["items"]]

    assert ids("") == [first, third]
    assert ids("?includeDisabled=true&order=DESC") == [third, second, first]
    assert ids("?feature=none&channel=none&includeDeleted=true") == [first, third]


def test_a_disabled_channel_can_come_back(app: Application) -> None:
    id_ = make_channel(app, disabled=True)
    rule_id = make_rule(app, id_)
    assert ask(app, "GET", f"{RULES}/{rule_id}").json["channels"] == []
    ask(app, "PUT", f"{CHANNELS}/{id_}", channel())
    assert ask(app, "GET", f"{RULES}/{rule_id}").json["channels"] == [{"id": id_, "type": "WEBHOOK"}]
