"""Add-ons: documents of kind `addon`, one for each version of a key; and `plan_addon`, which assigns them to plans.

Refs of an add-on: `key`. Refs of an assignment: `plan` and `addon`, the id and the key of either.
"""

from devkit.embedded.domain.catalog import versions
from devkit.embedded.domain.catalog.addons import Addon
from devkit.embedded.domain.catalog.plan_addons import PlanAddon
from devkit.embedded.store.plans import plan_by_id
from devkit.embedded.store.store import Store

KIND = "addon"
ASSIGNMENT_KIND = "plan_addon"


def addon_by_id(store: Store, id_: str) -> Addon | None:
    """The add-on version with this id, deleted or not."""
    return store.records.get(KIND, id_)


def addon_versions(store: Store, key: str) -> list[Addon]:
    """All versions of the key by id, deleted ones too."""
    return store.records.by_ref(KIND, "key", key, deleted=True)


def active_addon(store: Store, key: str) -> Addon | None:
    """The version of the key that is in force."""
    return versions.active(addon_versions(store, key), store.now())


def find_addon(store: Store, id_or_key: str, *, latest: bool = False) -> Addon | None:
    """By id any version; by key the one in force, with `latest` the highest one, deleted or not."""
    if versions.names_id(id_or_key):
        return addon_by_id(store, id_or_key)
    return versions.latest(addon_versions(store, id_or_key)) if latest else active_addon(store, id_or_key)


def all_addons(store: Store, *, deleted: bool = False) -> list[Addon]:
    return store.records.all(KIND, deleted=deleted)


def put_addon(store: Store, addon: Addon) -> None:
    """Writes a version, new or changed."""
    store.records.put(KIND, addon, refs={"key": [addon["key"]]})


def plan_addons_of_plan(store: Store, plan: str, *, deleted: bool = False) -> list[PlanAddon]:
    """The assignments to the plan version with this id, or to all versions of this key, by creation."""
    return store.records.by_ref(ASSIGNMENT_KIND, "plan", plan, deleted=deleted)


def plan_addons_of_addon(store: Store, addon: str, *, deleted: bool = False) -> list[PlanAddon]:
    """The assignments of the add-on version with this id, or of all versions of this key, by creation."""
    return store.records.by_ref(ASSIGNMENT_KIND, "addon", addon, deleted=deleted)


def plan_addon(store: Store, plan: str, addon: str) -> PlanAddon | None:
    """The live assignment of this add-on to this plan, either by id or by key."""
    with_addon = {found["id"] for found in plan_addons_of_addon(store, addon)}
    found = [assignment for assignment in plan_addons_of_plan(store, plan) if assignment["id"] in with_addon]
    return found[0] if found else None


def put_plan_addon(store: Store, assignment: PlanAddon) -> None:
    """Writes an assignment, new or changed."""
    plan, addon = plan_by_id(store, assignment["planId"]), addon_by_id(store, assignment["addonId"])
    assert plan is not None
    assert addon is not None
    refs = {"plan": [plan["id"], plan["key"]], "addon": [addon["id"], addon["key"]]}
    store.records.put(ASSIGNMENT_KIND, assignment, refs=refs)
