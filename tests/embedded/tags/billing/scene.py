"""A customer with a billing profile of its own, whose pending lines become invoices."""

from dataclasses import dataclass
from typing import Any

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import Answer, ask

BILLING = "/api/v1/billing"
INVOICES = f"{BILLING}/invoices"
PERIOD = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
SUPPLIER = {"name": "Acme Supplies", "addresses": [{"country": "US"}]}
FEATURE = "tokens"


def fee(amount: str = "10", name: str = "Fee", **members: Any) -> dict[str, Any]:
    price = {"type": "flat", "amount": amount, "paymentTerm": "in_advance"}
    return {"name": name, "period": PERIOD, "invoiceAt": PERIOD["to"], "rateCard": {"price": price}} | members


def usage(amount: str = "1", name: str = "Usage", **members: Any) -> dict[str, Any]:
    card = {"price": {"type": "unit", "amount": amount}, "featureKey": FEATURE}
    return {"name": name, "period": PERIOD, "invoiceAt": PERIOD["to"], "rateCard": card} | members


@dataclass
class Scene:
    app: Application
    customer: str

    @classmethod
    def of(cls, app: Application, *, interval: str = "PT1H", **invoicing: Any) -> "Scene":
        """With meter, feature and a profile; invoices wait for approval where nothing else is said."""
        ask(app, "POST", "/api/v1/meters", {"slug": FEATURE, "eventType": FEATURE, "aggregation": "COUNT"})
        ask(app, "POST", "/api/v1/features", {"key": FEATURE, "name": "Tokens", "meterSlug": FEATURE})
        given = {"name": "Test Customer", "usageAttribution": {"subjectKeys": ["subject"]}}
        customer = ask(app, "POST", "/api/v1/customers", given).json["id"]
        sandbox = ask(app, "GET", "/api/v1/apps").json["items"][0]["id"]
        profile = {
            "name": "Own",
            "default": False,
            "supplier": SUPPLIER,
            "workflow": {"collection": {"interval": interval}, "invoicing": {"autoAdvance": False} | invoicing},
            "apps": dict.fromkeys(("tax", "invoicing", "payment"), sandbox),
        }
        id_ = ask(app, "POST", f"{BILLING}/profiles", profile).json["id"]
        ask(app, "PUT", f"{BILLING}/customers/{customer}", {"billingProfileId": id_})
        return cls(app, customer)

    def add(self, *lines: dict[str, Any]) -> dict[str, Any]:
        """The answer to new pending lines."""
        body = {"currency": "USD", "lines": list(lines)}
        answer = ask(self.app, "POST", f"{BILLING}/customers/{self.customer}/invoices/pending-lines", body)
        assert answer.status == 201, answer.body
        return dict(answer.json)

    def invoice(self, *lines: dict[str, Any]) -> dict[str, Any]:
        """The invoice of these lines."""
        self.add(*lines)
        answer = ask(self.app, "POST", f"{INVOICES}/invoice", {"customerId": self.customer})
        assert answer.status == 201, answer.body
        return dict(answer.json[0])

    def act(self, invoice: dict[str, Any], action: str) -> Answer:
        return ask(self.app, "POST", f"{INVOICES}/{invoice['id']}/{action}")

    def get(self, invoice: dict[str, Any], query: str = "") -> dict[str, Any]:
        return dict(ask(self.app, "GET", f"{INVOICES}/{invoice['id']}{query}").json)

    def list(self, query: str = "") -> list[str]:
        """The ids of listed invoices."""
        return [item["id"] for item in ask(self.app, "GET", f"{INVOICES}?{query}").json["items"]]

    def update(self, invoice: dict[str, Any], *lines: dict[str, Any], **members: Any) -> Answer:
        """An update; settings of invoicing are left out where none are given."""
        workflow = {"workflow": {"invoicing": members.pop("invoicing", {"autoAdvance": False}), "payment": {}}}
        body = {"supplier": SUPPLIER, "customer": {"name": "Test Customer"}, "workflow": workflow, "lines": list(lines)}
        return ask(self.app, "PUT", f"{INVOICES}/{invoice['id']}", body | members)

    def use(self, number: int, time: str = "2025-01-10T00:00:00Z") -> None:
        event = {"specversion": "1.0", "source": "test", "type": FEATURE, "subject": "subject", "time": time}
        events = [event | {"id": f"{time}-{each}"} for each in range(number)]
        ask(self.app, "POST", "/api/v1/events", events, headers={"content-type": "application/cloudevents-batch+json"})


def status(invoice: dict[str, Any]) -> str:
    return str(invoice["statusDetails"]["extendedStatus"])
