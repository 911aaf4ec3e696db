"""Rate cards meet what they refer to: features by key; tax codes by id, or by Stripe code, which makes new ones."""

from collections.abc import Iterable

from devkit.embedded.domain.catalog import references, tax_codes
from devkit.embedded.domain.catalog.rate_cards import RateCard
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.issues import Issue
from devkit.embedded.domain.timestamps import format_instant
from devkit.embedded.store.features import active_feature, active_feature_by_id
from devkit.embedded.store.store import Store
from devkit.embedded.store.tax_codes import put_tax_code, tax_code, tax_code_of_stripe


def with_features(store: Store, cards: Iterable[RateCard]) -> tuple[list[RateCard], list[Issue]]:
    """The cards with the ids of their features, and an issue for each feature that is not there."""
    return references.with_features(cards, lambda key: active_feature(store, key))


def feature_issues(store: Store, cards: Iterable[RateCard]) -> list[Issue]:
    """What keeps cards that were resolved before from being published now."""
    return references.issues(cards, lambda id_: active_feature_by_id(store, id_))


def with_tax_codes(store: Store, cards: Iterable[RateCard]) -> list[RateCard]:
    """The cards with their tax codes resolved. Raises Invalid for an id that is none."""
    return [_with_tax_code(store, card) if "taxConfig" in card else card for card in cards]


def _with_tax_code(store: Store, card: RateCard) -> RateCard:
    config = card["taxConfig"]
    if "taxCodeId" in config:
        found = tax_code(store, config["taxCodeId"])
        if found is None:
            raise Invalid(f"tax code {config['taxCodeId']} not found")
    elif "stripe" in config:
        code = config["stripe"]["code"]
        found = tax_code_of_stripe(store, code)
        if found is None:
            found = tax_codes.of_stripe(code, id_=store.new_id(), now=format_instant(store.now()))
            put_tax_code(store, found)
    else:
        return card
    return card | {"taxConfig": tax_codes.applied(config, found)}
