"""Issues that ask for no status: where there are no others, OpenMeter tells them all in one text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.embedded.domain.catalog import rate_cards
from devkit.embedded.domain.issues import Issue

_PRICE = "price"


def text_of_card(issues: Sequence[Issue]) -> str:
    """The text of all issues of a rate card, without the prefix of its kind."""
    prices = [issue.message for issue in issues if issue.field == _PRICE]
    lines = [f"invalid price: price: validation error: {_lines(prices)}"] if prices else []
    lines += [issue.message for issue in issues if issue.field != _PRICE]
    return f"validation error: {_lines(lines)}"


def text_of_phases(phases: Iterable[Mapping[str, Any]]) -> str:
    """The text of all issues of the rate cards of these phases, without the prefix of its kind."""
    texts = ((phase["key"], _of_phase(phase["rateCards"])) for phase in phases)
    return _lines(f"phases[key={key}]: validation error: {text}" for key, text in texts if text)


def _of_phase(cards: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    seen = set()
    for card in cards:
        path = f"ratecards[key={card['key']}]"
        if card["key"] in seen:
            lines.append(f"{path}: duplicated key")
        seen.add(card["key"])
        if found := rate_cards.issues(card):
            lines.append(f"{path}: validation error: {text_of_card(found)}")
    return _lines(lines)


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(texts)
