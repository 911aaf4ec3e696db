"""Subscriptions begin, are read and edited, and end."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain import customers
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import Invalid, NotFound, Plain
from devkit.embedded.domain.subscriptions import edits, plan_sources, refusals, timings, views
from devkit.embedded.domain.subscriptions.documents import Subscription
from devkit.embedded.domain.subscriptions.plan_sources import Plan
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.customers import customer_with_key
from devkit.embedded.store.plans import active_plan
from devkit.embedded.store.usage_attribution import KIND as CUSTOMER
from devkit.embedded.tags.subscriptions.bodies import read_custom_plan, read_terms
from devkit.embedded.workflows import subscribing
from devkit.embedded.workflows.subscribing import customer_of, required_subscription
from devkit.embedded.workflows.subscription_items import included


def create_subscription(call: Call) -> Reply:
    """From the version of a plan that is in force, or from a plan in the body."""
    body = call.body
    plan = read_custom_plan(body)
    terms = read_terms(body, body if plan is None else plan)
    customer = _customer(call)
    if plan is None:
        plan = _plan_in_force(call, body)
    else:
        plan_sources.check_custom(plan)
    return _shown(call, subscribing.subscribe(call.store, customer, plan, terms), 201)


def get_subscription(call: Call) -> Reply:
    if "at" in call.query:
        raise Plain(501, "historical queries are not supported")
    subscription = required_subscription(call.store, call.path["subscriptionId"])
    find = included(call.store, customer_of(call.store, subscription))
    return Reply(200, views.expanded(subscription, find, call.store.now()))


def edit_subscription(call: Call) -> Reply:
    wanted = edits.read_all(call.body["customizations"])
    timing = timings.read(call.body.get("timing"))
    return _shown(call, subscribing.edit(call.store, call.path["subscriptionId"], wanted, timing))


def cancel_subscription(call: Call) -> Reply:
    timing = timings.read(call.body.get("timing"))
    return _shown(call, subscribing.cancel(call.store, call.path["subscriptionId"], timing))


def unschedule_cancelation(call: Call) -> Reply:
    return _shown(call, subscribing.resume(call.store, call.path["subscriptionId"]))


def restore_subscription(call: Call) -> Reply:
    return _shown(call, subscribing.restore(call.store, call.path["subscriptionId"]))


def delete_subscription(call: Call) -> Reply:
    subscribing.delete(call.store, call.path["subscriptionId"])
    return Reply(204)


def _customer(call: Call) -> Customer:
    """The customer of the body; an id wins over a key."""
    id_, key = call.body.get("customerId"), call.body.get("customerKey")
    if not id_ and not key:
        raise Invalid("customer id or key is required")
    found = call.store.records.get(CUSTOMER, id_) if id_ else customer_with_key(call.store, key)
    if found is None:
        named = f"id {id_}" if id_ else f"key {key}"
        raise NotFound(f"customer with {named} not found in {call.settings.namespace} namespace")
    customers.check_live(found, call.settings.namespace)
    return found


def _plan_in_force(call: Call, body: Mapping[str, Any]) -> Plan:
    key = body["plan"]["key"]
    plan: Plan | None = active_plan(call.store, key)
    if plan is None:
        raise refusals.unknown_plan(key, 0)
    return plan_sources.adapted(plan, body)


def _shown(call: Call, subscription: Subscription, status: int = 200) -> Reply:
    return Reply(status, views.shown(subscription, call.store.now()))


ROUTES = (
    Route("createSubscription", create_subscription),
    Route("getSubscription", get_subscription),
    Route("editSubscription", edit_subscription),
    Route("cancelSubscription", cancel_subscription),
    Route("unscheduleCancelation", unschedule_cancelation),
    Route("restoreSubscription", restore_subscription),
    Route("deleteSubscription", delete_subscription),
)
