"""Rate cards: every kind, price and entitlement reads back in OpenMeter's form."""

from devkit.checks import expect
from devkit.checks.product_catalog.bodies import Body, flat, phase, plan, refused_with_issues, usage
from devkit.checks.registry import check
from devkit.checks.scene import Scene

OPEN_TIER = {"flatPrice": None, "unitPrice": {"type": "unit", "amount": "0.03"}}
FIRST_TIER = {"upToAmount": "500", "flatPrice": {"type": "flat", "amount": "5"}, "unitPrice": None}


def _features(scene: Scene) -> tuple[str, str]:
    """A metered feature and one without a meter."""
    meter = scene.meter("calls", "COUNT", event_type=scene.name("call"))
    scene.setup("createFeature", body={"key": scene.slug("calls"), "name": "Calls", "meterSlug": meter}, status=201)
    scene.setup("createFeature", body={"key": scene.slug("sso"), "name": "SSO"}, status=201)
    return scene.slug("calls"), scene.slug("sso")


@check("prices, discounts and templates read back as they are meant", operations=("createPlan", "publishPlan"))
def rate_cards_read_back(scene: Scene) -> None:
    calls, sso = _features(scene)
    metered = {"type": "metered", "isSoftLimit": True, "issueAfterReset": 200}
    cards = [
        (flat("fee", "19.90", discounts={"percentage": {"percentage": 25}}), {"price": _flat("19.9")}),
        (flat("setup", billingCadence=None, price={"type": "flat", "amount": "99"}), {"price": _flat("99")}),
        (flat(sso, price=None, featureKey=sso, entitlementTemplate={"type": "boolean"}), {}),
        (
            usage(calls, price=_tiered(FIRST_TIER, OPEN_TIER), entitlementTemplate=metered),
            {"entitlementTemplate": metered | {"usagePeriod": "P1M"}},
        ),
    ]
    key = plan(scene, "pro", phase(*(card for card, _ in cards)))
    created = scene.call("createPlan", body=key, status=201).body
    shown = {card["key"]: card for card in created["phases"][0]["rateCards"]}
    for card, changes in cards:
        expect.contains(f"the rate card {card['key']}", shown.get(card["key"]), card | changes)
    scene.call("publishPlan", created["id"])


@check("each price by usage keeps its amounts", operations=("createPlan",))
def prices_by_usage(scene: Scene) -> None:
    calls, _ = _features(scene)
    prices: list[tuple[Body, Body]] = [
        (
            {"type": "unit", "amount": "0.10", "minimumAmount": "5.0", "maximumAmount": "100"},
            {"amount": "0.1", "minimumAmount": "5"},
        ),
        ({"type": "dynamic", "multiplier": "1.50"}, {"multiplier": "1.5"}),
        ({"type": "package", "amount": "05", "quantityPerPackage": "1000"}, {"amount": "5"}),
        (_tiered(OPEN_TIER, FIRST_TIER) | {"mode": "graduated"}, {}),
    ]
    for number, (price, changes) in enumerate(prices):
        body = plan(scene, f"plan{number}", phase(usage(calls, price=price)))
        shown = scene.call("createPlan", body=body, status=201).body["phases"][0]["rateCards"][0]["price"]
        expect.equal(f"the {price['type']} price", shown, price | changes)
    field = f"$.phases[?(@.key=='main')].ratecards[?(@.key=='{calls}')].price"
    wrong = [
        (_tiered(FIRST_TIER), "at least one PriceTier must be open-ended"),
        ({"type": "package", "amount": "1", "quantityPerPackage": "0"}, "the QuantityPerPackage must not be zero"),
    ]
    for price, problem in wrong:
        bad = plan(scene, "bad", phase(usage(calls, price=price)))
        refused_with_issues(scene, "createPlan", body=bad, detail="invalid plan", issues=[(field, problem)])


def _flat(amount: str) -> Body:
    return {"type": "flat", "amount": amount, "paymentTerm": "in_advance"}


def _tiered(*tiers: Body) -> Body:
    return {"type": "tiered", "mode": "volume", "tiers": list(tiers)}
