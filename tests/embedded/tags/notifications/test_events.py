"""Events."""

from typing import Any

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
)


def made_event(app: Application, rule_id: str) -> str:
    return str(ask(app, "POST", f"{RULES}/{rule_id}/test").json["id"])


def ids(app: Application, query: str) -> list[str]:
    return [item["id"] for item in ask(app, "GET", f"{EVENTS}?{query}").json["items"]]


def test_a_list_filters_and_shows_the_newest_first(app: Application) -> None:
    one, other = make_channel(app), make_channel(app)
    resets, both = make_rule(app, one), make_rule(app, one, other)
    first, second, third = made_event(app, resets), made_event(app, both), made_event(app, resets)
    assert ids(app, "") == [third, second, first]
    assert ids(app, "order=ASC&pageSize=2") == [first, second]
    assert ids(app, f"rule={resets}") == [third, first]
    assert ids(app, f"rule={resets}&rule={both}&orderBy=createdAt") == [third, second, first]
    assert ids(app, f"channel={other}") == [second]
    assert ids(app, f"channel={other}&rule={resets}") == []
    assert ids(app, "subject=test-subject-1") == []
    assert ids(app, "feature=test-feature-1") == []


def test_a_period_needs_its_end_alone(app: Application) -> None:
    event = made_event(app, make_rule(app, make_channel(app)))
    at = ask(app, "GET", f"{EVENTS}/{event}").json["createdAt"]
    assert ids(app, f"to={at}") == [event]
    assert ids(app, f"from={at}&to=2999-01-01T00:00:00Z") == [event]
    assert ids(app, "to=2025-01-01T00:00:00Z") == []
    start, end = "2025-01-01 00:00:00 +0000 UTC", "0001-01-01 00:00:00 +0000 UTC"
    assert detail(ask(app, "GET", f"{EVENTS}?from=2025-01-01T00:00:00Z")) == (
        400,
        f"validation error: invalid time period: period start ({start}) is after the period end ({end})",
    )


def test_any_text_may_be_asked_for_as_an_event(app: Application) -> None:
    refused = (404, "resource with id nonsense not found in default namespace")
    assert detail(ask(app, "GET", f"{EVENTS}/nonsense")) == refused


def resend(app: Application, event: str, body: Any) -> tuple[int, str]:
    answer = ask(app, "POST", f"{EVENTS}/{event}/resend", body)
    return (answer.status, "") if answer.status == 202 else detail(answer)


def test_a_resend_is_for_active_channels_of_the_rule(app: Application) -> None:
    one, other = make_channel(app), make_channel(app)
    event = made_event(app, make_rule(app, one))
    before = ask(app, "GET", f"{EVENTS}/{event}").json
    assert resend(app, event, {"channels": [one]}) == (202, "")
    assert ask(app, "GET", f"{EVENTS}/{event}").json == before, "what is pending stays pending"
    unknown = f"validation error: channel {other} not found\nchannel {NOBODY} not found"
    assert resend(app, event, {"channels": [one, other, NOBODY]}) == (400, unknown)
    ask(app, "PUT", f"{CHANNELS}/{one}", channel(disabled=True))
    assert resend(app, event, {"channels": [one]}) == (400, f"validation error: channel {one} not found")
    assert resend(app, event, {}) == (202, "")
    assert resend(app, NOBODY, {})[0] == 404


def test_an_event_outlives_its_rule_and_its_channel(app: Application) -> None:
    id_ = make_channel(app)
    rule_id = make_rule(app, id_)
    event = made_event(app, rule_id)
    ask(app, "DELETE", f"{RULES}/{rule_id}")
    ask(app, "DELETE", f"{CHANNELS}/{id_}")
    shown = ask(app, "GET", f"{EVENTS}/{event}").json
    assert shown["deliveryStatus"][0]["channel"] == {"id": id_, "type": ""}
    assert shown["rule"]["channels"] == []
    assert "deletedAt" in shown["rule"]
