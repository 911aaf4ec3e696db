"""Checkout and portal sessions: what Stripe is asked for, and what is told of its answer."""

from typing import Any

import pytest

from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.stripe_app import sessions as rules

CUSTOMER = {"id": "c1", "name": "Acme"}
OWNER = {"om_namespace": "default", "om_app_id": "01A", "om_customer_id": "c1"}
SESSION = {"id": "cs_1", "setup_intent": "seti_1", "created": 1735689600, "mode": "setup", "metadata": {}}


def asked(options: dict[str, Any], **customer: Any) -> dict[str, Any]:
    return rules.checkout_session(options, CUSTOMER | customer, "cus_1", "01A", "default")


def test_options_are_passed_on_under_stripes_names() -> None:
    options = {
        "successURL": "https://example.com/ok",
        "uiMode": "hosted",
        "expiresAt": 1735689600,
        "paymentMethodTypes": ["card"],
        "taxIdCollection": {"enabled": True, "required": "if_supported"},
        "customText": {"afterSubmit": {"message": "Thanks"}},
        "consentCollection": {"paymentMethodReuseAgreement": {"position": "auto"}, "termsOfService": "required"},
        "cancelURL": None,
    }
    assert asked(options) == {
        "mode": "setup",
        "customer": "cus_1",
        "setup_intent_data": {"metadata": OWNER},
        "success_url": "https://example.com/ok",
        "ui_mode": "hosted",
        "expires_at": 1735689600,
        "payment_method_types": ["card"],
        "tax_id_collection": {"enabled": True, "required": "if_supported"},
        "custom_text": {"after_submit": {"message": "Thanks"}},
        "consent_collection": {
            "payment_method_reuse_agreement": {"position": "auto"},
            "terms_of_service": "required",
        },
    }


def test_the_currency_is_that_of_the_options_as_given_or_else_the_customers_in_small_letters() -> None:
    assert asked({}, currency="EUR")["currency"] == "eur"
    assert asked({"currency": "USD"}, currency="EUR")["currency"] == "USD"
    assert "currency" not in asked({})


def test_metadata_are_kept_beside_those_of_the_owner() -> None:
    assert asked({"metadata": {"a": "b"}})["setup_intent_data"]["metadata"] == {"a": "b", **OWNER}


@pytest.mark.parametrize("key", sorted(OWNER))
def test_keys_of_the_owner_are_reserved(key: str) -> None:
    with pytest.raises(Invalid, match=f"metadata key {key} is reserved"):
        asked({"metadata": {key: "x"}})


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"stripeCustomerId": "nobody", "options": {}}, "stripe customer id must start with cus_"),
        ({"stripeCustomerId": "", "options": {}}, "stripe customer id must start with cus_"),
        ({"options": {"uiMode": "hosted"}}, "success url is required for hosted ui mode"),
        ({"options": {"uiMode": "embedded", "cancelURL": "x"}}, "cancel url is not allowed for embedded ui mode"),
    ],
)
def test_what_cannot_be_asked_is_refused(body: dict[str, Any], problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        rules.check_request(body)


def test_a_request_without_a_mode_needs_nothing() -> None:
    rules.check_request({"stripeCustomerId": None, "options": {}})


def test_the_reply_tells_what_stripe_tells() -> None:
    told = SESSION | {"currency": "usd", "expires_at": 1735776000, "url": "https://x", "cancel_url": None, "status": ""}
    assert rules.checkout_reply(told, "c1", "cus_1") == {
        "customerId": "c1",
        "stripeCustomerId": "cus_1",
        "sessionId": "cs_1",
        "setupIntentId": "seti_1",
        "createdAt": "2025-01-01T00:00:00Z",
        "expiresAt": "2025-01-02T00:00:00Z",
        "mode": "setup",
        "currency": "USD",
        "metadata": {},
        "url": "https://x",
    }


def test_a_portal_session_gets_no_locale() -> None:
    body = {"returnUrl": "https://example.com", "configurationId": "bpc_1", "locale": "fr"}
    rules.check_portal_request(body)
    assert rules.portal_session(body, "cus_1") == {
        "customer": "cus_1",
        "configuration": "bpc_1",
        "return_url": "https://example.com",
    }


@pytest.mark.parametrize(("name", "words"), [("returnUrl", "return url"), ("locale", "locale")])
def test_a_portal_session_takes_no_empty_texts(name: str, words: str) -> None:
    with pytest.raises(Invalid, match=f"{words} cannot be empty if provided"):
        rules.check_portal_request({name: ""})
