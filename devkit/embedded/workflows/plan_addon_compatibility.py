"""Whether the add-ons that are assigned to a plan go with it."""

from devkit.embedded.domain.catalog import plan_addons
from devkit.embedded.domain.catalog.plans import INCOMPATIBLE_ADDON, Plan
from devkit.embedded.domain.issues import Issue
from devkit.embedded.store.addons import addon_by_id, plan_addons_of_plan
from devkit.embedded.store.store import Store


def assignment_issues(store: Store, plan: Plan) -> list[Issue]:
    """One issue for each add-on of the plan that does not go with it."""
    found = []
    for assignment in plan_addons_of_plan(store, plan["id"]):
        addon = addon_by_id(store, assignment["addonId"])
        if addon is not None and plan_addons.issues_of(assignment, plan, addon, store.now()):
            found.append(INCOMPATIBLE_ADDON)
    return found
