from typing import Any

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.asgi import ask
from tests.embedded.tags.billing.scenes import (
    create_customer,
    create_profile,
    default_profile,
    override,
    sandbox_id,
)

NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PATH = "/api/v1/billing/customers"


@pytest.fixture
def profile(app: Application) -> str:
    return create_profile(app, sandbox_id(app))


def _listed(app: Application, query: str) -> list[str]:
    """The keys of the listed customers."""
    items = ask(app, "GET", f"{PATH}?expand=customer&page=1&pageSize=10&{query}").json["items"]
    return [item["customer"]["key"] for item in items]


def test_a_customer_without_an_override_has_the_default_profile(app: Application) -> None:
    answer = ask(app, "GET", f"{PATH}/{create_customer(app)}").json
    assert answer["baseBillingProfileId"] == default_profile(app)["id"]
    assert "customerOverride" not in answer
    assert answer["customerProfile"]["apps"]["tax"]["listing"]["type"] == "sandbox"  # in full, though not asked for


def test_an_override_pins_a_profile_until_it_is_deleted(app: Application, profile: str) -> None:
    customer = create_customer(app)
    written = override(app, customer, profile).json
    assert written["baseBillingProfileId"] == written["customerOverride"]["billingProfileId"] == profile
    assert written["customerProfile"]["apps"]["tax"] == {"id": sandbox_id(app)}
    assert ask(app, "GET", f"{PATH}/{customer}").json == written
    assert ask(app, "DELETE", f"{PATH}/{customer}").status == 204
    assert ask(app, "GET", f"{PATH}/{customer}").json["baseBillingProfileId"] == default_profile(app)["id"]
    again = override(app, customer, profile).json
    assert again["customerOverride"]["customerId"] == written["customerOverride"]["customerId"]


def test_an_override_without_a_profile_follows_the_default_one_until_it_is_written_again(app: Application) -> None:
    customer = create_customer(app)
    first = default_profile(app)["id"]
    assert override(app, customer).json["baseBillingProfileId"] == first
    second = create_profile(app, sandbox_id(app), default=True)
    assert ask(app, "GET", f"{PATH}/{customer}").json["baseBillingProfileId"] == second
    assert override(app, customer).json["baseBillingProfileId"] == second  # it is pinned from now on
    create_profile(app, sandbox_id(app), default=True)
    assert ask(app, "GET", f"{PATH}/{customer}").json["baseBillingProfileId"] == second


def test_what_is_expanded_is_asked_for(app: Application, profile: str) -> None:
    customer = create_customer(app, profile_id=profile)
    full = ask(app, "GET", f"{PATH}/{customer}?expand=apps&expand=customer").json
    assert full["customer"]["key"] == "acme"
    assert full["customerProfile"]["apps"]["invoicing"]["name"] == "Sandbox"
    assert "customer" not in override(app, customer, profile).json


def test_what_does_not_exist_is_refused(app: Application, profile: str) -> None:
    customer = create_customer(app)
    assert ask(app, "GET", f"{PATH}/{NOWHERE}").status == 404
    assert override(app, NOWHERE, profile).status == 500  # as OpenMeter's foreign key refuses it
    assert override(app, customer, NOWHERE).status == 500
    for id_ in (NOWHERE, customer):
        answer = ask(app, "DELETE", f"{PATH}/{id_}")
        assert (answer.status, answer.json["extensions"]["code"]) == (404, "customer_override_not_found")
        assert answer.json["detail"] == f"customer override not found [BillingCustomerOverride/{id_}]"


def test_a_deleted_customer_keeps_its_override_but_is_in_no_list(app: Application, profile: str) -> None:
    customer = create_customer(app, profile_id=profile)
    ask(app, "DELETE", f"/api/v1/customers/{customer}")
    assert ask(app, "GET", f"{PATH}/{customer}").json["baseBillingProfileId"] == profile
    assert _listed(app, "includeAllCustomers=true") == []
    assert ask(app, "DELETE", f"/api/v1/billing/profiles/{profile}").status == 400
    assert ask(app, "DELETE", f"{PATH}/{customer}").status == 204
    assert ask(app, "DELETE", f"/api/v1/billing/profiles/{profile}").status == 204


