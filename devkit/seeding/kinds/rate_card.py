"""Rate cards: what a phase of a plan, or an add-on, sells at which price. Plans and add-ons share them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devkit.core.shapes import Fields, Flag, ListOf, Nullable, Number, Problems, Shape, Text, Variants
from devkit.core.yaml_source import Tree
from devkit.seeding.kinds import fields
from devkit.seeding.kinds.kind import Reference
from devkit.seeding.kinds.likeness import covers

Card = Mapping[str, Any]
Step = str | int


def _type(name: str) -> Text:
    return Text("Its kind.", choices=(name,))


_COMMITMENTS: Mapping[str, Shape] = {
    "minimumAmount": fields.amount("What is paid at least."),
    "maximumAmount": fields.amount("What is paid at most."),
}
_FLAT = Fields(
    {
        "type": _type("flat"),
        "amount": fields.amount("The price."),
        "paymentTerm": Text("When it is paid; in_advance where it is missing.", choices=("in_advance", "in_arrears")),
    },
    ("type", "amount"),
)
_UNIT = Fields(
    {"type": _type("unit"), "amount": fields.amount("The price of a unit."), **_COMMITMENTS}, ("type", "amount")
)
_TIER = Fields(
    {
        "upToAmount": fields.amount("The last unit of the tier; the last tier has none."),
        "flatPrice": Nullable(Fields({"type": _type("flat"), "amount": fields.amount("The price.")}, ("amount",))),
        "unitPrice": Nullable(Fields({"type": _type("unit"), "amount": fields.amount("The price.")}, ("amount",))),
    }
)
_TIERED = Fields(
    {
        "type": _type("tiered"),
        "mode": Text("Whether a tier prices all units or its own.", choices=("volume", "graduated")),
        "tiers": ListOf(_TIER, "The tiers.", fewest=1),
        **_COMMITMENTS,
    },
    ("type", "mode", "tiers"),
)
_DYNAMIC = Fields(
    {"type": _type("dynamic"), "multiplier": fields.amount("Of what the meter adds up."), **_COMMITMENTS}, ("type",)
)
_PACKAGE = Fields(
    {
        "type": _type("package"),
        "amount": fields.amount("The price of a package."),
        "quantityPerPackage": fields.amount("The units in a package."),
        **_COMMITMENTS,
    },
    ("type", "amount", "quantityPerPackage"),
)
_USAGE_PRICES = {"flat": _FLAT, "unit": _UNIT, "tiered": _TIERED, "dynamic": _DYNAMIC, "package": _PACKAGE}
_TEMPLATE = Variants(
    "type",
    {
        "metered": Fields(
            {
                "type": _type("metered"),
                "metadata": fields.METADATA,
                "isSoftLimit": Flag("Access stays when the balance is used up."),
                "issueAfterReset": Number("What every period begins with.", least=0),
                "issueAfterResetPriority": Number("The priority of that.", whole=True, least=1, most=255),
                "preserveOverageAtReset": Flag("What was used too much counts in the next period."),
                "usagePeriod": fields.duration("When usage begins anew; the billing cadence where it is missing."),
            },
            ("type", "issueAfterReset"),
        ),
        "static": Fields(
            {"type": _type("static"), "metadata": fields.METADATA, "config": fields.json_text("A setting.")},
            ("type", "config"),
        ),
        "boolean": Fields({"type": _type("boolean"), "metadata": fields.METADATA}, ("type",)),
    },
    "What a subscriber may use of the feature.",
)
_DISCOUNTS = Fields(
    {
        "percentage": Fields({"percentage": Number("Off the price.", least=0, most=100)}, ("percentage",)),
        "usage": Fields({"quantity": fields.amount("Units that cost nothing.")}, ("quantity",)),
    },
    about="Reductions.",
)
_TAX = Fields(
    {
        "behavior": Text("Is the tax in the price?", choices=("inclusive", "exclusive")),
        "stripe": Fields(
            {"code": Text("Stripe's code.", pattern=r"txcd_\d{8}", pattern_says="a code of Stripe (txcd_…)")}
        ),
    },
    about="How it is taxed.",
)
_EVERY: Mapping[str, Shape] = {
    "key": fields.key("Names the card; with a feature, the feature's key."),
    "name": fields.name(),
    "description": fields.description(),
    "metadata": fields.METADATA,
    "featureKey": fields.key("The feature it sells."),
    "entitlementTemplate": _TEMPLATE,
    "taxConfig": _TAX,
    "discounts": _DISCOUNTS,
}
_ASSUMED_OF_PRICES: Mapping[str, Mapping[str, Any]] = {
    "flat": {"paymentTerm": "in_advance"},
    "dynamic": {"multiplier": "1"},
}
_ASSUMED_OF_METERED = {"isSoftLimit": False, "preserveOverageAtReset": False}

SHAPE: Shape = Variants(
    "type",
    {
        "flat_fee": Fields(
            {
                "type": _type("flat_fee"),
                **_EVERY,
                "billingCadence": Nullable(fields.duration("How often it is billed; once where it is missing.")),
                "price": Nullable(Variants("type", {"flat": _FLAT}, "What it costs; nothing where it is missing.")),
            },
            ("type", "key", "name"),
        ),
        "usage_based": Fields(
            {
                "type": _type("usage_based"),
                **_EVERY,
                "billingCadence": fields.duration("How often it is billed."),
                "price": Nullable(Variants("type", _USAGE_PRICES, "What it costs; nothing where it is missing.")),
            },
            ("type", "key", "name", "billingCadence"),
        ),
    },
    "A rate card sells something at a price.",
)


def check(cards: Sequence[Card], tree: Tree, path: str, problems: Problems) -> None:
    """What OpenMeter would refuse of the cards of one phase or add-on; tree and path are those of the list."""
    lines: dict[str, int] = {}
    for index, card in enumerate(cards):
        key, place = card.get("key"), tree.at(index, "key").place
        if key and key in lines:
            problems.add(
                place, f"{path}[{index}].key", f"a second rate card {key!r}; the first is in line {lines[key]}"
            )
        elif key:
            lines[key] = place.line
        _check_card(card, tree.at(index), f"{path}[{index}]", problems)


def _check_card(card: Card, tree: Tree, path: str, problems: Problems) -> None:
    price, feature = card.get("price") or {}, card.get("featureKey")
    if feature and card.get("key") and feature != card["key"]:
        message = f"must be the card's key {card['key']!r}, found {feature!r}"
        problems.add(tree.at("featureKey").place, f"{path}.featureKey", message, f"key: {feature}")
    if not feature and "entitlementTemplate" in card:
        problems.add(tree.keys["entitlementTemplate"], f"{path}.entitlementTemplate", "needs a featureKey")
    if not feature and price.get("type", "flat") != "flat":
        problems.add(tree.keys["price"], f"{path}.price", f"a price by usage ({price['type']}) needs a featureKey")
    if card.get("discounts") and not price:
        problems.add(tree.keys["discounts"], f"{path}.discounts", "there is no price to reduce")
    template = card.get("entitlementTemplate") or {}
    if template.get("type") == "metered" and not (template.get("usagePeriod") or card.get("billingCadence")):
        place = tree.at("entitlementTemplate").place
        problems.add(place, f"{path}.entitlementTemplate", "needs a usagePeriod, for the card has no billingCadence")
    _check_price(price, tree.at("price"), f"{path}.price", problems)


def _check_price(price: Mapping[str, Any], tree: Tree, path: str, problems: Problems) -> None:
    least, most = (float(price.get(name) or 0) for name in ("minimumAmount", "maximumAmount"))
    if least and most and least > most:
        problems.add(tree.at("minimumAmount").place, f"{path}.minimumAmount", "is above maximumAmount")
    tiers = price.get("tiers") or ()
    if tiers and all((tier or {}).get("upToAmount") is not None for tier in tiers):
        problems.add(tree.at("tiers").place, f"{path}.tiers", "the last tier has no end", "leave its upToAmount out")
    for index, tier in enumerate(tiers):
        if not (tier.get("flatPrice") or tier.get("unitPrice")):
            place = tree.at("tiers", index).place
            problems.add(place, f"{path}.tiers[{index}]", "needs a flatPrice or a unitPrice")


def references(cards: Iterable[Card], *steps: Step) -> Iterable[Reference]:
    """The features of cards; steps lead from the entry to the list."""
    for index, card in enumerate(cards):
        if card.get("featureKey"):
            yield Reference("feature", str(card["featureKey"]), (*steps, index, "featureKey"))


def body(card: Card) -> dict[str, Any]:
    """The card as OpenMeter takes it, which wants some fields named even where they are null."""
    price = card.get("price")
    if price and price.get("tiers"):
        price = {**price, "tiers": [_tier(tier) for tier in price["tiers"]]}
    return {**card, "billingCadence": card.get("billingCadence"), "price": price}


def _tier(tier: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {"flatPrice": "flat", "unitPrice": "unit"}
    prices = {name: {"type": kind, **tier[name]} if tier.get(name) else None for name, kind in kinds.items()}
    return {**tier, **prices}


def same(wanted: Sequence[Card], there: Sequence[Card]) -> bool:
    """Do the cards of pack and server mean the same? The server keeps no order of them."""
    return covers([_settled(card) for card in wanted], [_settled(card) for card in there])


def _settled(card: Card) -> dict[str, Any]:
    """With what OpenMeter assumes where a card is silent, so that a field taken out of the pack is a difference."""
    settled = body(card)
    if price := settled["price"]:
        settled["price"] = {**_ASSUMED_OF_PRICES.get(price["type"], {}), **price}
    template = card.get("entitlementTemplate") or {}
    if template.get("type") == "metered":
        settled["entitlementTemplate"] = _ASSUMED_OF_METERED | {"usagePeriod": card.get("billingCadence")} | template
    return settled
