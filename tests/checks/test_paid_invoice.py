"""The check of an invoice that is paid at Stripe: what it leaves, and that it fails where no webhook comes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.checks.outcomes import Result
from devkit.usecases.smoke import run_smoke
from tests.stripe_app.billing_place import BillingPlace, billing_place_alone

NAME = "app_stripe/invoice-is-paid-at-stripe"


@pytest.fixture
def place(stripe_address: str, tmp_path: Path) -> Iterator[BillingPlace]:
    with billing_place_alone(tmp_path / "data", stripe_address) as found:
        yield found


def _result(place: BillingPlace, wait: float) -> Result:
    report = run_smoke(place.openmeter.url, tags=["app-stripe"], wait=wait, stripe=place.access, stripe_reaches=True)
    return next(one for one in report.results if one.name == NAME)


def test_nothing_is_left_but_the_paid_invoice(place: BillingPlace) -> None:
    result = _result(place, 20)
    assert (result.status, result.message) == ("passed", "")
    listed = {"page": 1, "pageSize": 100}
    invoices = place.openmeter.call("listInvoices", query=listed)["items"]
    assert [each["status"] for each in invoices] == ["paid"]
    assert place.openmeter.call("listCustomers", query=listed)["items"] == []
    profiles = place.openmeter.call("listBillingProfiles", query=listed)["items"]
    assert [each["name"] for each in profiles] == ["openmeter-sandbox"]
    v1 = place.access.client().v1
    assert v1.customers.list().data == []
    assert [each.status for each in v1.invoices.list().data] == ["paid"]
    assert len(v1.webhook_endpoints.list().data) == 1


def test_a_webhook_that_does_not_come_fails_it(place: BillingPlace) -> None:
    place.disable_webhooks()
    result = _result(place, 1)
    assert result.status == "failed"
    assert result.message.startswith("waited 1 s for the invoice to become paid here by Stripe's webhook, in vain")
    assert "payment_processing.pending" in result.message
    assert result.evidence[0].endswith(" paid")
    assert "invoice.paid" in result.evidence[1]
    assert "devkit stripe status" in str(result.hint)
    assert "sk_test" not in str(result)
    assert place.access.client().v1.customers.list().data == []


def test_a_webhook_that_is_refused_fails_it(place: BillingPlace) -> None:
    """Its address leads to an app that is not there."""
    v1 = place.access.client().v1
    (endpoint,) = v1.webhook_endpoints.list().data
    elsewhere = f"{place.openmeter.url}/api/v1/apps/01G65Z755AFWAKHE12NY0CQ9FH/stripe/webhook"
    v1.webhook_endpoints.update(endpoint.id, {"url": elsewhere})
    assert _result(place, 1).status == "failed"
