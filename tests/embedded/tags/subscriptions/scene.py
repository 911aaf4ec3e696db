"""A catalog, a customer, and requests about its subscriptions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import Answer, ask
from tests.embedded.domain.catalog.examples import Body, flat, phase, plan, usage

SUBSCRIPTIONS = "/api/v1/subscriptions"
GRANT = {"type": "metered", "issueAfterReset": 100, "usagePeriod": "P1M"}


@dataclass
class Scene:
    app: Application
    store: Store
    customer_id: str = ""

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        return ask(self.app, method, path, body)

    def done(self, method: str, path: str, body: Any = None) -> Any:
        """What a request gives back; it must have worked."""
        answer = self.send(method, path, body)
        assert answer.status in (200, 201, 204), answer.body
        return answer.json if answer.body else None

    def published(self, body: Body, kind: str = "plans") -> Any:
        made = self.done("POST", f"/api/v1/{kind}", body)
        return self.done("POST", f"/api/v1/{kind}/{made['id']}/publish")

    def subscribed(self, **body: Any) -> Any:
        named = {} if "customPlan" in body else {"plan": {"key": "pro"}}
        return self.done("POST", SUBSCRIPTIONS, {"customerKey": "acme", **named, **body})

    def act(self, subscription: Body, action: str, **body: Any) -> Any:
        return self.done("POST", f"{SUBSCRIPTIONS}/{subscription['id']}/{action}", body)

    def tried(self, subscription: Body, action: str, **body: Any) -> tuple[int, Any]:
        """Status and detail of an action."""
        answer = self.send("POST", f"{SUBSCRIPTIONS}/{subscription['id']}/{action}", body)
        return answer.status, answer.json.get("detail")

    def edit(self, subscription: Body, *operations: Body, **body: Any) -> Answer:
        path = f"{SUBSCRIPTIONS}/{subscription['id']}"
        return self.send("PATCH", path, {"customizations": list(operations), **body})

    def read(self, subscription: Body) -> Any:
        return self.done("GET", f"{SUBSCRIPTIONS}/{subscription['id']}")

    def value(self, key: str = "calls") -> Any:
        return self.done("GET", f"/api/v1/customers/acme/entitlements/{key}/value")

    def wait(self, **length: float) -> datetime:
        self.store.advance_clock(self.store.now() + timedelta(**length))
        return self.store.now()


def open_scene(app: Application, store: Store) -> Scene:
    scene = Scene(app, store)
    scene.done("POST", "/api/v1/meters", {"slug": "calls", "aggregation": "COUNT", "eventType": "call"})
    scene.done("POST", "/api/v1/features", {"key": "calls", "name": "Calls", "meterSlug": "calls"})
    scene.done("POST", "/api/v1/features", {"key": "perk", "name": "Perk"})
    customer = {"key": "acme", "name": "Acme", "usageAttribution": {"subjectKeys": ["acme_user"]}}
    scene.customer_id = scene.done("POST", "/api/v1/customers", customer)["id"]
    scene.published(plan(phase(flat(), usage(price=None, entitlementTemplate=GRANT))))
    trial = phase(flat("setup", billingCadence=None), key="trial", duration="P1M")
    scene.published(plan(trial, phase(flat()), key="ramp"))
    return scene
