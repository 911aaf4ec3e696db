"""Customer overrides: the billing profile that a customer has instead of the default one.

Stored: id, customerId, billingProfileId?, createdAt, updatedAt, deletedAt?. Without a profile of its own an override
stands for the default profile of the moment.
"""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.billing.profiles import BillingProfile
from devkit.embedded.domain.billing.refusals import coded
from devkit.embedded.domain.errors import Malformed, Refusal

CustomerOverride = dict[str, Any]


def create(customer_id: str, profile_id: str | None, *, id_: str, now: str) -> CustomerOverride:
    """The first override of a customer; without a profile it pins none."""
    pinned = {"billingProfileId": profile_id} if profile_id is not None else {}
    return {"id": id_, "customerId": customer_id, **pinned, "createdAt": now, "updatedAt": now}


def replace(override: CustomerOverride, profile_id: str, *, now: str) -> CustomerOverride:
    """The override, in force again where it was deleted, on this profile."""
    kept = {name: value for name, value in override.items() if name != "deletedAt"}
    return kept | {"billingProfileId": profile_id, "updatedAt": now}


def deleted(override: CustomerOverride, *, now: str) -> CustomerOverride:
    return override | {"deletedAt": now, "updatedAt": now}


def unknown(customer_id: str) -> Refusal:
    return coded("customer_override_not_found", after=f" [BillingCustomerOverride/{customer_id}]", status=404)


def check_filters(query: Mapping[str, Any]) -> None:
    """Raises Malformed where a list is asked for what contradicts itself."""
    if query.get("customersWithoutPinnedProfile") and query.get("billingProfile"):
        raise Malformed("customersWithoutPinnedProfile cannot be used with billingProfiles")


def shown(
    override: CustomerOverride | None,
    profile: BillingProfile,
    apps: Mapping[str, Any],
    customer: Mapping[str, Any] | None = None,
    *,
    in_list: bool = False,
) -> dict[str, Any]:
    """The BillingProfileCustomerOverrideWithDetails.

    profile:  the one that the customer is billed by
    apps:     by role, references or in full
    customer: where it is asked for
    in_list:  lists name the profile of an override only where it is pinned to one
    """
    details: dict[str, Any] = {
        "baseBillingProfileId": profile["id"],
        "customerProfile": {"supplier": profile["supplier"], "workflow": profile["workflow"], "apps": dict(apps)},
    }
    if override is not None:
        pinned = {"billingProfileId": profile["id"]} if not in_list or "billingProfileId" in override else {}
        details["customerOverride"] = {
            **pinned,
            "customerId": override["id"],  # OpenMeter gives the id of the override itself under this name
            "createdAt": override["createdAt"],
            "updatedAt": override["updatedAt"],
        }
    return details | ({"customer": dict(customer)} if customer is not None else {})
