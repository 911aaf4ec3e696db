"""A customer with a metered entitlement, and rules about it."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from devkit.embedded.http.pipeline import Application
from devkit.embedded.workflows.notifications.balance_worker import watch_balances
from tests.embedded.asgi import ask
from tests.embedded.tags.notifications.bodies import EVENTS, RULES, make_channel, threshold_rule

CUSTOMER = {"name": "Acme", "key": "acme", "usageAttribution": {"subjectKeys": ["acme-1"]}}
METER = {"slug": "tokens", "eventType": "tokens", "aggregation": "SUM", "valueProperty": "$.n"}
ENTITLEMENTS = "/api/v2/customers/acme/entitlements"
#: A usage period that no test leaves.
CENTURY = {"interval": "P100Y", "anchor": "2025-01-01T00:00:00Z"}


@dataclass
class Scene:
    app: Application
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, app: Application) -> "Scene":
        """Meter, feature and customer; no entitlement yet."""
        ask(app, "POST", "/api/v1/meters", METER)
        ask(app, "POST", "/api/v1/features", {"key": "tokens", "name": "Tokens", "meterSlug": "tokens"})
        ask(app, "POST", "/api/v1/customers", CUSTOMER)
        return cls(app)

    def rule(self, *thresholds: tuple[str, float], **members: Any) -> str:
        """A threshold rule with a channel that gets nothing."""
        channel = make_channel(self.app, disabled=True)
        given = [{"type": type_, "value": value} for type_, value in thresholds]
        return str(ask(self.app, "POST", RULES, threshold_rule(channel, thresholds=given, **members)).json["id"])

    def entitle(self, amount: float = 100, *, customer: str = "acme", **members: Any) -> None:
        body = {
            "type": "metered",
            "featureKey": "tokens",
            "usagePeriod": CENTURY,
            "measureUsageFrom": "2025-01-01T00:00:00Z",
            "issue": {"amount": amount, "priority": 1},
            **members,
        }
        answer = ask(self.app, "POST", f"/api/v2/customers/{customer}/entitlements", body)
        assert answer.status == 201, answer.body
        # Times of events are whole seconds, and an event of the entitlement's first second lies before it.
        self.pass_time(seconds=1)

    def use(self, amount: float, subject: str = "acme-1", time: str | None = None) -> None:
        event = {"specversion": "1.0", "id": str(next(self.numbers)), "source": "test", "type": "tokens"}
        at = {"time": time} if time else {}
        ask(self.app, "POST", "/api/v1/events", {**event, **at, "subject": subject, "data": {"n": amount}})

    def look(self) -> None:
        """What the balance worker does every now and then."""
        with self.app.store.records.transaction():
            watch_balances(self.app.store, self.app.store.now())

    def pass_time(self, **span: float) -> None:
        self.app.store.advance_clock(self.app.store.now() + timedelta(**span))

    def told(self, rule: str) -> list[Any]:
        """The data of the events of a rule, oldest first."""
        found = ask(self.app, "GET", f"{EVENTS}?rule={rule}&order=ASC").json["items"]
        return [event["payload"]["data"] for event in found]

    def thresholds_told(self, rule: str) -> list[float]:
        return [data["threshold"]["value"] for data in self.told(rule)]
