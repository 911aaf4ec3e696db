"""Billing profiles: who bills, how invoices are collected, issued and paid, and the apps that do it.

A profile is stored as the API shows it, with references to its apps.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from devkit.embedded.domain import durations
from devkit.embedded.domain.billing.refusals import coded
from devkit.embedded.domain.durations import Duration, DurationError
from devkit.embedded.domain.errors import InternalFailure, Invalid, Malformed, Refusal

BillingProfile = dict[str, Any]
Workflow = dict[str, Any]

ROLES = ("tax", "invoicing", "payment")
_ADDRESS = ("country", "postalCode", "state", "city", "line1", "line2", "phoneNumber")
_TAX_CONFIG = ("behavior", "stripe", "taxCodeId")
_PRORATION = "subscriptionEndProrationMode"
_DEPRECATED_TAX_CODE = (
    "setting a tax code (stripe.code / taxCodeId) on a billing profile's defaultTaxConfig is deprecated and can no"
    " longer be added or changed; the organization default tax code is used instead. You may still remove it."
    " (behavior is unaffected.)"
)

#: The workflow of a profile that asks for nothing.
DEFAULT_WORKFLOW: Workflow = {
    "collection": {"alignment": {"type": "subscription"}, "interval": "PT1H"},
    "invoicing": {
        "autoAdvance": True,
        "draftPeriod": "P0D",
        "dueAfter": "P30D",
        "progressiveBilling": True,
        _PRORATION: "bill_actual_period",
    },
    "payment": {"collectionMethod": "charge_automatically"},
    "tax": {"enabled": True, "enforced": False},
}
#: The settings that are durations, by group, and what they are called in a refusal.
_DURATIONS = (("collection", "interval"), ("invoicing", "draftPeriod"), ("invoicing", "dueAfter"))


def first_profile(app_id: str, *, id_: str, now: str) -> BillingProfile:
    """The default profile that OpenMeter makes for itself; the app does all of its work."""
    return {
        "id": id_,
        "name": "openmeter-sandbox",
        "description": "Default profile for OpenMeter sandbox",
        "default": True,
        "supplier": {"name": "OpenMeter", "addresses": [{"country": "US"}]},
        "workflow": DEFAULT_WORKFLOW,
        "apps": {role: {"id": app_id} for role in ROLES},
        "createdAt": now,
        "updatedAt": now,
    }


def create(body: Mapping[str, Any], *, id_: str, now: str) -> BillingProfile:
    """A new profile; its apps are looked at with `check_apps` and `check_no_tax_code`. Raises Malformed."""
    workflow = workflow_of(body["workflow"])
    check_supplier(body["supplier"])
    if problem := _workflow_problem(workflow):
        raise Malformed(f"invalid workflow config: {problem}")
    return {
        "id": id_,
        "name": body["name"],
        **_optional(body),
        "default": body["default"],
        "supplier": supplier_of(body["supplier"]),
        "workflow": workflow,
        "apps": {role: {"id": body["apps"][role]} for role in ROLES},
        "createdAt": now,
        "updatedAt": now,
    }


def replace(profile: BillingProfile, body: Mapping[str, Any], *, now: str) -> BillingProfile:
    """The profile that an update leaves: all replaced but its apps and a description that is left out.

    Raises Malformed, Invalid and coded refusals.
    """
    proration = {_PRORATION: profile["workflow"]["invoicing"][_PRORATION]}
    workflow = workflow_of(body["workflow"], proration)
    if "deletedAt" in profile:
        raise coded("profile_already_deleted", after=f" [id={profile['id']}]")
    if profile["default"] and not body["default"]:
        raise coded("default_profile_cannot_be_unset", after=f" [id={profile['id']}]")
    if problem := _workflow_problem(workflow):
        raise Malformed(f"invalid workflow configuration: {problem}")
    check_supplier(body["supplier"])
    check_no_tax_code(workflow)
    kept: BillingProfile = {
        name: profile[name] for name in ("id", "description", "apps", "createdAt") if name in profile
    }
    return {
        **kept,
        **_optional(body),
        "name": body["name"],
        "default": body["default"],
        "supplier": supplier_of(body["supplier"]),
        "workflow": workflow,
        "updatedAt": now,
    }


def demoted(profile: BillingProfile, *, now: str) -> BillingProfile:
    """The profile that was the default one until now."""
    return {**profile, "default": False, "updatedAt": now}


def deleted(profile: BillingProfile, customer_ids: Sequence[str], *, now: str) -> BillingProfile:
    """The deleted profile. Raises a coded refusal.

    customer_ids: the customers that are pinned to it
    """
    if profile["default"]:
        raise coded("default_profile_cannot_be_deleted", after=f" [id={profile['id']}]")
    if customer_ids:
        pinned = f"[{' '.join(customer_ids)}]"
        raise coded("profile_referenced", after=f" [profile_id={profile['id']}, customer_ids={pinned}]")
    return {**profile, "deletedAt": now, "updatedAt": now}


def unknown(id_: str) -> Refusal:
    return coded("profile_not_found", after=f" [id={id_}]", status=404)


def no_default() -> Refusal:
    return coded("default_profile_not_found", status=404)


def check_apps(profile: BillingProfile) -> None:
    """One app does all the work of a profile. Raises Malformed."""
    if len({profile["apps"][role]["id"] for role in ROLES}) > 1:
        raise Malformed("all apps must be the same")


def check_no_tax_code(workflow: Workflow) -> None:
    """No profile can get a tax code of its own, and none has one from before. Raises Invalid."""
    config = workflow["invoicing"].get("defaultTaxConfig", {})
    if config.get("taxCodeId") is not None or (config.get("stripe") or {}).get("code"):
        raise Invalid(_DEPRECATED_TAX_CODE)


def check_supplier(party: Mapping[str, Any]) -> None:
    """Raises Malformed."""
    if problem := supplier_problem(party):
        raise Malformed(f"invalid supplier: {problem}")


def supplier_problem(party: Mapping[str, Any]) -> str | None:
    """What a supplier lacks: it needs a name and a country."""
    if not party.get("name"):
        return "name is required"
    return None if _first_address(party).get("country") else "country is required"


def supplier_of(party: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a supplier: no key, and a tax id only beside an address."""
    address = _first_address(party)
    supplier = {"name": party["name"], "addresses": [{name: address[name] for name in _ADDRESS if name in address}]}
    code = (party.get("taxId") or {}).get("code")
    return supplier | ({"taxId": {"code": code}} if code is not None else {})


