"""The add-ons of plans. In paths an assignment goes by the id of its add-on."""

from devkit.embedded.domain.catalog import addons, plans, versions
from devkit.embedded.domain.catalog import plan_addons as rules
from devkit.embedded.domain.catalog.addons import Addon
from devkit.embedded.domain.catalog.plan_addons import PlanAddon
from devkit.embedded.domain.catalog.plans import Plan
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.addons import (
    addon_by_id,
    plan_addon,
    plan_addons_of_addon,
    plan_addons_of_plan,
    put_plan_addon,
)
from devkit.embedded.store.plans import plan_by_id


def list_plan_addons(call: Call) -> Reply:
    """Those of the plan and those of the add-ons that `id` and `key` name, of whatever plan."""
    deleted = call.query.get("includeDeleted", False)
    found = plan_addons_of_plan(call.store, call.path["planId"], deleted=deleted)
    for addon in (*call.query.get("id", ()), *call.query.get("key", ())):
        found += plan_addons_of_addon(call.store, addon, deleted=deleted)
    unique = {assignment["id"]: assignment for assignment in found}
    page = page_of(rules.in_order(list(unique.values()), call.query), call.query)
    return Reply(200, page | {"items": [_shown(call, assignment) for assignment in page["items"]]})


def create_plan_addon(call: Call) -> Reply:
    plan_id, addon_id, namespace = call.path["planId"], call.body["addonId"], call.settings.namespace
    if plan_addon(call.store, plan_id, addon_id) is not None:
        raise rules.exists_already(namespace, plan_id, addon_id)
    plan = plan_by_id(call.store, plan_id)
    if plan is None:
        raise rules.unknown_part("Plan", plans.unknown(namespace, id_=plan_id))
    rules.check_new_plan(plan, namespace, call.store.now())
    addon = addon_by_id(call.store, addon_id)
    if addon is None:
        raise rules.unknown_part("add-on", addons.unknown(namespace, addon_id))
    rules.check_new_addon(addon, namespace, call.store.now())
    made = rules.create(call.body, plan, addon, id_=call.store.new_id(), now=_now(call))
    return Reply(201, _written(call, made))


def get_plan_addon(call: Call) -> Reply:
    return Reply(200, _shown(call, _required(call)))


def update_plan_addon(call: Call) -> Reply:
    assignment = _required(call)
    plan, addon = _parts(call, assignment)
    rules.check_plan(plan, call.store.now())
    changed = rules.replace(assignment, call.body, now=_now(call))
    addons.refuse(rules.issues_of(changed, plan, addon, call.store.now()))
    return Reply(200, _written(call, changed))


def delete_plan_addon(call: Call) -> Reply:
    assignment = _required(call)
    rules.check_plan(_parts(call, assignment)[0], call.store.now())
    put_plan_addon(call.store, versions.deleted(assignment, now=_now(call)))
    return Reply(204)


def _required(call: Call) -> PlanAddon:
    plan, addon = call.path["planId"], call.path["planAddonId"]
    found = plan_addon(call.store, plan, addon)
    if found is None:
        raise rules.unknown(call.settings.namespace, plan, addon)
    return found


def _parts(call: Call, assignment: PlanAddon) -> tuple[Plan, Addon]:
    plan, addon = plan_by_id(call.store, assignment["planId"]), addon_by_id(call.store, assignment["addonId"])
    assert plan is not None
    assert addon is not None
    return plan, addon


def _shown(call: Call, assignment: PlanAddon) -> PlanAddon:
    plan, addon = _parts(call, assignment)
    return rules.shown(assignment, plan, addon, call.store.now())


def _written(call: Call, assignment: PlanAddon) -> PlanAddon:
    put_plan_addon(call.store, assignment)
    return _shown(call, assignment)


def _now(call: Call) -> str:
    return format_instant(call.store.now())


ROUTES = (
    Route("listPlanAddons", list_plan_addons),
    Route("createPlanAddon", create_plan_addon),
    Route("getPlanAddon", get_plan_addon),
    Route("updatePlanAddon", update_plan_addon),
    Route("deletePlanAddon", delete_plan_addon),
)
