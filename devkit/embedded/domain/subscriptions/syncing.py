"""What becomes of the phases and items of a subscription when its spec changes: what stays as it is keeps its identity.

A phase that changes takes its items along, an item its entitlement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devkit.embedded.domain import jsonb
from devkit.embedded.domain.durations import Duration
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.subscriptions.documents import Document, item_document, versions_of
from devkit.embedded.domain.subscriptions.spans import Span, is_exact
from devkit.embedded.domain.subscriptions.spec import Item, Phase, Spec, moved, span_of_item

#: Members of an item that may change without it becoming another one.
_NOT_COMPARED = ("own", "grantsCount", "edit")
_IDENTITY = ("id", "createdAt", "updatedAt", "entitlementId")


@dataclass(frozen=True)
class NewItem:
    """An item that was made. document: as it is in its phase, to be completed. phase_start: when its phase begins."""

    document: Document
    item: Item
    span: Span
    phase_start: datetime
    path: tuple[str, str, int]


@dataclass
class Synced:
    """phases: all phases as documents. made: the new items, in OpenMeter's order. dropped: entitlements that end."""

    phases: list[Document] = field(default_factory=list)
    made: list[NewItem] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def synced(current: Sequence[Document], spec: Spec, *, new_id: Callable[[], str], now: str) -> Synced:
    """The phases of the spec, with those of the current ones that stay."""
    result = Synced()
    before = {phase["key"]: phase for phase in current}
    for phase in spec.sorted_phases():
        _sync_phase(result, before.get(phase.key), phase, spec, _Identities(new_id, now))
    result.made.sort(key=lambda made: made.path)
    kept = {item.get("entitlementId") for phase in result.phases for item in phase["items"]}
    owned = [item["entitlementId"] for phase in current for item in phase["items"] if "entitlementId" in item]
    result.dropped = [id_ for id_ in owned if id_ not in kept]
    return result


def gives_same_entitlement(item: Item, span: Span, phase_start: datetime) -> bool:
    """Whether the entitlement of an item that did not change is the one that would be made again.

    OpenMeter thinks that it is not where an instant was too fine to be kept, or a config is spelled in another way.
    """
    template = item.rate_card.get("entitlementTemplate")
    if template is None:
        return True
    if template["type"] == "static" and jsonb.normalised(template["config"]) != template["config"]:
        return False
    bounds = ((item.starts_after, span.start), (item.ends_after, span.end))
    return not any(_is_too_fine(duration, at, phase_start) for duration, at in bounds)


def _is_too_fine(duration: Duration | None, at: datetime | None, phase_start: datetime) -> bool:
    """Whether the duration decides about the instant; another one may, where it leads out of its phase."""
    return duration is not None and not is_exact(duration) and moved(phase_start, duration) == at


@dataclass(frozen=True)
class _Identities:
    new_id: Callable[[], str]
    now: str

    def new(self) -> Document:
        return {"id": self.new_id(), "createdAt": self.now, "updatedAt": self.now}


def _sync_phase(result: Synced, before: Document | None, phase: Phase, spec: Spec, identities: _Identities) -> None:
    span = spec.span_of(phase)
    content = _phase_content(phase, span)
    stays = before is not None and content == {name: before.get(name) for name in content}
    made = {**(before if stays and before is not None else content | identities.new()), "items": []}
    known = versions_of(before) if stays and before is not None else {}
    for key, versions in phase.items.items():
        for number, item in enumerate(versions):
            old = known.get(key, [])[number : number + 1]
            item_span = span_of_item(item, span)
            if old and _stays(old[0], item, item_span, span.start):
                made["items"].append(old[0] | item_document(item, item_span))
                continue
            document = identities.new() | item_document(item, item_span)
            made["items"].append(document)
            result.made.append(NewItem(document, item, item_span, span.start, (phase.key, key, number)))
    result.phases.append(made)


def _phase_content(phase: Phase, span: Span) -> Document:
    return {
        "key": phase.key,
        "name": phase.name,
        "description": phase.description,
        "order": phase.order,
        "activeFrom": text_of(span.start),
    }


def _stays(document: Mapping[str, Any], item: Item, span: Span, phase_start: datetime) -> bool:
    same = _compared(document) == _compared(item_document(item, span))
    return same and gives_same_entitlement(item, span, phase_start)


def _compared(document: Mapping[str, Any]) -> Document:
    left = (*_NOT_COMPARED, *_IDENTITY)
    return {name: value for name, value in document.items() if name not in left}
