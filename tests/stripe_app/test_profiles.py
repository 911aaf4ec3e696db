"""The billing profile of the Stripe app: made once, made the default where asked, moved to an app that came later."""

from typing import Any

import pytest

from devkit.adapters.openmeter import ApiError
from devkit.stripe_app.profiles import MARK, OWN, ensure_profile, pin
from tests.stripe_app.billing_place import BillingPlace


def _profiles(place: BillingPlace) -> list[dict[str, Any]]:
    return list(place.openmeter.call("listBillingProfiles", query={"page": 1, "pageSize": 100})["items"])


def _defaults(place: BillingPlace) -> list[str]:
    return [each["name"] for each in _profiles(place) if each["default"]]


def _sandbox(place: BillingPlace) -> str:
    apps = place.openmeter.call("listApps", query={"page": 1, "pageSize": 100})["items"]
    return next(str(each["id"]) for each in apps if each["type"] == "sandbox")


def _billed_by(place: BillingPlace, customer: str) -> Any:
    found = place.openmeter.call("getBillingProfileCustomerOverride", path={"customerId": customer})
    return found["customerOverride"]["billingProfileId"]


def test_it_is_made_once_and_the_second_call_changes_nothing(billing_alone: BillingPlace) -> None:
    made = ensure_profile(billing_alone.openmeter, billing_alone.app, default=False)
    assert (made.changed, made.default, made.app) == (True, False, billing_alone.app)
    before = _profiles(billing_alone)
    again = ensure_profile(billing_alone.openmeter, billing_alone.app, default=False)
    assert (again.id, again.changed) == (made.id, False)
    assert _profiles(billing_alone) == before
    (profile,) = [each for each in before if each["id"] == made.id]
    assert {role["id"] for role in profile["apps"].values()} == {billing_alone.app}
    assert profile["metadata"] == {MARK: OWN}


def test_it_becomes_the_default_where_asked_and_the_one_before_stays(billing_alone: BillingPlace) -> None:
    made = ensure_profile(billing_alone.openmeter, billing_alone.app, default=False)
    assert _defaults(billing_alone) == ["openmeter-sandbox"]
    asked = ensure_profile(billing_alone.openmeter, billing_alone.app, default=True)
    assert (asked.id, asked.default, asked.changed) == (made.id, True, True)
    assert _defaults(billing_alone) == ["Stripe (devkit)"]
    assert "openmeter-sandbox" in [each["name"] for each in _profiles(billing_alone)]
    assert ensure_profile(billing_alone.openmeter, billing_alone.app, default=True).changed is False
    assert ensure_profile(billing_alone.openmeter, billing_alone.app, default=False).default is True


def test_what_a_user_changed_in_it_stays(billing_alone: BillingPlace) -> None:
    made = ensure_profile(billing_alone.openmeter, billing_alone.app, default=False)
    workflow = {"invoicing": {"autoAdvance": False}, "tax": {"enabled": False}}
    supplier = {"name": "Acme", "addresses": [{"country": "DE"}]}
    body = {"name": "Ours", "supplier": supplier, "workflow": workflow, "default": False, "metadata": {MARK: OWN}}
    billing_alone.openmeter.call("updateBillingProfile", path={"id": made.id}, body=body)
    asked = ensure_profile(billing_alone.openmeter, billing_alone.app, default=True)
    (profile,) = [each for each in _profiles(billing_alone) if each["id"] == asked.id == made.id]
    assert (profile["name"], profile["supplier"]) == ("Ours", supplier)
    assert profile["workflow"]["invoicing"]["autoAdvance"] is False


def test_it_moves_to_another_app_with_its_customers_and_being_the_default(billing_alone: BillingPlace) -> None:
    old = ensure_profile(billing_alone.openmeter, _sandbox(billing_alone), default=True)
    pinned, deleted = billing_alone.customer("pinned"), billing_alone.customer("deleted")
    for customer in (pinned, deleted):
        assert pin(billing_alone.openmeter, customer, old.id) is True
        assert pin(billing_alone.openmeter, customer, old.id) is False
    billing_alone.openmeter.call("deleteCustomer", path={"customerIdOrKey": deleted})

    moved = ensure_profile(billing_alone.openmeter, billing_alone.app, default=False)

    assert (moved.changed, moved.default, moved.replaced) == (True, True, (old.id,))
    assert _billed_by(billing_alone, pinned) == moved.id
    marked = [each["id"] for each in _profiles(billing_alone) if (each.get("metadata") or {}).get(MARK)]
    assert marked == [moved.id]
    assert ensure_profile(billing_alone.openmeter, billing_alone.app, default=False).changed is False


def test_an_app_that_is_not_there_is_openmeters_refusal(billing_alone: BillingPlace) -> None:
    with pytest.raises(ApiError, match="not found"):
        ensure_profile(billing_alone.openmeter, "01G65Z755AFWAKHE12NY0CQ9FH", default=False)
