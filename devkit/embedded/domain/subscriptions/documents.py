"""Subscriptions as they are kept: a Subscription of the API with its phases and their items below it.

A phase has `items`; an item has its `rateCard`, its span (`activeFrom`, `activeTo`), what led to it (`startsAfter`,
`endsAfter`, `own`, `grantsCount`, `edit`) and the `entitlementId` of the entitlement that it gives.
"""

from collections.abc import Mapping
from typing import Any

from devkit.embedded.domain.durations import Duration, parse
from devkit.embedded.domain.instants import instant, text_of
from devkit.embedded.domain.subscriptions.spans import Span, between
from devkit.embedded.domain.subscriptions.spec import Item, Phase, Spec

Subscription = dict[str, Any]
Document = dict[str, Any]


def spec_of(subscription: Mapping[str, Any]) -> Spec:
    """The spec that a subscription was made to: a copy, free to be changed."""
    spec = Spec(
        currency=subscription["currency"],
        billing_cadence=parse(subscription["billingCadence"]),
        billing_anchor=instant(subscription["billingAnchor"]),
        active_from=instant(subscription["activeFrom"]),
        active_to=instant(subscription["activeTo"]) if "activeTo" in subscription else None,
    )
    for phase in subscription["phases"]:
        spec.phases[phase["key"]] = _phase(phase, spec)
    return spec


def versions_of(phase: Mapping[str, Any]) -> dict[str, list[Document]]:
    """The items of a phase by key, each with its versions in the order of time."""
    found: dict[str, list[Document]] = {}
    for item in phase["items"]:
        found.setdefault(item["key"], []).append(item)
    return found


def item_document(item: Item, span: Span) -> Document:
    """The members of an item but those of its identity."""
    durations = {"startsAfter": item.starts_after, "endsAfter": item.ends_after}
    return {
        "key": item.key,
        "rateCard": item.rate_card,
        "own": item.own,
        "grantsCount": item.grants_count,
        "edit": item.edit,
        **span_document(span),
        **{name: str(duration) for name, duration in durations.items() if duration is not None},
    }


def span_document(span: Span) -> Document:
    """`activeFrom` and `activeTo`."""
    start = {"activeFrom": text_of(span.start)}
    return start if span.end is None else start | {"activeTo": text_of(span.end)}


def _phase(phase: Mapping[str, Any], spec: Spec) -> Phase:
    return Phase(
        key=phase["key"],
        name=phase["name"],
        starts_after=between(spec.active_from, instant(phase["activeFrom"])),
        items={key: [_item(item) for item in versions] for key, versions in versions_of(phase).items()},
        description=phase.get("description"),
        order=phase.get("order"),
    )


def _item(item: Mapping[str, Any]) -> Item:
    return Item(
        rate_card=dict(item["rateCard"]),
        starts_after=_duration(item.get("startsAfter")),
        ends_after=_duration(item.get("endsAfter")),
        own=item["own"],
        grants_count=item["grantsCount"],
        edit=item["edit"],
    )


def _duration(text: str | None) -> Duration | None:
    return None if text is None else parse(text)
