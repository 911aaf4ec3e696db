"""Entitlement templates of rate cards: boolean, static and metered, in the form of the API."""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.catalog.unreadable import duration, invalid
from devkit.embedded.domain.durations import HOUR, Duration, parse
from devkit.embedded.domain.issues import Issue, warning

Template = dict[str, Any]

METERED = "metered"
_KEPT_WHEN_GIVEN = ("issueAfterReset", "issueAfterResetPriority", "preserveOverageAtReset")


def read(given: Mapping[str, Any], cadence: Duration | None) -> Template:
    """The template as it is kept; a metered one takes its usage period from the billing cadence. Raises Unreadable."""
    template: Template = {"type": given["type"]}
    if given.get("metadata"):
        template["metadata"] = given["metadata"]
    if given["type"] == "static":
        return template | {"config": given["config"]}
    if given["type"] == METERED:
        template |= {"isSoftLimit": given.get("isSoftLimit", False), "usagePeriod": _usage_period(given, cadence)}
        template |= {name: given[name] for name in _KEPT_WHEN_GIVEN if given.get(name) is not None}
    return template


def issues(template: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with the template for itself; the store refuses these even in a draft."""
    if template["type"] != METERED:
        return []
    found = []
    if "issueAfterResetPriority" in template and "issueAfterReset" not in template:
        found.append(_PRIORITY_ALONE)
    period = parse(template["usagePeriod"])
    if period.sign <= 0:
        found.append(_NEGATIVE_PERIOD)
    if (period - HOUR).sign < 0:
        found.append(_SHORT_PERIOD)
    return found


def _usage_period(given: Mapping[str, Any], cadence: Duration | None) -> str:
    words = "failed to cast UsagePeriod for Metered EntitlementTemplate"
    period = duration(given["usagePeriod"], words) if given.get("usagePeriod") is not None else Duration()
    if period.sign:
        return str(period)
    if cadence is None or not cadence.sign:
        raise invalid("missing UsagePeriod for Metered EntitlementTemplate where cannot infer from BillingCadence")
    return str(cadence)


_PRIORITY_ALONE = warning(
    "entitlement_template_invalid_issue_after_reset_with_priority",
    "issueAfterReset",
    "invalid entitlement template as issue after reset is required if issue after reset priority is set",
)
_NEGATIVE_PERIOD = warning(
    "entitlement_template_negative_usage_period", "usagePeriod", "usage period must be positive", status=None
)
_SHORT_PERIOD = warning(
    "entitlement_template_usage_period_less_then_an_hour", "usagePeriod", "usage period must be at least 1 hour"
)
