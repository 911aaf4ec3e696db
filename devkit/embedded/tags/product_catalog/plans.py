"""Plans: versions of a key that are drafted, published and archived."""

from typing import Any

from devkit.embedded.domain.catalog import plans as rules
from devkit.embedded.domain.catalog import rate_cards, versions
from devkit.embedded.domain.catalog.phases import Phase, path_of
from devkit.embedded.domain.catalog.plans import Plan
from devkit.embedded.domain.catalog.references import UNNAMED_PHASE
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.issues import Issue, under
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.plans import (
    active_plan,
    all_plans,
    find_plan,
    plan_by_id,
    plan_version,
    plan_versions,
    put_plan,
)
from devkit.embedded.workflows.catalog_references import feature_issues, with_features, with_tax_codes
from devkit.embedded.workflows.plan_addon_compatibility import assignment_issues


def list_plans(call: Call) -> Reply:
    found = all_plans(call.store, deleted=call.query.get("includeDeleted", False))
    page = page_of(versions.listed(found, call.query, call.store.now(), match=any), call.query)
    return Reply(200, page | {"items": [_shown(call, plan) for plan in page["items"]]})


def create_plan(call: Call) -> Reply:
    content = rules.read_new(call.body)
    known = plan_versions(call.store, content["key"])
    number = versions.next_number(known, call.store.now(), called="Plan")
    content["phases"] = _resolved(call, content["phases"])
    return Reply(201, _shown(call, _write_new(call, content, number)))


def update_plan(call: Call) -> Reply:
    changes = rules.read_update(call.body)
    plan = _required(call)
    rules.check(plan, "updated", call.store.now())
    changes["phases"] = _resolved(call, changes["phases"])
    changed = rules.updated(plan, changes, now=_now(call))
    rules.refuse(rate_cards.refused_by_store(rules.rate_cards_of(changed)))
    return Reply(200, _written(call, changed))


def get_plan(call: Call) -> Reply:
    id_or_key = call.path["planId"]
    found = find_plan(call.store, id_or_key, latest=call.query.get("includeLatest", False))
    if found is None:
        name = "id_" if versions.names_id(id_or_key) else "key"
        raise rules.unknown(call.settings.namespace, **{name: id_or_key})
    return Reply(200, _shown(call, found))


def delete_plan(call: Call) -> Reply:
    plan = _required(call)
    rules.check(plan, "deleted", call.store.now())
    put_plan(call.store, versions.deleted(plan, now=_now(call)))
    return Reply(204)


def publish_plan(call: Call) -> Reply:
    """The version in force, if any, ends where this one begins."""
    plan = _required(call)
    rules.check_not_deleted(plan, call.settings.namespace)
    rules.check(plan, "published", call.store.now())
    problems = [*rules.issues_of(plan), *_feature_issues(call, plan), *assignment_issues(call.store, plan)]
    rules.refuse(problems)
    now = _now(call)
    before = active_plan(call.store, plan["key"])
    if before is not None:
        put_plan(call.store, versions.archived(before, now=now))
    return Reply(200, _written(call, versions.published(plan, now=now)))


def archive_plan(call: Call) -> Reply:
    plan = _required(call)
    rules.check(plan, "archived", call.store.now())
    return Reply(200, _written(call, versions.archived(plan, now=_now(call))))


def next_plan(call: Call) -> Reply:
    """A draft of the next version, copied from the version with the id or from the highest one of the key."""
    id_or_key = call.path["planIdOrKey"]
    by_id = plan_by_id(call.store, id_or_key)
    known = ([by_id] if by_id else []) if versions.names_id(id_or_key) else plan_versions(call.store, id_or_key)
    if not known:
        raise Invalid("no versions available for this plan")
    number = versions.next_number(known, call.store.now(), called="Plan")
    source = max(known, key=lambda plan: int(plan["version"]))
    if plan_version(call.store, source["key"], number) is not None:
        raise InternalFailure(f"version {number} of the plan is there already")
    return Reply(200, _shown(call, _write_new(call, rules.copied(source), number)))


def _required(call: Call) -> Plan:
    found = plan_by_id(call.store, call.path["planId"])
    if found is None:
        raise rules.unknown(call.settings.namespace, id_=call.path["planId"])
    return found


def _resolved(call: Call, phases: list[Phase]) -> list[Phase]:
    """The phases with features and tax codes resolved; the first phase with a missing feature refuses."""
    resolved = []
    for phase in phases:
        cards, missing = with_features(call.store, phase["rateCards"])
        rules.refuse(under(UNNAMED_PHASE, missing))
        resolved.append(phase | {"rateCards": with_tax_codes(call.store, cards)})
    return resolved


def _feature_issues(call: Call, plan: Plan) -> list[Issue]:
    return [
        issue.under(path_of(phase))
        for phase in plan["phases"]
        for issue in feature_issues(call.store, phase["rateCards"])
    ]


def _write_new(call: Call, content: dict[str, Any], number: int) -> Plan:
    rules.refuse(rate_cards.refused_by_store(rules.rate_cards_of(content)))
    now = _now(call)
    plan = {"id": call.store.new_id(), **content, "version": number, "createdAt": now, "updatedAt": now}
    put_plan(call.store, plan)
    return plan


def _written(call: Call, plan: Plan) -> Plan:
    put_plan(call.store, plan)
    return _shown(call, plan)


def _shown(call: Call, plan: Plan) -> Plan:
    return rules.shown(plan, call.store.now())


def _now(call: Call) -> str:
    return format_instant(call.store.now())


ROUTES = (
    Route("listPlans", list_plans),
    Route("createPlan", create_plan),
    Route("updatePlan", update_plan),
    Route("getPlan", get_plan),
    Route("deletePlan", delete_plan),
    Route("publishPlan", publish_plan),
    Route("archivePlan", archive_plan),
    Route("nextPlan", next_plan),
)
