"""What an entitlement is made from: bodies of the two versions of the API, and what subscriptions ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from devkit.embedded.domain.errors import Invalid, Malformed
from devkit.embedded.domain.instants import plain
from devkit.embedded.domain.recurrences import Recurrence, interval_of
from devkit.embedded.domain.timestamps import Timestamp, parse, refusal

EntitlementType = Literal["metered", "static", "boolean"]
Body = Mapping[str, Any]


@dataclass(frozen=True)
class EntitlementInput:
    """What is asked for. Instants aware, in UTC.

    feature_id:                 wins over feature_key; one of them is needed
    usage_period:               needed for metered ones; its anchor is floored to the minute there
    measure_usage_from:         now where None
    issue_after_reset:          more than 0 makes a grant of that amount that each reset fills again
    config:                     JSON text, needed for static ones
    active_from, active_to:     now and never where None; only subscriptions schedule
    annotations:                `subscription.id` in them forbids all but subscriptions to change it
    """

    type: EntitlementType
    feature_id: str | None = None
    feature_key: str | None = None
    usage_period: Recurrence | None = None
    measure_usage_from: datetime | None = None
    issue_after_reset: float | None = None
    issue_after_reset_priority: int | None = None
    is_soft_limit: bool = False
    preserve_overage_at_reset: bool = False
    config: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, Any] = field(default_factory=dict)
    active_from: datetime | None = None
    active_to: datetime | None = None

    @property
    def feature(self) -> str | None:
        """Id or key of the feature."""
        return self.feature_id if self.feature_id is not None else self.feature_key


def of_v1(body: Body, now: datetime) -> EntitlementInput:
    """Reads an EntitlementCreateInputs. Raises Malformed for what only the schema lets through."""
    return _input(body, now, body.get("issueAfterReset"), body.get("issueAfterResetPriority"))


def of_v2(body: Body, now: datetime) -> tuple[EntitlementInput, Sequence[Body]]:
    """Reads an EntitlementV2CreateInputs: the input, and the grants to make with it (EntitlementGrantCreateInputV2)."""
    grants: Sequence[Body] = body.get("grants") or () if body["type"] == "metered" else ()
    issue = body.get("issue")
    amount = issue["amount"] if issue else body.get("issueAfterReset")
    priority = issue.get("priority") if issue else body.get("issueAfterResetPriority")
    if amount is not None and grants:
        raise Invalid("issueAfterReset and grants cannot be used together")
    return _input(body, now, amount, priority if amount is not None else None), grants


def body_instant(text: str) -> Timestamp:
    """The instant of a body's date-time. Raises Malformed where the calendar has no such day or hour."""
    try:
        return parse(text)
    except ValueError:
        raise Malformed(f"decode json: {refusal(text)}") from None


def recurrence(period: Body, now: datetime) -> Recurrence:
    """Reads a RecurringPeriodCreateInput; the anchor is now where it has none."""
    anchor = plain(body_instant(period["anchor"])) if period.get("anchor") is not None else now
    return Recurrence(interval_of(period["interval"]), anchor)


def _input(body: Body, now: datetime, amount: float | None, priority: int | None) -> EntitlementInput:
    period = body.get("usagePeriod")
    usage_period = recurrence(period, now) if period is not None else None
    made = EntitlementInput(
        type=body["type"],
        feature_id=body.get("featureId"),
        feature_key=body.get("featureKey"),
        usage_period=usage_period,
        metadata=body.get("metadata") or {},
    )
    if made.type == "static":
        return replace(made, config=body["config"])
    if made.type == "boolean" or usage_period is None:
        return made
    return replace(
        made,
        measure_usage_from=_measured_from(body.get("measureUsageFrom"), usage_period, now),
        issue_after_reset=None if amount is None else float(amount),
        issue_after_reset_priority=priority,
        is_soft_limit=body.get("isSoftLimit") or False,
        preserve_overage_at_reset=body.get("preserveOverageAtReset") or False,
    )


def _measured_from(given: str | None, usage_period: Recurrence, now: datetime) -> datetime | None:
    if given is None or given == "NOW":
        return None
    if given == "CURRENT_PERIOD_START":
        return usage_period.period_at(now)[0]
    return plain(body_instant(given))
