"""Meters: their definitions. Queries are in meter_queries."""

from devkit.embedded.domain import meters as rules
from devkit.embedded.domain.errors import Conflict
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.entitlements import active_entitlements_of_meter
from devkit.embedded.store.features import active_features_of_meter
from devkit.embedded.store.meters import all_meters, get_meter, live_meter, put_meter


def list_meters(call: Call) -> Reply:
    """A bare list; the paging parameters are checked and otherwise ignored."""
    found = all_meters(call.store, deleted=call.query.get("includeDeleted", False))
    order_by, descending = call.query.get("orderBy", "key"), call.query.get("order") == "DESC"
    return Reply(200, rules.listed(found, order_by=order_by, descending=descending))


def create_meter(call: Call) -> Reply:
    now = format_instant(call.store.now())
    reserved = call.settings.reserved_event_types
    meter = rules.create(call.body, id_=call.store.new_id(), now=now, reserved=reserved)
    if live_meter(call.store, meter["slug"]) is not None:
        raise Conflict("meter with the same slug already exists")
    put_meter(call.store, meter)
    return Reply(200, rules.as_created(meter, call.body))


def read_meter(call: Call) -> Reply:
    return Reply(200, get_meter(call.store, call.path["meterIdOrSlug"]))


def update_meter(call: Call) -> Reply:
    meter = get_meter(call.store, call.path["meterIdOrSlug"])
    changed = rules.update(meter, call.body, now=format_instant(call.store.now()))
    rules.check_event_type(meter["eventType"], call.settings.reserved_event_types)
    rules.check_dropped_group_bys(meter, changed, active_features_of_meter(call.store, meter["id"]))
    put_meter(call.store, changed)
    return Reply(200, changed)


def delete_meter(call: Call) -> Reply:
    """A soft delete; deleting again by id does nothing."""
    meter = get_meter(call.store, call.path["meterIdOrSlug"])
    if "deletedAt" in meter:
        return Reply(204)
    rules.check_event_type(meter["eventType"], call.settings.reserved_event_types)
    entitlements = active_entitlements_of_meter(call.store, meter["id"])
    rules.check_deletable(active_features_of_meter(call.store, meter["id"]), entitlements)
    now = format_instant(call.store.now())
    put_meter(call.store, {**meter, "deletedAt": now, "updatedAt": now})
    return Reply(204)


ROUTES = (
    Route("listMeters", list_meters),
    Route("createMeter", create_meter),
    Route("getMeter", read_meter),
    Route("updateMeter", update_meter),
    Route("deleteMeter", delete_meter),
)
