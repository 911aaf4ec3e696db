"""What Stripe refuses, and what stands against charging a customer."""

from typing import Any

import pytest

from devkit.embedded.domain.errors import Invalid, PreconditionFailed, Unauthorized
from devkit.embedded.domain.stripe_app.chargeability import unmet_by_payment, unmet_by_tax
from devkit.embedded.domain.stripe_app.provider_errors import ProviderError, as_json, issue_text, refusal

DATA = {"stripeCustomerId": "cus_1"}
CARD = {"billing_details": {"address": {"country": "US"}}}


@pytest.mark.parametrize(
    ("status", "kind", "detail"),
    [
        (400, Invalid, "stripe error: No, request log url: https://log"),
        (401, Unauthorized, "unauthorized error: provider authentication error for app 01A: No"),
        (403, PreconditionFailed, "provider error for app 01A: No"),
        (429, PreconditionFailed, "provider error for app 01A: No"),
        (500, PreconditionFailed, "provider error for app 01A: No"),
        (None, PreconditionFailed, "provider error for app 01A: No"),
    ],
)
def test_each_status_has_its_refusal(status: int | None, kind: type[Exception], detail: str) -> None:
    error = ProviderError(status, "No", request_log_url="https://log")
    refused = refusal(error, app_id="01A", namespace="default")
    assert type(refused) is kind
    assert refused.detail == detail


def test_before_there_is_an_app_the_namespace_stands_for_it() -> None:
    refused = refusal(ProviderError(403, "No"), app_id=None, namespace="default")
    assert refused.detail == "provider error for app in default namespace: No"


def test_an_issue_says_it_without_the_app_and_an_item_says_it_all() -> None:
    error = ProviderError(400, "Too <small>", code="amount", kind="api_error", request_id="req_1", request_log_url="u")
    assert issue_text(error) == "stripe error: Too <small>, request log url: u"
    assert issue_text(ProviderError(403, "No")) == "No"
    assert as_json(error) == (
        '{"code":"amount","status":400,"message":"Too \\u003csmall\\u003e","request_id":"req_1",'
        '"request_log_url":"u","type":"api_error"}'
    )


@pytest.mark.parametrize(
    ("method", "stripe_customer", "card", "condition"),
    [
        ("charge_automatically", {}, None, "stripe customer must have a default payment method"),
        ("charge_automatically", {}, {}, "stripe customer default payment method must have a billing address"),
        ("charge_automatically", {}, CARD, None),
        ("send_invoice", {"email": "a@example.com"}, None, None),
        ("send_invoice", {"email": None}, CARD, "stripe customer missing email"),
    ],
)
def test_a_customer_needs_a_way_to_pay(method: str, stripe_customer: Any, card: Any, condition: str | None) -> None:
    found = unmet_by_payment(method, DATA, stripe_customer, card)
    assert found == condition or (found is not None and condition is not None and found.startswith(condition))


@pytest.mark.parametrize("location", ["not_collecting", "failed", "unrecognized_location"])
def test_a_tax_location_is_needed_where_taxes_are_enforced(location: str) -> None:
    stripe_customer = {"id": "cus_1", "tax": {"automatic_tax": location}}
    condition = unmet_by_tax({"enabled": True, "enforced": True}, stripe_customer)
    assert condition is not None
    assert "cus_1" in condition
    assert unmet_by_tax({"enabled": True, "enforced": False}, stripe_customer) is None
    assert unmet_by_tax({"enabled": False, "enforced": True}, stripe_customer) is None


def test_a_known_location_is_fine() -> None:
    tax = {"enabled": True, "enforced": True}
    assert unmet_by_tax(tax, {"id": "cus_1", "tax": {"automatic_tax": "supported"}}) is None
    assert unmet_by_tax(tax, {"id": "cus_1"}) is None
