"""A customer with a plan of fees and usage, and a clock that is moved as devkit serve moves it."""

from datetime import datetime
from typing import Any

from devkit.embedded.app import JOBS, build_app
from devkit.embedded.background import BackgroundWork
from devkit.embedded.store.store import Store
from tests.embedded.domain.catalog.examples import Body, phase, plan
from tests.embedded.tags.subscriptions.scene import Scene

METER = {"slug": "tokens", "eventType": "tokens", "aggregation": "SUM", "valueProperty": "$.n"}
SUBJECT = "acme_user"
Shown = list[tuple[str, str, str, str]]


def fee(key: str, amount: str, term: str = "in_advance", cadence: str | None = "P1M") -> Body:
    price = {"type": "flat", "amount": amount, "paymentTerm": term}
    return {"type": "flat_fee", "key": key, "name": key.title(), "billingCadence": cadence, "price": price}


def tokens(**price: Any) -> Body:
    card = {"type": "usage_based", "key": "tokens", "name": "Tokens", "featureKey": "tokens", "billingCadence": "P1M"}
    return {**card, "price": {"type": "unit", "amount": "0.1", **price}}


class BillingScene(Scene):
    """Requests about a customer and the customer's invoices."""

    def subscribe(self, *cards: Body, **body: Any) -> Any:
        self.published(plan(phase(*cards), key="billed"))
        return self.done("POST", "/api/v1/subscriptions", {"customerKey": "acme", "plan": {"key": "billed"}, **body})

    def advance(self, to: datetime) -> None:
        assert BackgroundWork(self.store, JOBS).advance(to) == []

    def use(self, amount: float) -> None:
        event: Body = {"specversion": "1.0", "id": self.store.new_id(), "source": "test", "type": "tokens"}
        event |= {"subject": SUBJECT, "data": {"n": amount}}
        assert self.send("POST", "/api/v1/events", event).status == 204

    def bill_by_hand(self) -> None:
        """From now on drafts wait for an approval."""
        apps = self.done("GET", "/api/v1/billing/profiles")["items"][0]["apps"]
        body = {"name": "By hand", "default": True, "supplier": {"name": "Shop", "addresses": [{"country": "US"}]}}
        body |= {"workflow": {"invoicing": {"autoAdvance": False}}}
        body |= {"apps": {role: app["id"] for role, app in apps.items()}}
        self.done("POST", "/api/v1/billing/profiles", body)

    def invoices(self, status: str = "") -> list[Any]:
        """By creation."""
        query = f"customers={self.customer_id}&expand=lines&orderBy=createdAt&order=ASC&pageSize=100"
        found = self.done("GET", f"/api/v1/billing/invoices?{query}")["items"]
        return [invoice for invoice in found if status in ("", invoice["status"])]

    def lines(self, status: str = "") -> Shown:
        """Name, period and total of all lines on the invoices in this status."""
        return [
            (line["name"], line["period"]["from"], line["period"]["to"], line["totals"]["total"])
            for invoice in self.invoices(status)
            for line in invoice.get("lines", ())
        ]

    def warnings(self) -> list[str]:
        return [issue["message"] for invoice in self.invoices() for issue in invoice.get("validationIssues", ())]


def open_scene(store: Store) -> BillingScene:
    scene = BillingScene(build_app(store), store)
    scene.done("POST", "/api/v1/meters", METER)
    scene.done("POST", "/api/v1/features", {"key": "tokens", "name": "Tokens", "meterSlug": "tokens"})
    customer = {"key": "acme", "name": "Acme", "usageAttribution": {"subjectKeys": [SUBJECT]}}
    scene.customer_id = scene.done("POST", "/api/v1/customers", customer)["id"]
    return scene
