"""Bodies of requests, and what has to be there before a rule can be."""

from typing import Any

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import ask

CHANNELS = "/api/v1/notification/channels"
RULES = "/api/v1/notification/rules"
EVENTS = "/api/v1/notification/events"
SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
NOBODY = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def channel(**members: Any) -> dict[str, Any]:
    return {"type": "WEBHOOK", "name": "Hook", "url": "https://example.com/hook", "signingSecret": SECRET, **members}


def make_channel(app: Application, **members: Any) -> str:
    return str(ask(app, "POST", CHANNELS, channel(**members)).json["id"])


def rule(*channels: str, **members: Any) -> dict[str, Any]:
    return {"type": "invoice.created", "name": "Rule", "channels": list(channels), **members}


def threshold_rule(*channels: str, **members: Any) -> dict[str, Any]:
    thresholds = [{"type": "usage_percentage", "value": 80}]
    return rule(*channels, **{"type": "entitlements.balance.threshold", "thresholds": thresholds, **members})


def make_rule(app: Application, *channels: str, **members: Any) -> str:
    answer = ask(app, "POST", RULES, rule(*channels, **{"type": "entitlements.reset", **members}))
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def detail(answer: Any) -> tuple[int, str]:
    return answer.status, answer.json.get("detail", "")
