"""The balance worker: what it looks at, and what it tells."""

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.notifications.balance_worker import watch_balances
from tests.embedded.asgi import ask
from tests.embedded.tags.notifications.bodies import EVENTS, RULES, make_channel, make_rule
from tests.embedded.workflows.notifications.scene import ENTITLEMENTS, Scene


@pytest.fixture
def scene(app: Application) -> Scene:
    return Scene.of(app)


def test_a_threshold_is_told_once_and_another_one_again(scene: Scene) -> None:
    told = scene.rule(("usage_percentage", 50), ("usage_percentage", 90))
    scene.entitle()
    for amount, thresholds in ((50, []), (1, [50]), (20, [50]), (20, [50, 90]), (20, [50, 90])):
        scene.use(amount)
        scene.look()
        assert scene.thresholds_told(told) == thresholds


def test_a_grant_may_lead_back_to_a_lower_threshold(scene: Scene) -> None:
    told = scene.rule(("usage_percentage", 50), ("usage_percentage", 90))
    scene.entitle()
    scene.use(95)
    scene.look()
    ask(scene.app, "POST", f"{ENTITLEMENTS}/tokens/grants", {"amount": 60, "effectiveAt": "2025-01-01T00:00:00Z"})
    scene.look()
    assert scene.thresholds_told(told) == [90, 50]


def test_usage_and_balance_are_told_side_by_side(scene: Scene) -> None:
    told = scene.rule(("balance_value", 0), ("usage_value", 10), ("balance_value", 20))
    scene.entitle()
    scene.use(85)
    scene.look()
    scene.use(15)
    scene.look()
    assert scene.thresholds_told(told) == [10, 20, 0]


def test_the_event_tells_whose_entitlement_it_is(scene: Scene) -> None:
    told = scene.rule(("usage_value", 10), features=["tokens"])
    scene.entitle()
    scene.use(30)
    scene.look()
    (data,) = scene.told(told)
    assert data["value"] == {
        "hasAccess": True,
        "balance": 70,
        "usage": 30,
        "overage": 0,
        "totalAvailableGrantAmount": 100,
    }
    assert (data["customer"]["key"], data["feature"]["key"]) == ("acme", "tokens")
    assert data["subject"]["key"] == data["entitlement"]["subjectKey"] == "acme-1"
    assert data["entitlement"]["currentUsagePeriod"]["from"] == "2025-01-01T00:00:00Z"
    event = ask(scene.app, "GET", f"{EVENTS}?rule={told}").json["items"][0]
    assert event["deliveryStatus"] == []
    assert set(event["annotations"]) == {
        "event.balance.dedupe.hash",
        "event.customer.id",
        "event.customer.key",
        "event.feature.id",
        "event.feature.key",
        "event.subject.id",
        "event.subject.key",
    }
    for name in ("feature=tokens", f"feature={data['feature']['id']}", "subject=acme-1"):
        assert ask(scene.app, "GET", f"{EVENTS}?{name}").json["totalCount"] == 1
    assert ask(scene.app, "GET", f"{EVENTS}?feature=tokens&subject=other").json["totalCount"] == 0


def test_only_rules_about_the_feature_are_told(scene: Scene) -> None:
    ask(scene.app, "POST", "/api/v1/features", {"key": "calls", "name": "Calls", "meterSlug": "tokens"})
    other = scene.rule(("usage_value", 1), features=["calls"])
    disabled = scene.rule(("usage_value", 1), disabled=True)
    everything = scene.rule(("usage_value", 1))
    scene.entitle()
    scene.use(2)
    scene.look()
    assert [len(scene.told(each)) for each in (other, disabled, everything)] == [0, 0, 1]


def test_usage_of_before_the_entitlement_is_seen_only_when_something_else_is(scene: Scene) -> None:
    told = scene.rule(("usage_value", 10))
    scene.entitle()
    scene.look()
    scene.use(20, time="2025-06-01T00:00:00Z")
    scene.look()
    assert scene.told(told) == []
    scene.use(1)
    scene.look()
    assert [data["value"]["usage"] for data in scene.told(told)] == [21]


def test_usage_of_somebody_else_is_nobodys(scene: Scene) -> None:
    told = scene.rule(("usage_value", 10))
    scene.entitle()
    scene.use(20, subject="stranger")
    scene.use(20, subject="acme")
    scene.look()
    assert [data["value"]["usage"] for data in scene.told(told)] == [20]


