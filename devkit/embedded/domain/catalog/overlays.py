"""How the rate cards of an add-on lie over those of a plan with the same key: which of them go together."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.embedded.domain.catalog import prices
from devkit.embedded.domain.catalog.entitlement_templates import METERED
from devkit.embedded.domain.issues import Issue, keyed, under, warning

RateCard = Mapping[str, Any]


def issues(base: Sequence[RateCard], overlay: Iterable[RateCard]) -> list[Issue]:
    """What does not go together in one phase; a card of the add-on with a key of its own always does."""
    by_key = {card["key"]: card for card in base}
    return [
        issue
        for card in overlay
        if card["key"] in by_key
        for issue in under(keyed("ratecards", card["key"]), _pair_issues(by_key[card["key"]], card))
    ]


def currency_issues(base: Sequence[RateCard], overlay: Iterable[RateCard]) -> list[Issue]:
    """The priced cards of an add-on in another currency than its plan."""
    priced = {card["key"] for card in base if card["price"] is not None}
    return [
        (_CHANGED_CURRENCY if card["key"] in priced else SEVERAL_CURRENCIES).under(
            f"{keyed('ratecards', card['key'])}.currency"
        )
        for card in overlay
        if card["price"] is not None
    ]


def _pair_issues(base: RateCard, overlay: RateCard) -> Iterable[Issue]:
    yield from _price_issues(base["price"], overlay["price"])
    for name, problem in _EQUAL_WHERE_BOTH_HAVE.items():
        mine, theirs = base.get(name), overlay.get(name)
        if mine is not None and theirs is not None and mine != theirs:
            yield problem
    yield from _template_issues(base.get("entitlementTemplate"), overlay.get("entitlementTemplate"))
    if all("percentage" in card.get("discounts", {}) for card in (base, overlay)):
        yield _PERCENTAGE_DISCOUNT


def _price_issues(base: prices.Price | None, overlay: prices.Price | None) -> Iterable[Issue]:
    if base is None or overlay is None:
        return
    if base["type"] != overlay["type"]:
        yield _PRICE_TYPE
    if base["type"] != prices.FLAT:
        yield _ONLY_FLAT_PRICE
    elif base.get("paymentTerm") != overlay.get("paymentTerm"):
        yield _PAYMENT_TERM


def _template_issues(base: RateCard | None, overlay: RateCard | None) -> Iterable[Issue]:
    if base is None or overlay is None:
        return
    if base["type"] != overlay["type"]:
        yield _TEMPLATE_TYPE
    elif base["type"] == "static":
        yield _STATIC_TEMPLATE
    elif base["type"] == METERED and base["usagePeriod"] != overlay["usagePeriod"]:
        yield _USAGE_PERIOD


_PRICE_TYPE = warning("rate_card_price_type_mismatch", "price", "price type must match", status=None)
_PAYMENT_TERM = warning("rate_card_price_payment_term_mismatch", "price", "price payment term must match", status=None)
_ONLY_FLAT_PRICE = warning("rate_card_only_flat_price_allowed", "price", "only flat price is allowed", status=None)
_EQUAL_WHERE_BOTH_HAVE = {
    "featureKey": warning("rate_card_feature_key_mismatch", "featureKey", "feature key must match"),
    "featureId": warning("rate_card_feature_id_mismatch", "featureId", "feature identifiers id must match"),
    "billingCadence": warning("rate_card_billing_cadence_mismatch", "billingCadence", "billing cadence must match"),
}
_TEMPLATE_TYPE = warning(
    "rate_card_entitlement_template_type_mismatch",
    "entitlementTemplate.type",
    "entitlement template type must match",
)
_STATIC_TEMPLATE = warning(
    "rate_card_static_entitlement_template_not_allowed",
    "entitlementTemplate.type",
    "static entitlement template is not allowed",
    status=None,
)
_USAGE_PERIOD = warning(
    "rate_card_metered_entitlement_template_usage_period_mismatch",
    "entitlementTemplate.usagePeriod",
    "usage period for metered entitlement template must match",
)
_PERCENTAGE_DISCOUNT = warning(
    "rate_card_percentage_discount_not_allowed",
    "discounts.percentage",
    "percentage discount is not allowed",
    status=None,
)
_CHANGED_CURRENCY = warning(
    "plan_addon_currency_mismatch", "currency", "add-on cannot change an existing rate card's currency"
)
SEVERAL_CURRENCIES = warning(
    "plan_multiple_fiat_currencies", "currency", "plan cannot contain more than one fiat currency"
)
