"""Billing profiles and customers' Stripe data while their app is reinstalled.

OpenMeter uninstalls no app that a billing profile has, changes the app of none, takes one app for each account at
Stripe, and forgets what an uninstalled app knew of customers. So each profile gives way to a copy with the sandbox app,
and later that to a copy with the new app. All that is needed to go on stands in the copy's metadata: devkit may be
ended in between.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from devkit.adapters.openmeter import ApiError, OpenMeter
from devkit.stripe_app.apps import App, Use
from devkit.stripe_app.profiles import replace_profile
from devkit.stripe_app.work import Work

#: In the metadata of a copy: the profile that it stands for, and the Stripe data of customers.
PARKED, LINKS = "devkit_parked", "devkit_links"
#: In the metadata of a profile: the one whose place it took.
REPLACES = "devkit_replaces"

_SETTINGS = ("name", "description", "metadata", "supplier", "workflow", "default")
_ROLES = ("tax", "invoicing", "payment")
_NOBODY = "nobody"  # the copy of no profile, which only carries the data of customers
_BARE: Mapping[str, Any] = {
    "name": "Stripe customers (devkit, while the app is reinstalled)",
    "supplier": {"name": "devkit", "addresses": [{"country": "US"}]},
    "workflow": {},
    "default": False,
}

Profile = dict[str, Any]
Links = dict[str, list[str | None]]  # by customer: Stripe's customer and payment method


def park(work: Work, app: App, use: Use) -> None:
    """Frees an app of its profiles, and keeps what it knows of customers."""
    openmeter = work.place.openmeter
    links = _links(openmeter, app)
    parked = {_mark(each): each for each in _profiles(openmeter) if _mark(each)}
    wanted: list[tuple[str, Profile]] = [(each["id"], each) for each in use.profiles]
    if not wanted and links and not parked:
        wanted = [(_NOBODY, dict(_BARE))]
    for index, (id_, profile) in enumerate(wanted):
        kept = {LINKS: json.dumps(links)} if links and index == 0 else {}
        copy = parked.get(id_) or _copy(openmeter, profile, _sandbox(openmeter), {PARKED: id_, **kept})
        if id_ != _NOBODY:
            replace_profile(openmeter, profile, copy)


def bring_back(work: Work, app: App) -> None:
    """Puts what was parked back to the app. Nothing happens where nothing was."""
    openmeter = work.place.openmeter
    found = list(_profiles(openmeter))
    parked = [each for each in found if _mark(each)]
    back = {_metadata(each).get(REPLACES): each for each in found if _has(each, app.id)}
    for copy in parked:
        old = _mark(copy)
        _link(work, app, json.loads(_metadata(copy).get(LINKS, "{}")))
        # The copy goes last: it alone knows what is still to be done.
        if old == _NOBODY:
            openmeter.call("deleteBillingProfile", path={"id": copy["id"]})
            continue
        profile = back.get(old) or _copy(openmeter, copy, app.id, {REPLACES: old})
        replace_profile(openmeter, copy, profile)
        work.note(f"the billing profile {profile['name']!r} is {profile['id']} now; it was {old}")


def _links(openmeter: OpenMeter, app: App) -> Links:
    links: Links = {}
    for customer in openmeter.everything("listCustomers"):
        path = {"customerIdOrKey": customer["id"]}
        known = openmeter.call("listCustomerAppData", path=path, query={"type": "stripe"})["items"]
        for data in known:
            if (data.get("app") or {}).get("id", data.get("id")) == app.id:
                links[customer["id"]] = [data["stripeCustomerId"], data.get("stripeDefaultPaymentMethodId")]
    return links


def _link(work: Work, app: App, links: Links) -> None:
    for customer, (stripe_customer, method) in links.items():
        data = {"type": "stripe", "id": app.id, "stripeCustomerId": stripe_customer}
        if method is not None:
            data["stripeDefaultPaymentMethodId"] = method
        try:
            work.place.openmeter.call("upsertCustomerAppData", path={"customerIdOrKey": customer}, body=[data])
        except ApiError as error:
            work.note(f"the customer {customer} is no longer {stripe_customer} at Stripe: {error.message}")


def _sandbox(openmeter: OpenMeter) -> str:
    """The id of the sandbox app, which is installed where it is not."""
    for each in openmeter.everything("listApps"):
        if each["type"] == "sandbox":
            return str(each["id"])
    return str(openmeter.call("marketplaceAppInstall", path={"type": "sandbox"}, body={})["app"]["id"])


def _copy(openmeter: OpenMeter, profile: Profile, app: str, marks: Mapping[str, str]) -> Profile:
    body = {name: profile[name] for name in _SETTINGS if name in profile}
    kept = {name: value for name, value in _metadata(profile).items() if name not in (PARKED, LINKS, REPLACES)}
    body |= {"metadata": {**kept, **marks}, "apps": dict.fromkeys(_ROLES, app)}
    return dict(openmeter.call("createBillingProfile", body=body))


def _profiles(openmeter: OpenMeter) -> Iterator[Profile]:
    return openmeter.everything("listBillingProfiles")


def _metadata(profile: Profile) -> Mapping[str, str]:
    return profile.get("metadata") or {}


def _mark(profile: Profile) -> str:
    return _metadata(profile).get(PARKED, "")


def _has(profile: Profile, app: str) -> bool:
    return bool(profile["apps"]["invoicing"]["id"] == app)
