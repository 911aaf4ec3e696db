"""Features and tax codes behind rate cards."""

from devkit.embedded.domain.catalog import rate_cards, references, tax_codes
from tests.embedded.domain.catalog.examples import flat, usage

FEATURES = {"calls": {"id": "1", "meterSlug": "m"}, "perk": {"id": "2"}}
NOTHING: dict[str, references.Feature] = {}
CARDS = rate_cards.read_all([flat(), usage("calls"), usage("perk"), usage("none")])


def test_cards_get_the_ids_of_their_features() -> None:
    resolved, missing = references.with_features(CARDS, FEATURES.get)
    assert [card.get("featureId") for card in resolved] == [None, "1", "2", None]
    assert [(issue.field, issue.severity) for issue in missing] == [
        ("ratecards[?(@.key=='none')].featureKey", "critical")
    ]


def test_a_price_by_usage_needs_a_meter() -> None:
    resolved, _ = references.with_features(CARDS, FEATURES.get)
    by_id = {feature["id"]: feature for feature in FEATURES.values()}
    issues = references.issues(resolved, by_id.get)
    assert [(issue.field, issue.code) for issue in issues] == [
        ("rateCards[?(@.key=='perk')].featureKey", "usage_based_price_with_feature_and_no_meter")
    ]
    assert [issue.code for issue in references.issues(resolved, NOTHING.get)] == ["rate_card_feature_not_found"] * 2


def test_a_free_card_needs_no_meter() -> None:
    resolved, _ = references.with_features(rate_cards.read_all([usage("perk", price=None)]), FEATURES.get)
    assert references.issues(resolved, {"2": FEATURES["perk"]}.get) == []


def test_a_tax_code_brings_its_code_in_stripe() -> None:
    code = tax_codes.of_stripe("txcd_10000000", id_="1", now="t")
    config = tax_codes.applied({"behavior": "inclusive", "stripe": {"code": "txcd_20000000"}}, code)
    assert config == {"behavior": "inclusive", "stripe": {"code": "txcd_10000000"}, "taxCodeId": "1"}


def test_a_tax_code_without_stripe_takes_the_code_away() -> None:
    bare = {"id": "1", "appMappings": []}
    assert tax_codes.applied({"stripe": {"code": "txcd_20000000"}}, bare) == {"taxCodeId": "1"}
