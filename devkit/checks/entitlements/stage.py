"""A customer, a metered feature and usage of known times: what the checks of entitlements stand on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from devkit.checks.scene import Scene, rfc3339

NO_ID = "01G65Z755AFWAKHE12NY0CQ9FH"
UNKNOWN_CUSTOMER = "not found error: customer with id or key {} not found in default namespace"

#: Hours after the start, and how much was used then: 60 in all.
USAGE = {1: 30, 2: 20, 5: 10}

Body = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """start: the full hour six hours ago. subject: the one that the customer owns."""

    scene: Scene
    customer: str
    subject: str
    start: datetime

    def at(self, **later: float) -> str:
        """A time after the start, in RFC 3339."""
        return rfc3339(self.start + timedelta(**later))

    def feature(self, what: str, **changes: Any) -> str:
        """Creates a feature and returns its key. The customer's entitlement to it is removed at the end."""
        key = self.scene.slug(what)
        self.scene.setup("createFeature", body={"key": key, "name": what, **changes}, status=201)
        self.scene.remove_later("deleteCustomerEntitlementV2", self.customer, key)
        return key

    def metered_feature(self, what: str = "tokens", *, used: bool = False) -> str:
        """A feature on a sum; used: with the usage of USAGE."""
        kind = self.scene.name(what)
        meter = self.scene.meter(what, "SUM", event_type=kind, valueProperty="$.n")
        key = self.feature(what, meterSlug=meter)
        if used:
            moments = ((self.at(hours=hours), amount) for hours, amount in USAGE.items())
            self.scene.ingest([self.scene.event(kind, self.subject, time=at, data={"n": n}) for at, n in moments])
        return key

    def metered(self, feature: str, **changes: Any) -> Body:
        """A metered entitlement that counts from the start and stays in its first period."""
        period = {"interval": "P100Y", "anchor": self.at()}
        body = {"type": "metered", "featureKey": feature, "usagePeriod": period, "measureUsageFrom": self.at()}
        return body | changes


def staged(scene: Scene) -> Stage:
    start = scene.now.replace(minute=0, second=0) - timedelta(hours=6)
    stage = Stage(scene, scene.slug("acme"), scene.name("alice"), start)
    body = {"key": stage.customer, "name": "Acme", "usageAttribution": {"subjectKeys": [stage.subject]}}
    scene.setup("createCustomer", body=body, status=201)
    return stage


def balance(amount: float, usage: float, *, overage: float = 0, total: float | None = None) -> Body:
    """The value of a metered entitlement, as both versions tell it."""
    return {
        "balance": amount,
        "usage": usage,
        "overage": overage,
        "totalAvailableGrantAmount": amount + usage - overage if total is None else total,
    }
