"""What rate cards refer to: the features behind their keys, and whether a price by usage has a meter to count it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devkit.embedded.domain.catalog.rate_cards import RateCard, is_usage_priced
from devkit.embedded.domain.issues import Issue, critical, keyed, warning

#: How OpenMeter prints the key of the phase while it looks for features.
UNNAMED_PHASE = keyed("phases", "!UNSUPPORTED")

Feature = Mapping[str, Any]
Find = Callable[[str], Feature | None]


def with_features(cards: Iterable[RateCard], find: Find) -> tuple[list[RateCard], list[Issue]]:
    """The cards with the ids of their features, and an issue for each feature that `find` does not find by its key."""
    found, missing = [], []
    for card in cards:
        feature = find(card["featureKey"]) if "featureKey" in card else None
        if "featureKey" in card and feature is None:
            missing.append(_NOT_FOUND.under(keyed("ratecards", card["key"])))
        found.append(card | ({"featureId": feature["id"]} if feature is not None else {}))
    return found, missing


def issues(cards: Iterable[Mapping[str, Any]], find: Find) -> list[Issue]:
    """What keeps the cards from being published; `find` finds a feature in use by its id."""
    found = []
    for card in cards:
        if "featureId" not in card:
            continue
        feature = find(card["featureId"])
        if feature is None:
            found.append(_NOT_FOUND.under(keyed("rateCards", card["key"])))
        elif is_usage_priced(card) and "meterSlug" not in feature:
            found.append(_NO_METER.under(keyed("rateCards", card["key"])))
    return found


_NOT_FOUND = critical("rate_card_feature_not_found", "featureKey", "feature not found")
_NO_METER = warning(
    "usage_based_price_with_feature_and_no_meter",
    "featureKey",
    "usage-based price requires feature with meter to be associated with",
)
