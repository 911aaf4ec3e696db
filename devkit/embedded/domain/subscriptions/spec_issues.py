"""What is wrong with a spec after an edit."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from devkit.embedded.domain.catalog.rate_cards import cadence
from devkit.embedded.domain.durations import aligned
from devkit.embedded.domain.errors import InternalFailure, Invalid
from devkit.embedded.domain.issues import Issue, critical, keyed, warning
from devkit.embedded.domain.subscriptions.spans import Span
from devkit.embedded.domain.subscriptions.spec import Item, Phase, Spec, span_of_item

_TOLERATED = "allowed_during_applying_to_spec_error"


def issues_of(spec: Spec) -> list[Issue]:
    """All issues by phase. Raises InternalFailure for what OpenMeter has no issue for."""
    phases = spec.sorted_phases()
    _check_order(phases)
    return [issue for phase in phases for issue in _of_phase(phase, spec.span_of(phase))]


def is_tolerated(issue: Issue) -> bool:
    """Whether the edits that follow may still make it good."""
    return dict(issue.attributes).get(_TOLERATED) is True


def alignment_issues(spec: Spec) -> list[Issue]:
    """What has a price and recurs, but not together with the subscription."""
    return [
        _UNALIGNED.under(f"{_path(phase)}.itemsByKey.{key}[{number}]")
        for phase in spec.sorted_phases()
        for key, versions in phase.items.items()
        for number, item in enumerate(version for version in versions if version.is_billable)
        if not _is_aligned(spec, item)
    ]


def check_currency(spec: Spec, customer: Mapping[str, Any]) -> None:
    """What has a price has it in the currency of the customer, if that has one. Raises Invalid."""
    currency = customer.get("currency", spec.currency)
    if spec.has_billables and currency != spec.currency:
        raise Invalid(
            f"currency mismatch: customer currency is {currency}, but subscription currency is {spec.currency}"
        )


def _is_aligned(spec: Spec, item: Item) -> bool:
    length = cadence(item.rate_card)
    return length is None or aligned(spec.billing_cadence, length)


def _check_order(phases: list[Phase]) -> None:
    for before, phase in pairwise(phases):
        together = str(before.starts_after) == str(phase.starts_after)
        if together and (before.order is None or phase.order is None):
            raise InternalFailure(f"the phases {before.key} and {phase.key} start together")


def _of_phase(phase: Phase, span: Span) -> Iterable[Issue]:
    path = _path(phase)
    if phase.starts_after.sign < 0:
        yield _NEGATIVE_START.under(path)
    if not any(phase.items.values()):
        yield _NO_ITEMS.under(path)
    for key, versions in phase.items.items():
        yield from _of_timeline(f"{path}.itemsByKey.{key}", [span_of_item(item, span) for item in versions])
        if any(item.starts_after is not None and item.starts_after.sign < 0 for item in versions):
            yield _NEGATIVE_ITEM_START.under(path)


def _of_timeline(path: str, spans: list[Span]) -> Iterable[Issue]:
    for number, (before, after) in enumerate(pairwise(spans)):
        if before.start > after.start:
            raise InternalFailure("a version of an item begins before the one that it follows")
        if before.end is None or after.start < before.end:
            yield _OVERLAP.under(f"{path}[{number}]")
            yield _OVERLAP.under(f"{path}[{number + 1}]")


def _path(phase: Phase) -> str:
    return keyed("phases", phase.key)


_NEGATIVE_START = critical(
    "subscription_phase_start_after_is_negative", "startAfter", "subscription phase start after cannot be negative"
)
_NO_ITEMS = Issue(
    "subscription phase must have at least one item",
    "subscription_phase_has_no_items",
    "items",
    status=400,
    attributes=((_TOLERATED, True),),
)
_NEGATIVE_ITEM_START = critical(
    "subscription_item_active_from_override_relative_to_phase_start_is_negative",
    "activeFromOverrideRelativeToPhaseStart",
    "active from override relative to phase start cannot be negative",
)
_OVERLAP = critical("subscription_item_history_overlap", "itemsByKey", "subscription item history overlap")
_UNALIGNED = warning(
    "rate_card_billing_cadence_unaligned",
    "billingCadence",
    "ratecards with prices must have compatible billing cadence",
)
