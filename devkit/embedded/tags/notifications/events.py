"""Events: read, list, send once more."""

from typing import Any

from devkit.embedded.domain.notifications import events, refusals
from devkit.embedded.domain.notifications.events import Event
from devkit.embedded.domain.notifications.rules import Rule
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import envelope, window
from devkit.embedded.http.routing import Route
from devkit.embedded.store.notifications import active_channels, event_page, find_event, find_rule, put_event


def list_events(call: Call) -> Reply:
    events.check_period(call.query)
    limit, offset = window(call.query)
    found, total = event_page(call.store, call.query, limit=limit, offset=offset)
    return Reply(200, envelope([_shown(call, event) for event in found], total, call.query))


def get_event(call: Call) -> Reply:
    return Reply(200, _shown(call, _known(call)))


def resend_event(call: Call) -> Reply:
    """Deliveries that are under way or over begin again; the answer does not wait for them."""
    event = _known(call)
    active = active_channels(call.store, _rule(call, event))
    put_event(call.store, events.resent(event, call.body.get("channels") or (), active, call.store.now()))
    return Reply(202, b"", media_type="")


def _known(call: Call) -> Event:
    found = find_event(call.store, call.path["eventId"])
    if found is None:
        raise refusals.unknown(call.path["eventId"], call.settings.namespace)
    return found


def _rule(call: Call, event: Event) -> Rule:
    rule = find_rule(call.store, event["ruleId"])
    assert rule is not None, event["ruleId"]  # rules are never removed
    return rule


def _shown(call: Call, event: Event) -> dict[str, Any]:
    rule = _rule(call, event)
    return events.shown(event, rule, active_channels(call.store, rule))


ROUTES = (
    Route("listNotificationEvents", list_events),
    Route("getNotificationEvent", get_event),
    Route("resendNotificationEvent", resend_event),
)