def test_what_was_used_before_there_was_a_rule_is_told_with_the_next_use(scene: Scene) -> None:
    scene.entitle()
    scene.use(50)
    scene.look()
    told = scene.rule(("usage_value", 10))
    scene.look()
    assert scene.told(told) == []
    scene.use(1)
    scene.look()
    assert [data["value"]["usage"] for data in scene.told(told)] == [51]


def test_use_that_came_in_while_the_server_was_away_is_told_afterwards(store: Store) -> None:
    scene = Scene.of(build_app(store))
    told = scene.rule(("usage_value", 10))
    scene.entitle()
    scene.use(11)
    again = Scene(build_app(store))
    again.look()
    assert again.thresholds_told(told) == [10]


def reset_rule(scene: Scene) -> str:
    channel = make_channel(scene.app, disabled=True)
    return make_rule(scene.app, channel, type="entitlements.reset", features=["tokens"])


def reset(scene: Scene) -> None:
    assert ask(scene.app, "POST", f"{ENTITLEMENTS}/tokens/reset", {}).status == 204
    scene.look()


def test_a_reset_is_told_with_the_value_that_the_period_begins_with(scene: Scene) -> None:
    told = reset_rule(scene)
    scene.rule(("usage_value", 1_000_000))
    scene.entitle()
    scene.use(30)
    scene.look()
    for number in (1, 2):
        scene.pass_time(minutes=2)
        reset(scene)
        assert [data["value"]["balance"] for data in scene.told(told)] == [100] * number
        assert "threshold" not in scene.told(told)[-1]


def test_any_event_of_the_same_minute_keeps_a_reset_from_being_told(scene: Scene) -> None:
    told = reset_rule(scene)
    other = make_rule(scene.app, make_channel(scene.app, disabled=True), type="invoice.updated")
    scene.rule(("usage_value", 1_000_000))
    scene.entitle()
    scene.pass_time(minutes=2)
    event = ask(scene.app, "POST", f"{RULES}/{told}/test").json
    reset(scene)
    assert ask(scene.app, "GET", f"{EVENTS}?rule={told}&rule={other}").json["items"][0]["id"] == event["id"]


def test_without_a_rule_of_thresholds_no_reset_is_told(scene: Scene) -> None:
    told = reset_rule(scene)
    scene.entitle()
    scene.pass_time(minutes=2)
    reset(scene)
    assert scene.told(told) == []


def test_a_moved_clock_has_balances_looked_at_before_the_answer(scene: Scene) -> None:
    told = scene.rule(("usage_value", 10))
    scene.entitle()
    scene.use(11)
    assert ask(scene.app, "POST", "/_devkit/clock", {"by": "PT1H"}).json["failedJobs"] == []
    assert scene.thresholds_told(told) == [10]


def test_a_customer_without_subjects_is_told_too(scene: Scene) -> None:
    ask(scene.app, "POST", "/api/v1/customers", {"name": "Solo", "key": "solo"})
    told = scene.rule(("usage_value", 10))
    body = {
        "type": "metered",
        "featureKey": "tokens",
        "usagePeriod": {"interval": "P100Y", "anchor": "2025-01-01T00:00:00Z"},
        "measureUsageFrom": "2025-01-01T00:00:00Z",
        "issue": {"amount": 100},
    }
    ask(scene.app, "POST", "/api/v2/customers/solo/entitlements", body)
    scene.use(11, subject="solo")
    scene.look()
    assert [data["subject"]["key"] for data in scene.told(told)] == [""]


def test_what_is_too_much_for_once_is_looked_at_the_next_time(scene: Scene) -> None:
    told = scene.rule(("usage_value", 10))
    for number in range(5):
        key = f"solo-{number}"
        ask(scene.app, "POST", "/api/v1/customers", {"name": "Solo", "key": key})
        scene.entitle(customer=key)
    for number in range(5):
        scene.use(11, subject=f"solo-{number}")
    store = scene.app.store
    looked: list[int] = []
    while not looked or looked[-1] == 2:
        with store.records.transaction():
            looked.append(watch_balances(store, store.now(), limit=2))
    assert looked == [2, 2, 1]
    assert len(scene.told(told)) == 5
