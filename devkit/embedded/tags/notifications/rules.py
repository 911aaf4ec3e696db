"""Rules: create, read, replace, delete, list, and the test that sends a made-up event."""

from collections.abc import Iterable
from typing import Any

from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.notifications import events, refusals, rules, sample_invoices, samples
from devkit.embedded.domain.notifications.rules import Rule
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import envelope, window
from devkit.embedded.http.routing import Route
from devkit.embedded.store.billing_profiles import default_profile
from devkit.embedded.store.features import active_feature
from devkit.embedded.store.notifications import (
    active_channels,
    find_rule,
    live_channels,
    put_rule,
    rule_page,
    rules_of_channel,
)
from devkit.embedded.workflows.customer_apps import shown_apps
from devkit.embedded.workflows.notifications.balance_worker import begin_watching
from devkit.embedded.workflows.notifications.raising import raise_event


def list_rules(call: Call) -> Reply:
    limit, offset = window(call.query)
    found, total = rule_page(call.store, call.query, limit=limit, offset=offset)
    return Reply(200, envelope([_shown(call, rule) for rule in found], total, call.query))


def create_rule(call: Call) -> Reply:
    rules.check_body(call.body)
    _check_features(call)
    rule = rules.create(call.body, id_=call.store.new_id(), now=format_instant(call.store.now()))
    return Reply(201, _write(call, rule, added=rule["channels"]))


def get_rule(call: Call) -> Reply:
    return Reply(200, _shown(call, _known(call)))


def update_rule(call: Call) -> Reply:
    rules.check_body(call.body)
    before = _known(call)
    rules.check_live(before)
    _check_features(call)
    rules.check_same_type(before, call.body)
    rule = rules.replace(before, call.body, now=format_instant(call.store.now()))
    return Reply(200, _write(call, rule, added=set(rule["channels"]) - set(before["channels"])))


def delete_rule(call: Call) -> Reply:
    """A soft delete; deleting again does nothing."""
    rule = _known(call)
    if "deletedAt" not in rule:
        put_rule(call.store, rules.deleted(rule, now=format_instant(call.store.now())))
    return Reply(204)


def test_rule(call: Call) -> Reply:
    rule = _known(call)
    rules.check_fires(rule, call.settings.namespace)
    event = raise_event(call.store, rule, _sample(call, rule), {events.TEST: True})
    return Reply(200, events.shown(event, rule, active_channels(call.store, rule)))


def _known(call: Call) -> Rule:
    found = find_rule(call.store, call.path["ruleId"])
    if found is None:
        raise refusals.unknown(call.path["ruleId"], call.settings.namespace)
    return found


def _shown(call: Call, rule: Rule) -> dict[str, Any]:
    """The rule with its active channels; what an answer to a write shows is in `_write`."""
    return rules.shown(rule, active_channels(call.store, rule))


def _check_features(call: Call) -> None:
    named = rules.features_named(call.body)
    rules.check_features([feature for feature in named if active_feature(call.store, feature) is None])


def _write(call: Call, rule: Rule, *, added: Iterable[str]) -> dict[str, Any]:
    """Keeps the rule and shows it with all of its channels, disabled ones too. added: the channels new to it"""
    known = live_channels(call.store, rule["channels"])
    rules.check_channels(call.body["channels"], known)
    for id_ in added:
        rules.check_room(known[id_], rules_of_channel(call.store, id_), rule["id"])
    put_rule(call.store, rule)
    if rule["type"] == rules.BALANCE_THRESHOLD and rules.is_active(rule):
        begin_watching(call.store)
    return rules.shown(rule, known.values())


def _sample(call: Call, rule: Rule) -> dict[str, Any]:
    store, now = call.store, call.store.now()
    if rule["type"] not in (rules.INVOICE_CREATED, rules.INVOICE_UPDATED):
        return samples.entitlement_data(rule["type"], now)
    profile = default_profile(store)
    if profile is None:
        raise InternalFailure("there is no default billing profile")
    apps = shown_apps(store, profile, call.settings.namespace)
    return sample_invoices.invoice_data(profile, apps, new_id=store.new_id, now=now)


ROUTES = (
    Route("listNotificationRules", list_rules),
    Route("createNotificationRule", create_rule),
    Route("getNotificationRule", get_rule),
    Route("updateNotificationRule", update_rule),
    Route("deleteNotificationRule", delete_rule),
    Route("testNotificationRule", test_rule),
)
