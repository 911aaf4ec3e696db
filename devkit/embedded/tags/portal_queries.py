"""Portal: usage of the one subject that a portal token stands for."""

from devkit.embedded.domain.usage import usage_query
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.http.usage_replies import usage_reply
from devkit.embedded.store.meters import get_meter

_HEEDED = ("from", "to", "windowSize", "windowTimeZone", "groupBy")


def query_portal_meter(call: Call) -> Reply:
    """Always grouped by the token's subject. clientId, filterCustomerId and advanced filters are ignored."""
    assert call.portal is not None
    meter = get_meter(call.store, call.path["meterSlug"])
    request = {name: call.query[name] for name in _HEEDED if name in call.query}
    plain = {key: [value] for key, value in call.query.get("filterGroupBy", {}).items()}
    request |= {"filterGroupBy": plain, "subject": [call.portal.subject]}
    return usage_reply(call, usage_query(meter, request, lambda _: None))


ROUTES = (Route("queryPortalMeter", query_portal_meter),)
