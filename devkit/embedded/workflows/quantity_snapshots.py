"""What the meters say of the usage of charges, up to a cut-off."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from devkit.embedded.domain.billing.charges import Charge, Cutoff
from devkit.embedded.domain.billing.lines import Line
from devkit.embedded.domain.billing.selection import Aggregation
from devkit.embedded.domain.customers import Customer
from devkit.embedded.domain.errors import InternalFailure, Invalid, NotFound
from devkit.embedded.domain.filters import Filter
from devkit.embedded.domain.instants import instant
from devkit.embedded.store.features import billable_feature
from devkit.embedded.store.meters import last_meter
from devkit.embedded.store.store import Store
from devkit.embedded.store.usage_attribution import subjects_of

Feature = Mapping[str, Any]


def known_feature(store: Store, key: str) -> Feature:
    """The feature with this key, archived or not. Raises NotFound."""
    found = billable_feature(store, key)
    if found is None:
        raise NotFound(f"feature[{key}] not found")
    return found


def meter_behind(store: Store, feature_key: str) -> tuple[dict[str, Any], dict[str, Filter]]:
    """The meter of a feature, deleted or not, and which of its events count. Raises NotFound, and Invalid without."""
    feature = known_feature(store, feature_key)
    meter = last_meter(store, feature["meterSlug"]) if feature.get("meterSlug") else None
    if meter is None:
        raise Invalid(f"feature[{feature_key}] has no meter associated")
    return meter, dict(feature.get("advancedMeterGroupByFilters") or {})


def aggregation_of(store: Store) -> Aggregation:
    """How the meter behind a line aggregates. It raises NotFound, and Invalid where there is none."""

    def found(line: Line) -> str:
        return str(meter_behind(store, line["featureKey"])[0]["aggregation"])

    return found


def quantity(store: Store, charge: Charge, customer: Customer, until: Cutoff) -> Decimal:
    """What the customer used from the start of the charge to the cut-off; 0 without events.

    Raises NotFound, Invalid, and InternalFailure where the value is beyond doubles.
    """
    meter, filters = meter_behind(store, charge["featureKey"])
    subjects = subjects_of(customer)
    if not subjects:
        raise InternalFailure("the customer has no subjects whose usage could be counted")
    start = instant(charge["period"]["from"])
    # An event counts that is stored in the very second of the cut-off: what is invoiced now was stored until now.
    stored_before = int(until.stored_before.timestamp()) + 1
    used = store.subject_usage.between(meter, filters, subjects, start, until.to, stored_before=stored_before)
    return Decimal(repr(used))
