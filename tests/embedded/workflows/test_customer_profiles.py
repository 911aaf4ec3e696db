"""Customers whose subscriptions wait to be invoiced stay with their profile when another app becomes the default."""

from typing import Any

import pytest

from devkit.embedded.domain import apps
from devkit.embedded.domain.billing import customer_overrides, profiles
from devkit.embedded.domain.billing.invoices import new_gathering
from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.errors import Plain
from devkit.embedded.store.apps import put_app
from devkit.embedded.store.billing_profiles import default_profile, put_profile
from devkit.embedded.store.customer_overrides import live_override, put_override
from devkit.embedded.store.customers import put_customer
from devkit.embedded.store.invoices import put_invoice
from devkit.embedded.store.store import Store
from devkit.embedded.workflows.customer_profiles import make_default, profile_of_customer

NOW = "2025-01-01T00:00:00Z"
SUBSCRIPTION = {"subscriptionId": "s", "phaseId": "p", "itemId": "i"}


def _profile(store: Store, type_: str) -> BillingProfile:
    app = apps.installed(type_, "", id_=f"app-{type_}", now=NOW)
    put_app(store, app)
    return profiles.first_profile(app["id"], id_=f"profile-{type_}", now=NOW)


def _gather(store: Store, customer: str, **line: Any) -> None:
    invoice = new_gathering(customer, "USD", "GATHER-1", apps={}, id_=f"invoice-{customer}", now=NOW)
    put_invoice(store, invoice | {"lines": [{"id": f"line-{customer}", **line}]})


def _switch(store: Store, type_: str) -> BillingProfile:
    profile = _profile(store, type_)
    make_default(store, profile)
    put_profile(store, profile)
    return profile


@pytest.fixture
def sandbox(store: Store) -> BillingProfile:
    """The default profile, with customers that wait for all kinds of lines."""
    profile = _switch(store, "sandbox")
    _gather(store, "subscriber", subscription=SUBSCRIPTION)
    _gather(store, "former", subscription=SUBSCRIPTION, deletedAt=NOW)
    _gather(store, "buyer")
    _gather(store, "pinned", subscription=SUBSCRIPTION)
    put_override(store, customer_overrides.create("pinned", "elsewhere", id_="o1", now=NOW))
    put_profile(store, {**profile, "id": "elsewhere", "default": False})
    _gather(store, "bare", subscription=SUBSCRIPTION)
    put_override(store, customer_overrides.create("bare", None, id_="o2", now=NOW))
    for customer in ("subscriber", "former", "buyer", "pinned", "bare", "stranger"):
        put_customer(store, {"id": customer, "name": customer, "createdAt": NOW})
    _gather(store, "gone", subscription=SUBSCRIPTION)
    put_customer(store, {"id": "gone", "name": "gone", "createdAt": NOW, "deletedAt": NOW})
    return profile


def test_subscribers_are_pinned_where_the_type_of_the_app_changes(store: Store, sandbox: BillingProfile) -> None:
    custom = _switch(store, "custom_invoicing")
    assert default_profile(store) == custom
    assert profile_of_customer(store, "pinned")["id"] == "elsewhere"
    for customer in ("subscriber", "bare"):
        assert profile_of_customer(store, customer)["id"] == sandbox["id"]
    for customer in ("former", "buyer", "stranger", "gone"):
        assert profile_of_customer(store, customer)["id"] == custom["id"]


def test_nobody_is_pinned_where_it_stays(store: Store, sandbox: BillingProfile) -> None:
    other = {**sandbox, "id": "other"}
    make_default(store, other)
    put_profile(store, other)
    assert live_override(store, "subscriber") is None
    assert profile_of_customer(store, "subscriber")["id"] == "other"


def test_a_deleted_override_comes_back_for_a_subscriber(store: Store, sandbox: BillingProfile) -> None:
    gone = customer_overrides.create("subscriber", "profile-sandbox", id_="gone", now=NOW)
    put_override(store, customer_overrides.deleted(gone, now=NOW))
    _switch(store, "custom_invoicing")
    found = live_override(store, "subscriber")
    assert found is not None
    assert (found["id"], found["billingProfileId"]) == ("gone", sandbox["id"])


def test_without_a_default_profile_nobody_can_be_billed(store: Store) -> None:
    with pytest.raises(Plain) as refused:
        profile_of_customer(store, "stranger")
    assert (refused.value.status, refused.value.extensions["code"]) == (404, "default_profile_not_found")
