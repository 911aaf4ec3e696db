"""Rules about invoices: what they are told."""

from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from devkit.embedded.workflows.notifications.invoice_worker import tell_invoices
from tests.embedded.asgi import ask
from tests.embedded.tags.notifications.bodies import EVENTS, RULES, make_channel, make_rule

PERIOD = {"from": "2025-01-01T00:00:00Z", "to": "2025-02-01T00:00:00Z"}
PRICE = {"type": "flat", "amount": "10", "paymentTerm": "in_advance"}


def make_customer(app: Application, *, auto_advance: bool) -> str:
    """A customer whose drafts are approved by hand, or by themselves."""
    default = ask(app, "GET", "/api/v1/billing/profiles").json["items"][0]
    profile = {
        "name": "Own",
        "default": False,
        "workflow": {"invoicing": {"autoAdvance": auto_advance}},
        "apps": {role: default["apps"][role]["id"] for role in ("tax", "invoicing", "payment")},
        "supplier": {"name": "Acme", "addresses": [{"country": "US"}]},
    }
    made = ask(app, "POST", "/api/v1/billing/profiles", profile)
    assert made.status == 201, made.body
    customer = ask(app, "POST", "/api/v1/customers", {"name": "Acme", "key": "acme", "currency": "USD"}).json["id"]
    body = {"billingProfileId": made.json["id"]}
    assert ask(app, "PUT", f"/api/v1/billing/customers/{customer}", body).status == 200
    return str(customer)


def invoice(app: Application, customer: str) -> str:
    line = {"name": "Setup", "period": PERIOD, "invoiceAt": PERIOD["to"], "rateCard": {"price": PRICE}}
    target = f"/api/v1/billing/customers/{customer}/invoices/pending-lines"
    assert ask(app, "POST", target, {"currency": "USD", "lines": [line]}).status == 201
    made = ask(app, "POST", "/api/v1/billing/invoices/invoice", {"customerId": customer})
    assert made.status == 201, made.body
    tell(app)
    return str(made.json[0]["id"])


def tell(app: Application) -> None:
    with app.store.records.transaction():
        while tell_invoices(app.store, "default", limit=2):
            pass


def told(app: Application, rule: str) -> list[Any]:
    return list(ask(app, "GET", f"{EVENTS}?rule={rule}&order=ASC").json["items"])


def states(app: Application, rule: str) -> list[str]:
    return [event["payload"]["data"]["statusDetails"]["extendedStatus"] for event in told(app, rule)]


@pytest.fixture
def rules(app: Application) -> tuple[str, str]:
    """(of new invoices, of changed ones)"""
    channel = make_channel(app, disabled=True)
    return make_rule(app, channel, type="invoice.created"), make_rule(app, channel, type="invoice.updated")


def test_a_new_invoice_is_told_once_and_every_state_that_it_went_through(
    app: Application, rules: tuple[str, str]
) -> None:
    made = invoice(app, make_customer(app, auto_advance=False))
    created, updated = rules
    assert states(app, created) == ["draft.manual_approval_needed"]
    assert states(app, updated) == [
        "draft.waiting_for_collection",
        "draft.collecting",
        "draft.validating",
        "draft.syncing",
        "draft.manual_approval_needed",
    ]
    event = told(app, created)[0]
    data = event["payload"]["data"]
    assert event["annotations"] == {"event.invoice.id": made, "event.invoice.number": data["number"]}
    assert [line["totals"]["total"] for line in data["lines"]] == ["10"]
    assert ask(app, "POST", f"/api/v1/billing/invoices/{made}/approve").status == 200
    tell(app)
    tell(app)
    assert states(app, created) == ["draft.manual_approval_needed"]
    assert states(app, updated)[5:] == [
        "issuing.syncing",
        "issuing.charge_booking",
        "issued",
        "payment_processing.pending",
        "payment_processing.booking_authorized_and_settled",
        "paid",
    ]


def test_without_a_rule_nothing_is_kept_for_later(app: Application) -> None:
    customer = make_customer(app, auto_advance=True)
    invoice(app, customer)
    later = make_rule(app, make_channel(app, disabled=True), type="invoice.updated")
    tell(app)
    assert told(app, later) == []


def test_a_disabled_rule_hears_nothing(app: Application, rules: tuple[str, str]) -> None:
    ask(app, "DELETE", f"{RULES}/{rules[1]}")
    invoice(app, make_customer(app, auto_advance=False))
    assert told(app, rules[1]) == []
    assert len(told(app, rules[0])) == 1


def test_a_refused_request_tells_nothing(app: Application, rules: tuple[str, str]) -> None:
    customer = make_customer(app, auto_advance=False)
    assert ask(app, "POST", "/api/v1/billing/invoices/invoice", {"customerId": customer}).status == 400
    tell(app)
    assert [told(app, rule) for rule in rules] == [[], []]
