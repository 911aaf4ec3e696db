"""Add-ons: what is sold beside a plan, in versions of a key that are drafted, published and archived."""

from devkit.embedded.domain.catalog import addons as rules
from devkit.embedded.domain.catalog import rate_cards, versions
from devkit.embedded.domain.catalog.addons import Addon
from devkit.embedded.domain.catalog.rate_cards import RateCard
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.addons import (
    active_addon,
    addon_by_id,
    addon_versions,
    all_addons,
    find_addon,
    plan_addons_of_addon,
    put_addon,
)
from devkit.embedded.workflows.catalog_references import feature_issues, with_features, with_tax_codes


def list_addons(call: Call) -> Reply:
    found = all_addons(call.store, deleted=call.query.get("includeDeleted", False))
    page = page_of(versions.listed(found, call.query, call.store.now(), match=all), call.query)
    return Reply(200, page | {"items": [rules.shown(addon, call.store.now()) for addon in page["items"]]})


def create_addon(call: Call) -> Reply:
    content = rules.read_new(call.body)
    known = addon_versions(call.store, content["key"])
    number = versions.next_number(known, call.store.now(), called="add-on")
    content["rateCards"] = _resolved(call, content["rateCards"])
    now = _now(call)
    addon = {"id": call.store.new_id(), **content, "version": number, "createdAt": now, "updatedAt": now}
    return Reply(201, _written(call, addon))


def update_addon(call: Call) -> Reply:
    changes = rules.read_update(call.body)
    addon = _required(call)
    rules.check(addon, "updated", call.store.now())
    changes["rateCards"] = _resolved(call, changes["rateCards"])
    return Reply(200, _written(call, rules.updated(addon, changes, now=_now(call))))


def get_addon(call: Call) -> Reply:
    id_or_key = call.path["addonId"]
    found = find_addon(call.store, id_or_key, latest=call.query.get("includeLatest", False))
    if found is None:
        raise rules.unknown(call.settings.namespace, id_or_key)
    return Reply(200, rules.shown(found, call.store.now()))


def delete_addon(call: Call) -> Reply:
    addon = _required(call)
    if versions.is_deleted(addon):
        return Reply(204)
    if plan_addons_of_addon(call.store, addon["id"]):
        raise rules.assigned(addon, call.settings.namespace)
    rules.check(addon, "deleted", call.store.now())
    put_addon(call.store, versions.deleted(addon, now=_now(call)))
    return Reply(204)


def publish_addon(call: Call) -> Reply:
    """The version in force, if any, ends where this one begins."""
    addon = _required(call)
    rules.check_not_deleted(addon, "publish")
    found = rules.publishing_issues(addon, call.store.now())
    rules.refuse([*found, *feature_issues(call.store, addon["rateCards"])])
    now = _now(call)
    before = active_addon(call.store, addon["key"])
    if before is not None:
        put_addon(call.store, versions.archived(before, now=now))
    return Reply(200, _written(call, versions.published(addon, now=now)))


def archive_addon(call: Call) -> Reply:
    addon = _required(call)
    rules.check_not_deleted(addon, "archive")
    rules.check(addon, "archived", call.store.now())
    return Reply(200, _written(call, versions.archived(addon, now=_now(call))))


def _required(call: Call) -> Addon:
    found = addon_by_id(call.store, call.path["addonId"])
    if found is None:
        raise rules.unknown(call.settings.namespace, call.path["addonId"])
    return found


def _resolved(call: Call, cards: list[RateCard]) -> list[RateCard]:
    """The cards with features and tax codes resolved, as far as they can be kept."""
    resolved, missing = with_features(call.store, cards)
    rules.refuse(missing)
    resolved = with_tax_codes(call.store, resolved)
    rules.refuse(rate_cards.refused_by_store(resolved))
    return resolved


def _written(call: Call, addon: Addon) -> Addon:
    put_addon(call.store, addon)
    return rules.shown(addon, call.store.now())


def _now(call: Call) -> str:
    return format_instant(call.store.now())


ROUTES = (
    Route("listAddons", list_addons),
    Route("createAddon", create_addon),
    Route("updateAddon", update_addon),
    Route("getAddon", get_addon),
    Route("deleteAddon", delete_addon),
    Route("publishAddon", publish_addon),
    Route("archiveAddon", archive_addon),
)
