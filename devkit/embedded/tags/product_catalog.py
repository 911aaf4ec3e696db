"""Product Catalog: features."""

from devkit.embedded.domain import features as rules
from devkit.embedded.domain.features import Feature
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.paging import DEFAULT_SIZE, page_of
from devkit.embedded.http.routing import Route
from devkit.embedded.store.features import active_feature, all_features, put_feature
from devkit.embedded.store.meters import get_meter, live_meter


def list_features(call: Call) -> Reply:
    """A page where one is asked for, otherwise a bare list cut by offset and limit."""
    found = rules.listed(all_features(call.store, archived=call.query.get("includeArchived", False)), call.query)
    if "page" in call.query or "pageSize" in call.query:
        return Reply(200, page_of(found, call.query))
    offset = call.query.get("offset", 0)
    return Reply(200, found[offset : offset + call.query.get("limit", DEFAULT_SIZE)])


def create_feature(call: Call) -> Reply:
    slug = call.body.get("meterSlug")
    meter = get_meter(call.store, slug) if slug is not None else None
    feature = rules.create(call.body, meter, id_=call.store.new_id(), now=format_instant(call.store.now()))
    known = active_feature(call.store, feature["key"])
    if known is not None:
        raise rules.exists_already(known)
    put_feature(call.store, feature, meter["id"] if meter is not None else None)
    return Reply(201, feature)


def get_feature(call: Call) -> Reply:
    return Reply(200, _required(call))


def delete_feature(call: Call) -> Reply:
    """Archives the feature."""
    feature = _required(call)
    meter = live_meter(call.store, feature["meterSlug"]) if "meterSlug" in feature else None
    put_feature(
        call.store, rules.archived(feature, now=format_instant(call.store.now())), meter["id"] if meter else None
    )
    return Reply(204)


def _required(call: Call) -> Feature:
    found = active_feature(call.store, call.path["featureId"])
    if found is None:
        raise rules.unknown(call.path["featureId"])
    return found


ROUTES = (
    Route("listFeatures", list_features),
    Route("createFeature", create_feature),
    Route("getFeature", get_feature),
    Route("deleteFeature", delete_feature),
)
