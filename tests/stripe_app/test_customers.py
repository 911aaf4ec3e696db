"""Customers of OpenMeter become customers at Stripe, once, each with a test card."""

import uuid
from typing import Any

import pytest

from devkit.core.errors import DevkitError
from devkit.stripe_app.customers import LinkResult, link_customers
from devkit.stripe_app.ownership import Owner, owner_in
from tests.stripe_app.billing_place import BillingPlace


@pytest.fixture
def acme() -> str:
    """The key of a customer that no other test has: they share a server."""
    return f"acme-{uuid.uuid4().hex[:8]}"


def _link(place: BillingPlace, *keys: str, owner: Owner | None = None) -> LinkResult:
    return link_customers(place.openmeter, place.access, owner or place.owner, keys)


def _at_stripe(place: BillingPlace) -> dict[str, Any]:
    """By id, as Stripe has them."""
    return {each.id: each.to_dict() for each in place.access.client().v1.customers.list({"limit": 100}).data}


def test_each_gets_a_customer_at_stripe_with_a_card_that_openmeter_knows(billing: BillingPlace, acme: str) -> None:
    ids = [billing.customer(acme, primaryEmail="acme@example.com"), billing.customer(plain := f"{acme}-plain")]
    result = _link(billing, acme, plain, "nobody", acme)
    assert (result.changed, result.missing) == (True, ("nobody",))
    assert [link.key for link in result.links] == [acme, plain]
    assert str(result) == "2 customers at Stripe, 2 new; not found: nobody"
    known = _at_stripe(billing)
    assert [known[link.stripe_customer]["name"] for link in result.links] == [f"The {acme}", f"The {plain}"]
    assert [known[link.stripe_customer]["email"] for link in result.links] == ["acme@example.com", None]
    for id_, link in zip(ids, result.links, strict=True):
        at_stripe = known[link.stripe_customer]
        assert (link.id, link.card) == (id_, True)
        assert at_stripe["metadata"]["om_customer_id"] == id_
        assert owner_in(at_stripe["metadata"]) == billing.owner
        card = billing.access.client().v1.payment_methods.retrieve(
            at_stripe["invoice_settings"]["default_payment_method"]
        )
        assert card.customer == link.stripe_customer
        shown = billing.openmeter.call("listCustomerAppData", path={"customerIdOrKey": id_})["items"]
        assert [each["stripeCustomerId"] for each in shown] == [link.stripe_customer]


def test_the_second_time_nothing_changes_and_stripe_is_hardly_asked(billing: BillingPlace, acme: str) -> None:
    keys = [f"{acme}-{number}" for number in range(5)]
    for key in keys:
        billing.customer(key)
    first = _link(billing, *keys)
    known, asked = _at_stripe(billing), len(billing.requests())
    second = _link(billing, *keys)
    assert second.changed is False
    assert [link.stripe_customer for link in second.links] == [link.stripe_customer for link in first.links]
    assert len(billing.requests()) - asked == 2
    assert _at_stripe(billing) == known


def test_who_is_at_stripe_but_unknown_to_openmeter_is_found_there(billing: BillingPlace, acme: str) -> None:
    """As after the app was removed and installed again, or a run that ended in between."""
    id_ = billing.customer(acme)
    (first,) = _link(billing, acme).links
    path = {"customerIdOrKey": id_, "appId": billing.app}
    billing.openmeter.call("deleteCustomerAppData", path=path)
    (second,) = _link(billing, acme).links
    assert (second.stripe_customer, second.changed) == (first.stripe_customer, True)
    assert len(_at_stripe(billing)) == 1


def test_a_customer_of_another_instance_is_not_taken(billing: BillingPlace, acme: str) -> None:
    id_ = billing.customer(acme)
    (theirs,) = _link(billing, acme, owner=Owner("another", "machine")).links
    billing.openmeter.call("deleteCustomerAppData", path={"customerIdOrKey": id_, "appId": billing.app})
    (ours,) = _link(billing, acme).links
    assert ours.stripe_customer != theirs.stripe_customer


def test_who_was_deleted_at_stripe_is_made_anew(billing: BillingPlace, acme: str) -> None:
    billing.customer(acme)
    (first,) = _link(billing, acme).links
    billing.access.client().v1.customers.delete(first.stripe_customer)
    (second,) = _link(billing, acme).links
    assert (second.stripe_customer != first.stripe_customer, second.card, second.changed) == (True, True, True)
    assert list(_at_stripe(billing)) == [second.stripe_customer]


def test_a_card_that_is_missing_is_given(billing: BillingPlace, acme: str) -> None:
    billing.customer(acme)
    bare = link_customers(billing.openmeter, billing.access, billing.owner, [acme], app=billing.app, card=None)
    assert [link.card for link in bare.links] == [False]
    (link,) = _link(billing, acme).links
    assert (link.stripe_customer, link.card, link.changed) == (bare.links[0].stripe_customer, True, True)


@pytest.mark.parametrize("fault", [{"status": 429, "times": 2}, {"status": 500, "times": 2}, {"drop": True}])
def test_what_passes_by_itself_is_tried_again(billing: BillingPlace, acme: str, fault: dict[str, Any]) -> None:
    billing.customer(acme)
    billing.fail("POST", "customers", **fault)
    billing.fail("GET", "customers", **fault)
    assert _link(billing, acme).changed
    assert len(_at_stripe(billing)) == 1


def test_a_failure_in_between_is_made_good_by_the_next_run(billing: BillingPlace, acme: str) -> None:
    billing.customer(acme)
    billing.fail("POST", "payment_methods/pm_card_visa/attach", status=403, message="not yours")
    with pytest.raises(DevkitError, match="not allowed"):
        _link(billing, acme)
    (link,) = _link(billing, acme).links
    assert link.card
    assert list(_at_stripe(billing)) == [link.stripe_customer]


def test_without_an_app_of_the_account_there_is_nobody_to_tell(billing: BillingPlace, acme: str) -> None:
    billing.customer(acme)
    billing.openmeter.call("uninstallApp", path={"id": billing.app})
    with pytest.raises(DevkitError, match="has no app of the Stripe account acct_") as refused:
        _link(billing, acme)
    assert refused.value.hint == "devkit stripe sync"
    assert _at_stripe(billing) == {}
