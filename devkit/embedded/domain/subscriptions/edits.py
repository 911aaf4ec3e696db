"""The operations of an edit: read from a body, checked, and applied one after another."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from devkit.embedded.domain.catalog import rate_cards
from devkit.embedded.domain.catalog.unreadable import Unreadable, duration
from devkit.embedded.domain.durations import Duration
from devkit.embedded.domain.errors import Invalid, IssuesFound
from devkit.embedded.domain.issues import Issue, keyed
from devkit.embedded.domain.subscriptions import edit_paths
from devkit.embedded.domain.subscriptions import unnamed_issues as unnamed
from devkit.embedded.domain.subscriptions.item_edits import AddItem, RemoveItem, UnscheduleEdits
from devkit.embedded.domain.subscriptions.phase_edits import AddPhase, RemovePhase, StretchPhase
from devkit.embedded.domain.subscriptions.spans import Moment
from devkit.embedded.domain.subscriptions.spec import Spec
from devkit.embedded.domain.subscriptions.spec_issues import alignment_issues, is_tolerated, issues_of

Body = Mapping[str, Any]


class Edit(Protocol):
    """One operation. `apply` changes the spec in place and raises a Refusal where it cannot."""

    def apply(self, spec: Spec, moment: Moment) -> None: ...


def read_all(bodies: Sequence[Body]) -> list[Edit]:
    """The operations of a body (SubscriptionEditOperation). Raises Invalid for what cannot be read."""
    if not bodies:
        raise Invalid("missing customizations")
    return [_read(body, number) for number, body in enumerate(bodies)]


def check_all(edits: Iterable[Edit]) -> None:
    """What is wrong with operations for themselves. Raises Plain, IssuesFound, Invalid or InternalFailure."""
    for edit in edits:
        match edit:
            case AddItem():
                edit_paths.check(edit_paths.of_item(edit.phase_key, edit.rate_card["key"]))
                _check_item(edit)
            case RemoveItem():
                edit_paths.check(edit_paths.of_item(edit.phase_key, edit.item_key))
            case AddPhase() | RemovePhase() | StretchPhase():
                edit_paths.check(edit_paths.of_phase(edit.key))
                edit.check()


def apply_all(spec: Spec, edits: Iterable[Edit], moment: Moment) -> None:
    """Applies the operations to the spec. Raises the first refusal; of a phase without items only at the end."""
    for edit in edits:
        edit.apply(spec, moment)
        found = issues_of(spec)
        if not all(map(is_tolerated, found)):
            _refuse(found)
    _refuse(issues_of(spec))
    _refuse(alignment_issues(spec))


def _refuse(found: Sequence[Issue]) -> None:
    if found:
        raise IssuesFound(found)


def _check_item(edit: AddItem) -> None:
    found = rate_cards.issues(edit.rate_card)
    path = f"{keyed('phases', edit.phase_key)}.items.{edit.rate_card['key']}"
    shown = [replace(issue.under(path), component="rateCard") for issue in found if issue.status]
    _refuse(shown)
    if found:
        raise Invalid(unnamed.text_of_card(found))


def _read(body: Body, number: int) -> Edit:
    try:
        return _READERS[body["op"]](body)
    except Unreadable as error:
        raise Invalid(f"failed to map patch at idx {number} to subscription.Patch: {error.text}") from error


def _add_item(body: Body) -> Edit:
    try:
        return AddItem(body["phaseKey"], rate_cards.read(body["rateCard"]))
    except Unreadable as error:
        raise error.within("failed to cast to RateCard") from error


def _add_phase(body: Body) -> Edit:
    phase = body["phase"]
    starts_after = Duration()
    if phase["startAfter"] is not None:
        starts_after = duration(phase["startAfter"], "failed to parse start after")
    length = phase.get("duration")
    return AddPhase(
        key=phase["key"],
        name=phase["name"],
        starts_after=starts_after,
        duration=duration(length, "failed to parse duration") if length is not None else None,
        description=phase.get("description"),
    )


def _stretch_phase(body: Body) -> Edit:
    return StretchPhase(body["phaseKey"], duration(body["extendBy"], "failed to parse duration"))


_READERS: dict[str, Callable[[Body], Edit]] = {
    "add_item": _add_item,
    "remove_item": lambda body: RemoveItem(body["phaseKey"], body["itemKey"]),
    "unschedule_edit": lambda _: UnscheduleEdits(),
    "add_phase": _add_phase,
    "remove_phase": lambda body: RemovePhase(body["phaseKey"], body["shift"]),
    "stretch_phase": _stretch_phase,
}
