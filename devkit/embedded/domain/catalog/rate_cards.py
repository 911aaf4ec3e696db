"""Rate cards, shared by plans, add-ons and custom plans: in the form of the API plus `featureId`.

`price` and `billingCadence` are always there (None: none); `featureId` is the feature that was found for `featureKey`.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from devkit.embedded.domain import numerics
from devkit.embedded.domain.catalog import entitlement_templates, prices
from devkit.embedded.domain.catalog.unreadable import Unreadable, duration
from devkit.embedded.domain.durations import HOUR, Duration, parse
from devkit.embedded.domain.issues import Issue, critical, keyed, under, warning

RateCard = dict[str, Any]

_WORDS = {"flat_fee": "failed to cast FlatFeeRateCard", "usage_based": "failed to cast UsageBasedRateCard"}


def read_all(given: Iterable[Mapping[str, Any]]) -> list[RateCard]:
    """The rate cards of a body as they are kept. Raises Unreadable."""
    try:
        return [read(card) for card in given]
    except Unreadable as error:
        raise error.within("failed to cast ratecard") from error


def shown(card: RateCard) -> RateCard:
    """The rate card as answers show it."""
    price = card["price"] and prices.shown(card["price"])
    return {name: value for name, value in card.items() if name != "featureId"} | {"price": price}


def cadence(card: Mapping[str, Any]) -> Duration | None:
    """The billing cadence; None for a one-time charge."""
    return parse(card["billingCadence"]) if card["billingCadence"] is not None else None


def is_usage_priced(card: Mapping[str, Any]) -> bool:
    """Whether its price depends on usage, and so on a metered feature."""
    return card["price"] is not None and card["price"]["type"] != prices.FLAT


def issues_of_all(cards: Sequence[Mapping[str, Any]]) -> list[Issue]:
    """What is wrong with the rate cards of one phase or add-on, and with their keys among each other."""
    found: list[Issue] = []
    seen = set()
    for card in cards:
        path = keyed("ratecards", card["key"])
        if card["key"] in seen:
            found.append(_DUPLICATED_KEY.under(path))
        seen.add(card["key"])
        found += under(path, issues(card))
    return found


def issues(card: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with one rate card."""
    found = [*_template_issues(card), *_price_issues(card)]
    if card.get("featureKey", card["key"]) != card["key"]:
        found.append(_KEY_MISMATCH)
    found += [*_discount_issues(card), *_cadence_issues(card)]
    if card["type"] == "flat_fee":
        found += storage_issues(card.get("discounts", {}))
    if "usage" in card.get("discounts", {}) and (card["type"] == "flat_fee" or _is_flat(card["price"])):
        found.append(_USAGE_DISCOUNT_OF_FLAT_PRICE)
    return found


def refused_by_store(cards: Iterable[Mapping[str, Any]]) -> list[Issue]:
    """The issues of the first part that cannot even be kept in a draft."""
    for card in cards:
        template = card.get("entitlementTemplate")
        if template and (found := entitlement_templates.issues(template)):
            return under("entitlementTemplate", found)
        if found := storage_issues(card.get("discounts", {})):
            return found
    return []


