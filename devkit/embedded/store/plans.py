"""Plans: documents of kind `plan`, one for each version of a key. Rate cards carry the `featureId` of their feature.

Refs: `key`; `feature`, the ids and keys of the features that the rate cards refer to.
"""

from devkit.embedded.domain.catalog import versions
from devkit.embedded.domain.catalog.plans import Plan, rate_cards_of
from devkit.embedded.store.store import Store

KIND = "plan"


def plan_by_id(store: Store, id_: str) -> Plan | None:
    """The plan version with this id, deleted or not."""
    return store.records.get(KIND, id_)


def plan_versions(store: Store, key: str) -> list[Plan]:
    """All versions of the key by id, deleted ones too."""
    return store.records.by_ref(KIND, "key", key, deleted=True)


def active_plan(store: Store, key: str) -> Plan | None:
    """The version of the key that is in force."""
    return versions.active(plan_versions(store, key), store.now())


def find_plan(store: Store, id_or_key: str, *, latest: bool = False) -> Plan | None:
    """By id any version; by key the one in force, with `latest` the highest one, deleted or not."""
    if versions.names_id(id_or_key):
        return plan_by_id(store, id_or_key)
    return versions.latest(plan_versions(store, id_or_key)) if latest else active_plan(store, id_or_key)


def plan_version(store: Store, key: str, number: int) -> Plan | None:
    """The live version of the key with this number."""
    found = [plan for plan in plan_versions(store, key) if plan["version"] == number and not versions.is_deleted(plan)]
    return found[0] if found else None


def all_plans(store: Store, *, deleted: bool = False) -> list[Plan]:
    return store.records.all(KIND, deleted=deleted)


def plans_with_feature(store: Store, id_or_key: str) -> list[Plan]:
    """The live plans with a rate card on the feature."""
    return store.records.by_ref(KIND, "feature", id_or_key)


def put_plan(store: Store, plan: Plan) -> None:
    """Writes a version, new or changed."""
    cards = rate_cards_of(plan)
    named = {card[name] for card in cards for name in ("featureId", "featureKey") if name in card}
    store.records.put(KIND, plan, refs={"key": [plan["key"]], "feature": sorted(named)})
