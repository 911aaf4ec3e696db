"""The phases of a plan: `key`, `name`, `duration` (None: the last one), `rateCards`, and what else was given."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.embedded.domain.catalog import rate_cards
from devkit.embedded.domain.catalog.unreadable import Unreadable, duration, invalid
from devkit.embedded.domain.durations import HOUR, parse
from devkit.embedded.domain.issues import Issue, critical, keyed, under, warning

Phase = dict[str, Any]


def read_all(given: Iterable[Mapping[str, Any]]) -> list[Phase]:
    """The phases of a body as they are kept. Raises Unreadable."""
    return [_read(phase) for phase in given]


def shown(phase: Phase) -> Phase:
    """The phase as answers show it."""
    return phase | {"rateCards": [rate_cards.shown(card) for card in phase["rateCards"]]}


def issues_of_all(phases: Sequence[Mapping[str, Any]]) -> list[Issue]:
    """What is wrong with the phases of a plan, and with their order."""
    found: list[Issue] = []
    seen = set()
    for number, phase in enumerate(phases, 1):
        path = path_of(phase)
        if (phase["duration"] is None) != (number == len(phases)):
            problem = _LAST_WITH_DURATION if number == len(phases) else _NO_DURATION
            found.append(problem.under(path))
        if phase["key"] in seen:
            found.append(_DUPLICATED_KEY.under(f"{path}.key"))
        seen.add(phase["key"])
        found += under(path, issues(phase))
    return found


def issues(phase: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with one phase."""
    found = []
    if phase["duration"] is not None:
        length = parse(phase["duration"])
        if length.sign < 0:
            found.append(_NEGATIVE_DURATION)
        if (length - HOUR).sign < 0:
            found.append(_SHORT_DURATION)
    if not phase["rateCards"]:
        return [*found, _NO_RATE_CARDS]
    return found + rate_cards.issues_of_all(phase["rateCards"])


def path_of(phase: Mapping[str, Any]) -> str:
    return keyed("phases", phase["key"])


def _read(given: Mapping[str, Any]) -> Phase:
    length = None
    if given["duration"] is not None:
        try:
            length = duration(given["duration"], "invalid duration: failed to cast to period")
        except Unreadable as error:
            raise invalid(error.text) from error
    phase: Phase = {"key": given["key"], "name": given["name"], "duration": None if length is None else str(length)}
    if given.get("description") is not None:
        phase["description"] = given["description"]
    if given.get("metadata"):
        phase["metadata"] = given["metadata"]
    return phase | {"rateCards": rate_cards.read_all(given["rateCards"])}


_NO_DURATION = warning(
    "plan_has_non_last_phase_with_no_duration",
    "duration",
    "duration must be set for plan phase if it is not the last one",
)
_LAST_WITH_DURATION = warning(
    "plan_has_last_phase_with_duration", "duration", "duration must not be set for the last plan phase"
)
_DUPLICATED_KEY = critical("plan_phase_duplicated_key", "key", "duplicated key")
_NEGATIVE_DURATION = warning("plan_phase_with_negative_duration", "duration", "duration must be positive")
_SHORT_DURATION = warning("plan_phase_duration_less_then_an_hour", "duration", "duration must be at least 1 hour")
_NO_RATE_CARDS = warning("plan_phase_has_no_rate_cards", "rateCards", "plan phase must have at least one rate card")
