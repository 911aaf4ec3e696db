"""Meters: what they counted. Their definitions are in meters."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from devkit.embedded.domain import usage_lists
from devkit.embedded.domain.errors import InternalFailure
from devkit.embedded.domain.timestamps import parse
from devkit.embedded.domain.usage import usage_query
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.http.usage_replies import live_customer, usage_reply
from devkit.embedded.store.meters import get_meter


def query_meter(call: Call) -> Reply:
    """Parameters are those of the POST body, but for filterGroupBy, which has one value per key."""
    plain = {key: [value] for key, value in call.query.get("filterGroupBy", {}).items()}
    return _usage(call, {**call.query, "filterGroupBy": plain})


def query_meter_post(call: Call) -> Reply:
    return _usage(call, {**call.body, **_moments(call.body)})


def list_meter_subjects(call: Call) -> Reply:
    meter = get_meter(call.store, call.path["meterIdOrSlug"])
    start, end = usage_lists.subject_bounds(call.query.get("from"), call.query.get("to"))
    return Reply(200, call.store.usage.subjects(meter["eventType"], start, end))


def list_meter_group_by_values(call: Call) -> Reply:
    meter, key = get_meter(call.store, call.path["meterIdOrSlug"]), call.path["groupByKey"]
    bounds = usage_lists.value_bounds(meter, key, call.query.get("from"), call.query.get("to"), call.store.now())
    return Reply(200, call.store.usage.values(meter, key, *bounds))


def _usage(call: Call, request: Mapping[str, Any]) -> Reply:
    meter = get_meter(call.store, call.path["meterIdOrSlug"])
    return usage_reply(call, usage_query(meter, request, partial(live_customer, call.store)))


def _moments(body: Mapping[str, Any]) -> dict[str, Any]:
    """The date-times of a body. What the schema lets through may still be none (30 February): OpenMeter fails on it."""
    try:
        return {name: parse(body[name]) for name in ("from", "to") if body.get(name) is not None}
    except ValueError as error:
        raise InternalFailure(str(error)) from error


ROUTES = (
    Route("queryMeter", query_meter),
    Route("queryMeterPost", query_meter_post, read_only=True),
    Route("listMeterSubjects", list_meter_subjects),
    Route("listMeterGroupByValues", list_meter_group_by_values),
)
