"""How answers show subscriptions: alone, and with their phases, items and what the items give."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from devkit.embedded.domain.catalog import prices
from devkit.embedded.domain.errors import IssuesFound
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.subscriptions.documents import Document, span_document, spec_of, versions_of
from devkit.embedded.domain.subscriptions.spans import Span
from devkit.embedded.domain.subscriptions.spec import Spec
from devkit.embedded.domain.subscriptions.states import status

Included = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]

_OF_ITEM = ("id", "key", "activeFrom", "activeTo", "createdAt", "updatedAt")
_OF_CARD = ("description", "featureKey", "discounts", "taxConfig")


def shown(subscription: Mapping[str, Any], now: datetime) -> Document:
    """A Subscription."""
    body = {name: value for name, value in subscription.items() if name != "phases"}
    if not body.get("annotations"):
        body.pop("annotations", None)
    return body | {"status": status(subscription, now), "alignment": {"billablesMustAlign": True}}


def expanded(subscription: Mapping[str, Any], included: Included, now: datetime) -> Document:
    """A SubscriptionExpanded. included: feature and entitlement of an item; None where it has no feature."""
    spec = spec_of(subscription)
    body = shown(subscription, now)
    body["alignment"] |= _billing_period(spec, now)
    body["phases"] = [_phase(phase, spec, included, now) for phase in subscription["phases"]]
    return body


def _billing_period(spec: Spec, now: datetime) -> Document:
    try:
        period = spec.billing_period_at(now)
    except IssuesFound:
        return {}
    return {"currentAlignedBillingPeriod": {"from": text_of(period.start), "to": text_of(period.end or period.start)}}


def _phase(phase: Mapping[str, Any], spec: Spec, included: Included, now: datetime) -> Document:
    span = spec.span_of(spec.phases[phase["key"]])
    timelines = {
        key: [_item(item, included) for item in versions] for key, versions in sorted(versions_of(phase).items())
    }
    current = spec.phase_at(now)
    is_current = current is not None and current.key == phase["key"]
    named = {name: phase[name] for name in ("id", "key", "name", "createdAt", "updatedAt")}
    described = {"description": phase["description"]} if phase.get("description") is not None else {}
    items = [item for versions in timelines.values() for item in _relevant(versions, span, now, is_current=is_current)]
    return {**named, **described, **span_document(span), "items": items, "itemTimelines": timelines}


def _relevant(versions: Sequence[Document], span: Span, now: datetime, *, is_current: bool) -> Iterable[Document]:
    """Of the current phase the version that runs, of a later one the first, of an earlier one the last."""
    if is_current:
        return [item for item in versions if _runs(item, now)][:1]
    return versions[:1] if span.start > now else versions[-1:]


def _runs(item: Mapping[str, Any], now: datetime) -> bool:
    ends = item.get("activeTo")
    return instant(item["activeFrom"]) <= now and (ends is None or now < instant(ends))


def _item(item: Mapping[str, Any], included: Included) -> Document:
    card = item["rateCard"]
    body = {
        name: item[name] for name in ("id", "key", "activeFrom", "activeTo", "createdAt", "updatedAt") if name in item
    }
    body |= {name: card[name] for name in _OF_CARD if name in card}
    body |= {"name": card["name"], "billingCadence": card["billingCadence"]}
    body["price"] = card["price"] and prices.shown(card["price"])
    found = included(item)
    return body if found is None else body | {"included": found}
