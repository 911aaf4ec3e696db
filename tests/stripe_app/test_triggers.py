"""Triggers, from OpenMeter to Stripe and back by signed webhooks."""

import json
from dataclasses import asdict

import pytest

from devkit.core.errors import DevkitError, UsageError
from devkit.stripe_app.profiles import ensure_profile
from devkit.stripe_app.triggers import TRIGGERS
from tests.stripe_app.billing_place import BillingPlace

_ENDS = {
    "invoice.paid": "paid",
    "invoice.payment_failed": "payment_processing.failed",
    "invoice.voided": "voided",
    "invoice.marked_uncollectible": "uncollectible",
}


def _extended(place: BillingPlace, invoice: str) -> str:
    found = place.openmeter.call("getInvoice", path={"invoiceId": invoice})
    return str(found["statusDetails"]["extendedStatus"])


def test_invoices_end_here_as_they_ended_at_stripe(billing: BillingPlace) -> None:
    for name, state in _ENDS.items():
        result = billing.trigger(name)
        assert _extended(billing, result.ids["invoice"]) == state
        assert result.states[-1] == f"OpenMeter: invoice {state}"
        assert result.links["invoice"].startswith("https://invoice.stripe.com/")
        delivered = [each for each in billing.control("state")["deliveries"] if each["type"] == name]
        assert [each["status"] for each in delivered][-1:] == [201]


def test_each_state_of_a_paid_invoice_is_told(billing: BillingPlace) -> None:
    result = billing.trigger("invoice.paid")
    assert list(result.states) == billing.told
    assert billing.told[0].startswith("OpenMeter: customer devkit-trigger is cus_")
    assert billing.told[1:] == [
        "OpenMeter: invoice payment_processing.pending",
        "Stripe: invoice open",
        "Stripe: invoice paid",
        "OpenMeter: invoice paid",
    ]
    assert billing.trigger("invoice.paid").ids["invoice"] != result.ids["invoice"]


def test_the_default_profile_does_not_matter_and_stays(billing_alone: BillingPlace) -> None:
    def default() -> list[str]:
        profiles = billing_alone.openmeter.call("listBillingProfiles", query={"page": 1, "pageSize": 100})["items"]
        return [each["name"] for each in profiles if each["default"]]

    before = default()
    billing_alone.trigger("invoice.paid")
    assert default() == before == ["openmeter-sandbox"]


def test_a_card_left_at_stripe_is_taken_from_then_on(billing: BillingPlace) -> None:
    result = billing.trigger("setup_intent.succeeded")
    known = billing.openmeter.call("getCustomerStripeAppData", path={"customerIdOrKey": "devkit-trigger"})
    assert known["stripeDefaultPaymentMethodId"] == result.ids["card"]
    assert billing.trigger("invoice.paid").states[-1] == "OpenMeter: invoice paid"


def test_a_checkout_leads_to_a_page_and_says_how_it_is_completed(billing: BillingPlace) -> None:
    result = billing.trigger("checkout")
    assert result.links["checkout"] == f"https://checkout.stripe.com/c/pay/{result.ids['checkout']}"
    assert f"/_standin/checkout/{result.ids['checkout']}/complete" in result.note
    session = billing.access.client().v1.checkout.sessions.retrieve(result.ids["checkout"])
    assert session.customer == result.ids["Stripe customer"]
    assert billing.trigger("checkout").ids["Stripe customer"] == result.ids["Stripe customer"]


def test_a_webhook_that_does_not_come_is_told_with_what_both_sides_say(billing: BillingPlace) -> None:
    billing.disable_webhooks()
    with pytest.raises(DevkitError, match="it is payment_processing") as late:
        billing.trigger("invoice.paid", within=0.5)
    told = "\n".join(late.value.evidence)
    assert "OpenMeter: invoice DEV-0001 payment_processing.pending" in told
    assert "paid\nStripe: event evt_" in told
    assert "invoice.paid, 0 webhooks pending" in told
    assert "devkit stripe status" in str(late.value.hint)
    with pytest.raises(DevkitError, match="in vain"):
        billing.trigger("setup_intent.succeeded", within=0.5)


def test_what_stripe_does_not_tell_hides_nothing(billing: BillingPlace) -> None:
    billing.disable_webhooks()
    billing.fail("GET", "events", status=403, message="no permission")
    with pytest.raises(DevkitError, match="to become voided here") as late:
        billing.trigger("invoice.voided", within=0.5)
    assert late.value.evidence[-1].startswith("could not list Stripe's events: the key is not allowed to")


def test_an_invoice_that_waits_for_approval_is_approved(billing_alone: BillingPlace) -> None:
    profile = ensure_profile(billing_alone.openmeter, billing_alone.app, default=False)
    found = billing_alone.openmeter.call("getBillingProfile", path={"id": profile.id})
    body = {name: found[name] for name in ("name", "metadata", "supplier", "default")}
    body["workflow"] = found["workflow"] | {"invoicing": {"autoAdvance": False}}
    billing_alone.openmeter.call("updateBillingProfile", path={"id": profile.id}, body=body)
    states = billing_alone.trigger("invoice.paid").states
    assert states[1:3] == (
        "OpenMeter: invoice draft.manual_approval_needed",
        "OpenMeter: invoice payment_processing.pending",
    )
    assert states[-1] == "OpenMeter: invoice paid"


def test_an_invoice_that_stripe_refuses_is_told_with_its_reason(billing: BillingPlace) -> None:
    billing.fail("POST", "invoiceitems", status=400, message="no such thing", times=10)
    with pytest.raises(DevkitError, match=r"could not issue .* draft.sync_failed") as refused:
        billing.trigger("invoice.paid")
    assert "no such thing" in "\n".join(refused.value.evidence)


@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 500}, {"drop": True}])
def test_what_passes_by_itself_at_stripe_does_not_end_a_trigger(
    billing: BillingPlace, fault: dict[str, object]
) -> None:
    billing.fail("POST", "customers", **fault)
    billing.fail("GET", "events", **fault)
    assert billing.trigger("invoice.paid").states[-1] == "OpenMeter: invoice paid"


def test_no_secret_stands_in_a_result(billing: BillingPlace) -> None:
    results = [asdict(billing.trigger(name)) for name in TRIGGERS]
    said = json.dumps([results, billing.told])
    assert billing.access.key not in said
    assert "sk_test" not in said
    assert "whsec" not in said


def test_a_name_that_is_none_is_refused_with_the_nearest(billing: BillingPlace) -> None:
    with pytest.raises(UsageError, match=r"no trigger 'invoice.payed'") as refused:
        billing.trigger("invoice.payed")
    assert str(refused.value.hint).startswith("did you mean invoice.paid?")
