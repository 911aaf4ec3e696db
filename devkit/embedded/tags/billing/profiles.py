"""Billing profiles: create, read, replace, delete, list."""

from typing import Any

from devkit.embedded.domain.billing import profiles as rules
from devkit.embedded.domain.billing.profiles import ROLES, BillingProfile
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import envelope, window
from devkit.embedded.http.routing import Route
from devkit.embedded.store.billing_profiles import find_profile, profile_page, put_profile
from devkit.embedded.store.customer_overrides import customers_pinned_to
from devkit.embedded.workflows.customer_apps import app_by_id, shown_apps
from devkit.embedded.workflows.customer_profiles import make_default


def list_profiles(call: Call) -> Reply:
    """Newest first where no order is asked for; `expand` changes nothing, as in OpenMeter."""
    limit, offset = window(call.query)
    items, total = profile_page(
        call.store,
        order=call.query.get("orderBy", "createdAt"),
        descending=call.query.get("order") != "ASC",
        deleted=call.query.get("includeArchived", False),
        limit=limit,
        offset=offset,
    )
    return Reply(200, envelope(items, total, call.query))


def create_profile(call: Call) -> Reply:
    profile = rules.create(call.body, id_=call.store.new_id(), now=_now(call))
    for role in ROLES:
        app_by_id(call.store, profile["apps"][role]["id"], call.settings.namespace)
    rules.check_apps(profile)
    rules.check_no_tax_code(profile["workflow"])
    return Reply(201, _write(call, profile))


def get_profile(call: Call) -> Reply:
    profile = _known(call)
    return Reply(200, _in_full(call, profile) if "apps" in call.query.get("expand", ()) else profile)


def update_profile(call: Call) -> Reply:
    rules.workflow_of(call.body["workflow"])  # settings that cannot be read fail before the profile is looked for
    return Reply(200, _write(call, rules.replace(_known(call), call.body, now=_now(call))))


def delete_profile(call: Call) -> Reply:
    """A deleted profile may be deleted again; nothing happens."""
    profile = _known(call)
    if "deletedAt" not in profile:
        pinned = customers_pinned_to(call.store, profile["id"])
        put_profile(call.store, rules.deleted(profile, pinned, now=_now(call)))
    return Reply(204)


def _known(call: Call) -> BillingProfile:
    found = find_profile(call.store, call.path["id"])
    if found is None:
        raise rules.unknown(call.path["id"])
    return found


def _write(call: Call, profile: BillingProfile) -> dict[str, Any]:
    if profile["default"]:
        make_default(call.store, profile)
    put_profile(call.store, profile)
    return _in_full(call, profile)


def _in_full(call: Call, profile: BillingProfile) -> dict[str, Any]:
    return profile | {"apps": shown_apps(call.store, profile, call.settings.namespace)}


def _now(call: Call) -> str:
    return format_instant(call.store.now())


ROUTES = (
    Route("listBillingProfiles", list_profiles),
    Route("createBillingProfile", create_profile),
    Route("getBillingProfile", get_profile),
    Route("updateBillingProfile", update_profile),
    Route("deleteBillingProfile", delete_profile),
)