def workflow_of(given: Mapping[str, Any], also_default: Mapping[str, Any] | None = None) -> Workflow:
    """The workflow that settings ask for; what they leave out is the default, the alignment always.

    also_default: settings of invoicing that stand for the default ones
    Raises InternalFailure where a duration is none, as OpenMeter answers.
    """
    workflow = {group: {**settings, **_given(given, group)} for group, settings in DEFAULT_WORKFLOW.items()}
    workflow["collection"]["alignment"] = DEFAULT_WORKFLOW["collection"]["alignment"]
    workflow["invoicing"] = {**workflow["invoicing"], **(also_default or {}), **_given(given, "invoicing")}
    for group, name in _DURATIONS:
        workflow[group][name] = str(_duration(workflow[group][name]))
    if not workflow["invoicing"].get("defaultTaxConfig", True):
        del workflow["invoicing"]["defaultTaxConfig"]
    return workflow


def _given(settings: Mapping[str, Any], group: str) -> dict[str, Any]:
    found: Mapping[str, Any] = settings.get(group) or {}
    known = {name: found[name] for name in DEFAULT_WORKFLOW[group] if found.get(name) is not None}
    if group == "invoicing" and found.get("defaultTaxConfig") is not None:
        config = found["defaultTaxConfig"]
        known["defaultTaxConfig"] = {name: config[name] for name in _TAX_CONFIG if config.get(name) is not None}
    return known


def _duration(text: str) -> Duration:
    try:
        return durations.parse(text)
    except DurationError as error:
        raise InternalFailure(str(error)) from error


def _workflow_problem(workflow: Workflow) -> str | None:
    """What is wrong with a workflow, in OpenMeter's words."""
    invoicing, tax = workflow["invoicing"], workflow["tax"]
    if _duration(workflow["collection"]["interval"]).sign < 0:
        return "invalid collection config: item collection period must be greater or equal to 0"
    if invoicing["autoAdvance"] and _duration(invoicing["draftPeriod"]).sign < 0:
        return "invalid invoice config: draft period must be greater or equal to 0"
    if _duration(invoicing["dueAfter"]).sign < 0:
        return "invalid invoice config: due after must be greater or equal to 0"
    if tax["enforced"] and not tax["enabled"]:
        return "invalid tax config: tax is enforced but tax is not enabled"
    return None


def _first_address(party: Mapping[str, Any]) -> Mapping[str, Any]:
    addresses: Sequence[Mapping[str, Any]] = party.get("addresses") or [{}]
    return addresses[0]


def _optional(body: Mapping[str, Any]) -> dict[str, Any]:
    found = {"description": body["description"]} if body.get("description") is not None else {}
    return found | ({"metadata": body["metadata"]} if body.get("metadata") else {})
