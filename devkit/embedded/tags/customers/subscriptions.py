"""The subscriptions of a customer."""

from devkit.embedded.domain.subscriptions.listing import listed
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.subscriptions import subscriptions_of_customer
from devkit.embedded.workflows.customer_lookup import live_customer


def list_subscriptions(call: Call) -> Reply:
    """All of them in one page that calls itself 0, unless a page is asked for."""
    customer = live_customer(call.store, call.path["customerIdOrKey"], call.settings.namespace)
    found = listed(subscriptions_of_customer(call.store, customer["id"]), call.query, call.store.now())
    if "page" in call.query or "pageSize" in call.query:
        return Reply(200, page_of(found, call.query))
    return Reply(200, {"pageSize": 0, "page": 0, "totalCount": len(found), "items": found})


ROUTES = (Route("listCustomerSubscriptions", list_subscriptions),)