def storage_issues(discounts: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with discounts for themselves."""
    usage = discounts.get("usage")
    return [_NEGATIVE_DISCOUNT] if usage and Decimal(usage["quantity"]) < 0 else []


def read(given: Mapping[str, Any]) -> RateCard:
    """One rate card of a body as it is kept. Raises Unreadable."""
    try:
        return _read_parts(given)
    except Unreadable as error:
        raise error.within(_WORDS[given["type"]]) from error


def _read_parts(given: Mapping[str, Any]) -> RateCard:
    period = given["billingCadence"]
    length = duration(period, "failed to cast BillingCadence") if period is not None else None
    card: RateCard = {name: given[name] for name in ("type", "key", "name")}
    card["billingCadence"] = None if length is None else str(length)
    card |= {name: given[name] for name in ("description", "featureKey") if given.get(name) is not None}
    metadata = given.get("metadata")
    if metadata or (metadata is not None and given["type"] == "usage_based"):
        card["metadata"] = metadata
    if given.get("entitlementTemplate") is not None:
        card["entitlementTemplate"] = _template(given["entitlementTemplate"], length)
    if given.get("taxConfig") is not None:
        card["taxConfig"] = {name: part for name, part in given["taxConfig"].items() if name in _TAX_PARTS}
    card["price"] = _price(given)
    discounts = _discounts(given.get("discounts") or {})
    return card | ({"discounts": discounts} if discounts else {})


_TAX_PARTS = ("behavior", "stripe", "taxCodeId")


def _template(given: Mapping[str, Any], length: Duration | None) -> entitlement_templates.Template:
    try:
        return entitlement_templates.read(given, length)
    except Unreadable as error:
        raise error.within("failed to cast EntitlementTemplate") from error


def _price(given: Mapping[str, Any]) -> prices.Price | None:
    if given["price"] is None:
        return None
    price = prices.read(given["price"])
    return {"paymentTerm": prices.IN_ADVANCE} | price if given["type"] == "flat_fee" else price


def _discounts(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if given.get("percentage") is not None:
        found["percentage"] = {"percentage": given["percentage"]["percentage"]}
    if given.get("usage") is not None:
        found["usage"] = {"quantity": numerics.text(given["usage"]["quantity"])}
    return found


def _template_issues(card: Mapping[str, Any]) -> Iterable[Issue]:
    template = card.get("entitlementTemplate")
    if template is None:
        return
    if "featureKey" not in card:
        yield _TEMPLATE_WITHOUT_FEATURE
    yield from under("entitlementTemplate", entitlement_templates.issues(template))
    if template["type"] == entitlement_templates.METERED and "issueAfterReset" not in template:
        yield _ISSUE_AFTER_RESET_REQUIRED


def _price_issues(card: Mapping[str, Any]) -> Iterable[Issue]:
    if card["price"] is None:
        return
    yield from under("price", prices.issues(card["price"]))
    if is_usage_priced(card) and "featureKey" not in card:
        yield _USAGE_PRICE_WITHOUT_FEATURE


def _discount_issues(card: Mapping[str, Any]) -> Iterable[Issue]:
    discounts = card.get("discounts", {})
    if discounts and card["price"] is None:
        yield Issue("price is required for discounts")
        return
    yield from storage_issues(discounts)
    if "usage" in discounts and _is_flat(card["price"]):
        yield _USAGE_DISCOUNT_OF_FLAT_PRICE


def _cadence_issues(card: Mapping[str, Any]) -> Iterable[Issue]:
    """Both rules name the same issue, so that a cadence of zero or less has it twice."""
    length = cadence(card)
    if length is None:
        return
    if length.sign <= 0:
        yield _CADENCE_TOO_SHORT
    if (length - HOUR).sign < 0:
        yield _CADENCE_TOO_SHORT


def _is_flat(price: Mapping[str, Any] | None) -> bool:
    return price is not None and price["type"] == prices.FLAT


_DUPLICATED_KEY = critical("rate_card_duplicated_key", "key", "duplicated key", status=None)
_KEY_MISMATCH = critical("rate_card_key_feature_key_mismatch", "key", "rate card key must match feature key")
_TEMPLATE_WITHOUT_FEATURE = warning(
    "entitlement_template_with_no_feature",
    "featureKey",
    "entitlement template requires feature to be associated with",
)
_ISSUE_AFTER_RESET_REQUIRED = warning(
    "entitlement_template_issue_after_reset_required",
    "entitlementTemplate.issueAfterReset",
    "issueAfterReset is required for metered entitlement templates",
)
_USAGE_PRICE_WITHOUT_FEATURE = warning(
    "usage_based_price_with_no_feature", "featureKey", "usage-based price requires feature to be associated with"
)
_NEGATIVE_DISCOUNT = warning(
    "usage_discount_negative_quantity", "discounts.usage.quantity", "usage must be greater than 0"
)
_USAGE_DISCOUNT_OF_FLAT_PRICE = warning(
    "usage_discount_with_flat_price", "", "usage discount is not supported for flat price"
)
_CADENCE_TOO_SHORT = warning(
    "billing_cadence_invalid_value",
    "billingCadence",
    "billing cadence must be positive and 1 hour long duration at least",
)
