"""Billing: the list of profiles."""

from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import envelope, window
from devkit.embedded.http.routing import Route
from devkit.embedded.store.billing_profiles import profile_page


def list_profiles(call: Call) -> Reply:
    """Newest first where no order is asked for; `expand` changes nothing, as in OpenMeter."""
    limit, offset = window(call.query)
    items, total = profile_page(
        call.store,
        order=call.query.get("orderBy", "createdAt"),
        descending=call.query.get("order") != "ASC",
        deleted=call.query.get("includeArchived", False),
        limit=limit,
        offset=offset,
    )
    return Reply(200, envelope(items, total, call.query))


ROUTES = (Route("listBillingProfiles", list_profiles),)
