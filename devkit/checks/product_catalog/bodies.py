"""Rate cards, plans and add-ons as requests, and what their answers say of what is wrong."""

from typing import Any

from devkit.checks import expect
from devkit.checks.scene import Scene

NO_ID = "01G65Z755AFWAKHE12NY0CQ9FH"
SCHEMA = "request body has an error: doesn't match schema #/components/schemas/"

Body = dict[str, Any]


def flat(key: str, amount: str = "10", **changes: Any) -> Body:
    """A fee every month."""
    card = {"type": "flat_fee", "key": key, "name": key, "billingCadence": "P1M"}
    return card | {"price": {"type": "flat", "amount": amount, "paymentTerm": "in_advance"}} | changes


def usage(feature: str, **changes: Any) -> Body:
    """Usage of the feature, for one unit of the currency each."""
    card = {"type": "usage_based", "key": feature, "name": feature, "featureKey": feature, "billingCadence": "P1M"}
    return card | {"price": {"type": "unit", "amount": "1"}} | changes


def phase(*cards: Body, key: str = "main", duration: str | None = None) -> Body:
    return {"key": key, "name": key, "duration": duration, "rateCards": list(cards)}


def plan(scene: Scene, what: str, *phases: Body, **changes: Any) -> Body:
    """A plan of one fee, unless phases are given."""
    body = {"key": scene.slug(what), "name": what, "currency": "USD", "billingCadence": "P1M"}
    return body | {"phases": list(phases or (phase(flat("fee")),))} | changes


def addon(scene: Scene, what: str, *cards: Body, **changes: Any) -> Body:
    """A single add-on of one fee, unless cards are given."""
    body = {"key": scene.slug(what), "name": what, "currency": "USD", "instanceType": "single"}
    return body | {"rateCards": list(cards or (flat("extra"),))} | changes


def expect_issues(what: str, holder: Any, *expected: tuple[str | None, str]) -> None:
    """The issues of a problem or of a draft in any order: their fields (None: it has none) and codes."""
    issues = expect.array(f"{what}: issues", holder)
    found = [[issue.get("field") or None, issue.get("code", issue.get("message"))] for issue in issues]
    expect.same_items(f"{what}: issues", found, [list(one) for one in expected])


def refused_with_issues(
    scene: Scene, operation: str, *path: str, detail: str, issues: list[tuple[str | None, str]], **request: Any
) -> None:
    """Calls an operation and expects a 400 that names these issues."""
    answer = scene.refused(operation, *path, status=400, detail=detail, **request)
    told = expect.field(f"the refusal of {operation}", answer.body, "extensions", "validationErrors")
    expect_issues(f"the refusal of {operation}", told, *issues)
