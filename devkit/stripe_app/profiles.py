"""The billing profile that bills through the Stripe app.

OpenMeter never changes the apps of a profile. One that belongs to another app is replaced: the new one takes over its
settings, the customers that are pinned to it and being the default, and then it is deleted.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from devkit.adapters.openmeter import ApiError, OpenMeter

MARK, OWN = "devkit_profile", "stripe"  # in the metadata

_ROLES = ("tax", "invoicing", "payment")  # OpenMeter wants the same app for all of them
_SETTINGS = ("name", "description", "metadata", "supplier", "workflow", "default")
_REFERENCED = "profile_referenced"
_ULID = re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b")

# Stripe calculates no tax for an account that has not said where its office is, as new ones have not.
_AT_FIRST: Mapping[str, Any] = {
    "name": "Stripe (devkit)",
    "description": "Bills through the Stripe app that devkit installed.",
    "metadata": {MARK: OWN},
    "supplier": {"name": "devkit", "addresses": [{"country": "US"}]},
    "workflow": {"tax": {"enabled": False}},
    "default": False,
}

Profile = dict[str, Any]


@dataclass(frozen=True)
class ProfileResult:
    """id: of the profile; app: what it bills through; replaced: the profiles whose place it took, by id"""

    id: str
    app: str
    default: bool
    changed: bool
    replaced: tuple[str, ...] = ()


def ensure_profile(openmeter: OpenMeter, app: str, *, default: bool) -> ProfileResult:
    """Devkit's billing profile with this app: made, or found as it should be.

    default: whether it becomes the default one. The one before stays, as one that customers can be pinned to; and what
    is the default already remains so, since OpenMeter takes that from none. Raises ApiError and UnreachableError.
    """
    found = [each for each in _all(openmeter) if (each.get("metadata") or {}).get(MARK) == OWN]
    fitting = next((each for each in found if _app_of(each) == app), None)
    others = [each for each in found if each is not fitting]
    wanted = default or any(each["default"] for each in others)
    profile = fitting or _create(openmeter, {**_AT_FIRST, **_settings(others[0] if others else {})}, app, wanted)
    if wanted and not profile["default"]:
        profile = _make_default(openmeter, profile)
    for other in others:
        replace_profile(openmeter, other, profile)
    return ProfileResult(
        id=profile["id"],
        app=app,
        default=profile["default"],
        changed=profile is not fitting or bool(others),
        replaced=tuple(each["id"] for each in others),
    )


def pin(openmeter: OpenMeter, customer: str, profile: str) -> bool:
    """Has a customer billed by a profile, whatever the default one is. Returns whether that is new.

    customer, profile: ids
    """
    path = {"customerId": customer}
    now = openmeter.call("getBillingProfileCustomerOverride", path=path).get("customerOverride") or {}
    if now.get("billingProfileId") == profile:
        return False
    openmeter.call("upsertBillingProfileCustomerOverride", path=path, body={"billingProfileId": profile})
    return True


def replace_profile(openmeter: OpenMeter, old: Profile, new: Profile) -> None:
    """Pins the old profile's customers to the new one, and deletes the old one."""
    for customer in list(_pinned_to(openmeter, old)):
        path = {"customerId": customer}
        openmeter.call("upsertBillingProfileCustomerOverride", path=path, body={"billingProfileId": new["id"]})
    try:
        openmeter.call("deleteBillingProfile", path={"id": old["id"]})
    except ApiError as error:
        if not (gone := _deleted_customers(error)):
            raise
        for customer in gone:
            openmeter.call("deleteBillingProfileCustomerOverride", path={"customerId": customer})
        openmeter.call("deleteBillingProfile", path={"id": old["id"]})


def _all(openmeter: OpenMeter) -> Iterator[Profile]:
    return openmeter.everything("listBillingProfiles", orderBy="createdAt", order="ASC")


def _app_of(profile: Profile) -> str:
    return str(profile["apps"]["invoicing"]["id"])


def _settings(profile: Profile) -> dict[str, Any]:
    """What a profile says of itself, as a request."""
    return {name: profile[name] for name in _SETTINGS if name in profile}


def _create(openmeter: OpenMeter, settings: Mapping[str, Any], app: str, default: bool) -> Profile:
    body = {**settings, "default": default, "apps": dict.fromkeys(_ROLES, app)}
    return dict(openmeter.call("createBillingProfile", body=body))


def _make_default(openmeter: OpenMeter, profile: Profile) -> Profile:
    body = {**_settings(profile), "default": True}
    return dict(openmeter.call("updateBillingProfile", path={"id": profile["id"]}, body=body))


def _pinned_to(openmeter: OpenMeter, profile: Profile) -> Iterator[str]:
    """The ids of the customers, which only the expanded list tells."""
    query = {"billingProfile": [profile["id"]], "expand": ["customer"]}
    for each in openmeter.everything("listBillingProfileCustomerOverrides", **query):
        if each.get("customerOverride"):
            yield each["customer"]["id"]


def _deleted_customers(error: ApiError) -> list[str]:
    """Who still refers to a profile: no list has them, but the refusal names them."""
    if (error.problem.get("extensions") or {}).get("code") != _REFERENCED:
        return []
    _, _, customers = str(error.problem.get("detail", "")).partition("customer_ids=")
    return _ULID.findall(customers)
