"""A subscription gives way to another one: to another plan, or to a later version of its own."""

from devkit.embedded.domain.entitlement_inputs import body_instant
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.instants import plain
from devkit.embedded.domain.subscriptions import plan_sources, refusals, timings, views
from devkit.embedded.domain.subscriptions.documents import Subscription
from devkit.embedded.domain.subscriptions.plan_sources import Plan
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.plans import active_plan, plan_versions
from devkit.embedded.tags.subscriptions.bodies import read_custom_plan, read_terms
from devkit.embedded.workflows import subscribing
from devkit.embedded.workflows.subscribing import Terms, customer_of, required_subscription
from devkit.embedded.workflows.subscription_items import included


def change_subscription(call: Call) -> Reply:
    """To a plan in force, or to a plan in the body."""
    body = call.body
    plan = read_custom_plan(body)
    terms = read_terms(body, body if plan is None else plan)
    if plan is not None:
        plan_sources.check_custom(plan)
    else:
        version = _version(call, body["plan"]["key"], body["plan"].get("version"))
        plan_sources.check_active(version, call.settings.namespace, call.store.now())
        plan = plan_sources.adapted(version, body)
    return _shown(call, *subscribing.change(call.store, call.path["subscriptionId"], plan, terms))


def migrate_subscription(call: Call) -> Reply:
    body = call.body
    anchor = body.get("billingAnchor")
    billing_anchor = plain(body_instant(anchor)) if anchor is not None else None
    terms = Terms(timing=timings.read(body.get("timing")), billing_anchor=billing_anchor)
    subscription = required_subscription(call.store, call.path["subscriptionId"])
    if "plan" not in subscription:
        raise Invalid(f"subscription {subscription['id']} has no plan, cannot be migrated")
    asked = body.get("targetVersion")
    version = _version(call, subscription["plan"]["key"], asked)
    subscribing.check_later_version(subscription, version, asked or 0)
    plan_sources.check_published(version, call.settings.namespace, call.store.now())
    if body.get("startingPhase") is not None:
        version = plan_sources.starting_with(version, body["startingPhase"])
    return _shown(call, *subscribing.migrate(call.store, subscription, version, terms))


def _version(call: Call, key: str, number: int | None) -> Plan:
    """The version of the plan with this number, deleted or not; without a number the one in force. Raises NotFound."""
    if not number:
        found = active_plan(call.store, key)
    else:
        found = next((plan for plan in plan_versions(call.store, key) if plan["version"] == number), None)
    if found is None:
        raise refusals.unknown_plan(key, number or 0)
    return found


def _shown(call: Call, current: Subscription, following: Subscription) -> Reply:
    """The ended one comes without its plan."""
    now = call.store.now()
    ended = {name: value for name, value in views.shown(current, now).items() if name != "plan"}
    find = included(call.store, customer_of(call.store, following))
    return Reply(200, {"current": ended, "next": views.expanded(following, find, now)})


ROUTES = (
    Route("changeSubscription", change_subscription),
    Route("migrateSubscription", migrate_subscription),
)