@pytest.fixture
def four(app: Application, profile: str) -> dict[str, str]:
    """One customer pinned, one with an override alone, one that had an override, one that never had any."""
    customers = {key: create_customer(app, key, name=f"The {key}") for key in ("pinned", "bare", "former", "never")}
    override(app, customers["pinned"], profile)
    override(app, customers["bare"])
    override(app, customers["former"], profile)
    ask(app, "DELETE", f"{PATH}/{customers['former']}")
    return customers


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"pinned", "bare"}),
        ("includeAllCustomers=true", {"pinned", "bare", "never"}),
        ("customersWithoutPinnedProfile=true", {"former", "never"}),
        ("customerKey=pinned", {"pinned"}),
        ("customerKey=pin", set()),
        ("customerName=THE%20B", {"bare"}),
        (f"customerId={NOWHERE}", set()),
        (f"billingProfile={NOWHERE}", set()),
    ],
)
def test_lists_show_who_is_asked_for(app: Application, four: dict[str, str], query: str, keys: set[str]) -> None:
    assert len(four) == 4
    assert set(_listed(app, query)) == keys


def test_a_list_by_profile_counts_who_is_pinned_and_by_default_who_never_was(
    app: Application, profile: str, four: dict[str, str]
) -> None:
    assert len(four) == 4
    assert _listed(app, f"billingProfile={profile}") == ["pinned"]
    assert _listed(app, f"billingProfile={profile}&includeAllCustomers=true") == ["pinned"]
    default = default_profile(app)["id"]
    assert _listed(app, f"billingProfile={default}&includeAllCustomers=true") == ["never"]


def test_lists_are_ordered_newest_first_or_as_asked_for(app: Application, four: dict[str, str]) -> None:
    assert len(four) == 4
    assert _listed(app, "includeAllCustomers=true") == ["never", "bare", "pinned"]
    assert _listed(app, "includeAllCustomers=true&orderBy=customerKey&order=ASC") == ["bare", "never", "pinned"]


def test_customers_without_the_field_of_the_order_come_last_or_turned_around_first(app: Application) -> None:
    for key, email in (("b", "b@example.com"), ("none", None), ("a", "a@example.com")):
        create_customer(app, key, **({"primaryEmail": email} if email else {}))
    everyone = "includeAllCustomers=true&orderBy=customerPrimaryEmail"
    assert _listed(app, f"{everyone}&order=ASC") == ["a", "b", "none"]
    assert _listed(app, f"{everyone}&order=DESC") == ["none", "b", "a"]


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("", {"page": 0, "pageSize": 0, "totalCount": 2}),
        ("page=3", {"page": 3, "pageSize": 0, "totalCount": 2}),
        ("page=2&pageSize=1", {"page": 2, "pageSize": 1, "totalCount": 2}),
    ],
)
def test_without_a_size_everything_is_on_every_page(
    app: Application, four: dict[str, str], query: str, page: dict[str, Any]
) -> None:
    assert len(four) == 4
    answer = ask(app, "GET", f"{PATH}?{query}").json
    assert {name: answer[name] for name in page} == page
    assert len(answer["items"]) == (answer["pageSize"] or answer["totalCount"])


def test_a_size_needs_a_page_and_filters_must_not_contradict_each_other(app: Application) -> None:
    assert ask(app, "GET", f"{PATH}?pageSize=5").status == 500  # as OpenMeter answers
    answer = ask(app, "GET", f"{PATH}?customersWithoutPinnedProfile=true&billingProfile={NOWHERE}&page=1&pageSize=5")
    assert answer.json["detail"] == "customersWithoutPinnedProfile cannot be used with billingProfiles"
