"""A customer whose tokens are counted by a meter, and lines that bill them."""

from typing import Any

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask
from tests.embedded.tags.billing.scenes import create_customer, create_profile, sandbox_id

JANUARY = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
CENTURY = {"from": "2025-01-01T00:00:00Z", "to": "2125-01-01T00:00:00Z"}
UNIT = {"type": "unit", "amount": "1"}
FEE = {"type": "flat", "amount": "10", "paymentTerm": "in_advance"}
#: Waits for late usage so long that all of it counts, and for someone to collect and to approve.
PATIENT = {"invoicing": {"autoAdvance": False}, "collection": {"interval": "P100Y"}}


class Metered:
    """A customer with the subject `user`, a meter and a feature `tokens`, and a billing profile of its own."""

    def __init__(self, app: Application, workflow: dict[str, Any] | None = None) -> None:
        self.app = app
        self._events = 0
        profile_id = create_profile(app, sandbox_id(app), workflow=PATIENT if workflow is None else workflow)
        self.customer_id = create_customer(app, "acme", profile_id, usageAttribution={"subjectKeys": ["user"]})
        meter = {"slug": "tokens", "eventType": "tokens", "aggregation": "SUM", "valueProperty": "$.n"}
        assert ask(app, "POST", "/api/v1/meters", meter).status == 200
        feature = {"key": "tokens", "name": "Tokens", "meterSlug": "tokens"}
        assert ask(app, "POST", "/api/v1/features", feature).status == 201

    def use(self, tokens: float, time: str = "2025-01-10T00:00:00Z", subject: str = "user") -> None:
        self._events += 1
        event = {
            "specversion": "1.0",
            "id": f"event-{self._events}",
            "source": "test",
            "type": "tokens",
            "subject": subject,
            "time": time,
            "data": {"n": tokens},
        }
        answer = ask(
            self.app, "POST", "/api/v1/events", event, headers={"content-type": "application/cloudevents+json"}
        )
        assert answer.status == 204

    def add(self, *lines: dict[str, Any], currency: str = "USD") -> Answer:
        path = f"/api/v1/billing/customers/{self.customer_id}/invoices/pending-lines"
        return ask(self.app, "POST", path, {"currency": currency, "lines": list(lines)})

    def invoice(self, **options: Any) -> Answer:
        body = {"customerId": self.customer_id, **options}
        return ask(self.app, "POST", "/api/v1/billing/invoices/invoice", body)

    def invoices(self, query: str = "") -> list[dict[str, Any]]:
        answer = ask(self.app, "GET", f"/api/v1/billing/invoices?customers={self.customer_id}&expand=lines{query}")
        assert answer.status == 200, answer.body
        return list(answer.json["items"])

    def act(self, invoice: dict[str, Any], action: str) -> dict[str, Any]:
        answer = ask(self.app, "POST", f"/api/v1/billing/invoices/{invoice['id']}/{action}")
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def read(self, invoice_id: str) -> Answer:
        return ask(self.app, "GET", f"/api/v1/billing/invoices/{invoice_id}")


def usage_line(price: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    card = {"price": UNIT if price is None else price, "featureKey": "tokens"}
    line = {"name": "Usage", "period": JANUARY, "invoiceAt": "2025-02-01T00:00:00Z", "rateCard": card}
    return line | changes


def fee_line(name: str = "Fee", **changes: Any) -> dict[str, Any]:
    line = {"name": name, "period": JANUARY, "invoiceAt": "2025-02-01T00:00:00Z", "rateCard": {"price": FEE}}
    return line | changes
