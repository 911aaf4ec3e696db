"""Plans, add-ons and plan add-ons of a pack, on a real server."""

from pathlib import Path
from typing import Any

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError
from devkit.seeding.plan import plan
from tests.seeding.test_pack import pack_of, problems_of
from tests.seeding.test_plan import applied, client, mark

__all__ = ["client", "mark"]


def text(mark: str, *, price: str = "10", addon: str = "5", most: str = "3", more: str = "") -> str:
    """What is subscribed to first, so that the order comes from the references alone."""
    return f"""
version: 1
planAddons:
  - {{planKey: {mark}, addonKey: {mark}, fromPlanPhase: paid, maxQuantity: {most}, metadata: {{a: b}}}}
plans:
  - key: {mark}
    name: Plan
    currency: USD
    billingCadence: P1M
    phases:
      - {{key: trial, name: Trial, duration: P1M, rateCards: [{{type: flat_fee, key: setup, name: Setup}}]}}
      - key: paid
        name: Paid
        duration: null
        rateCards:
          - {{type: flat_fee, key: seat, name: Seat, billingCadence: P1M, price: {{type: flat, amount: "{price}"}}}}
          - type: usage_based
            key: {mark}
            name: Usage
            featureKey: {mark}
            billingCadence: P1M
            price: {{type: tiered, mode: volume, tiers: [{{upToAmount: "5", flatPrice: {{amount: "1"}}}},
              {{unitPrice: {{amount: "0.10"}}}}]}}
            entitlementTemplate: {{type: metered, issueAfterReset: 7}}
{more}
addons:
  - key: {mark}
    name: Add-on
    instanceType: multiple
    currency: USD
    rateCards:
      - {{type: flat_fee, key: seat, name: Seat, billingCadence: P1M, price: {{type: flat, amount: "{addon}"}}}}
features: [{{key: {mark}, name: Feature, meterSlug: {mark}}}]
meters: [{{slug: {mark}, eventType: {mark}, aggregation: COUNT}}]
"""


def actions(client: OpenMeter, tmp_path: Path, source: str) -> dict[str, str]:
    return {change.kind.NAME: change.action for change in plan(client, pack_of(tmp_path, source))}


def apply_text(client: OpenMeter, tmp_path: Path, source: str) -> set[str]:
    return set(applied(client, pack_of(tmp_path, source)))


def active_plan(client: OpenMeter, mark: str) -> dict[str, Any]:
    found: dict[str, Any] = client.call("getPlan", path={"planId": mark})
    return found


def assigned(client: OpenMeter, mark: str) -> list[tuple[str, int, int | None]]:
    """Add-on, its version and how many, of the active version of the plan."""
    path = {"planId": active_plan(client, mark)["id"]}
    items = client.call("listPlanAddons", path=path)["items"]
    return sorted((each["addon"]["key"], each["addon"]["version"], each.get("maxQuantity")) for each in items)


def test_everything_is_published_with_its_addons_and_a_second_time_nothing_changes(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    pack = pack_of(tmp_path, text(mark))
    names = [change.kind.NAME for change in plan(client, pack)]
    assert names.index("meter") < names.index("feature") < names.index("plan") < names.index("plan add-on")
    assert names.index("add-on") < names.index("plan add-on")
    assert set(applied(client, pack)) == {"create"}
    found = active_plan(client, mark)
    assert (found["status"], found["version"], found["validationErrors"]) == ("active", 1, None)
    assert assigned(client, mark) == [(mark, 1, 3)]
    assert set(applied(client, pack)) == {"unchanged"}
    assert active_plan(client, mark)["version"] == 1


def test_a_price_that_differs_makes_a_next_version_that_keeps_its_addons(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    apply_text(client, tmp_path, text(mark))
    dearer = text(mark, price="12.50")
    changes = {change.kind.NAME: change for change in plan(client, pack_of(tmp_path, dearer))}
    assert [str(difference) for difference in changes["plan"].differences] == [
        "phases[paid].rateCards[seat].price.amount: 10 → 12.50"
    ]
    assert changes["plan"].note == "becomes a new version after version 1, while subscriptions stay on theirs"
    assert changes["plan add-on"].action == "update"
    assert changes["add-on"].action == "unchanged"
    apply_text(client, tmp_path, dearer)
    assert active_plan(client, mark)["version"] == 2
    assert assigned(client, mark) == [(mark, 1, 3)]
    assert apply_text(client, tmp_path, dearer) == {"unchanged"}


def test_an_addon_that_differs_renews_the_plans_that_have_it(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    dearer = text(mark, addon="6")
    found = actions(client, tmp_path, dearer)
    assert (found["add-on"], found["plan"], found["plan add-on"]) == ("update", "update", "update")
    apply_text(client, tmp_path, dearer)
    assert active_plan(client, mark)["version"] == 2
    assert assigned(client, mark) == [(mark, 2, 3)]
    assert apply_text(client, tmp_path, dearer) == {"unchanged"}


def test_an_assignment_that_differs_renews_its_plan_alone(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    more = text(mark, most="4")
    found = actions(client, tmp_path, more)
    assert (found["add-on"], found["plan"], found["plan add-on"]) == ("unchanged", "update", "update")
    apply_text(client, tmp_path, more)
    assert assigned(client, mark) == [(mark, 1, 4)]
    assert apply_text(client, tmp_path, more) == {"unchanged"}


def test_what_the_pack_does_not_mention_goes_along_into_the_next_version(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    described = text(mark).replace("name: Plan", "name: Plan\n    description: Words.")
    apply_text(client, tmp_path, described)
    without = text(mark, price="11").split("planAddons:")
    without_assignment = without[0] + "plans:" + without[1].partition("plans:")[2]
    apply_text(client, tmp_path, without_assignment)
    assert (active_plan(client, mark)["version"], active_plan(client, mark)["description"]) == (2, "Words.")
    assert assigned(client, mark) == [(mark, 1, 3)]


def test_a_field_taken_out_of_the_pack_is_a_difference_in_a_rate_card(
    client: OpenMeter, tmp_path: Path, mark: str
) -> None:
    apply_text(client, tmp_path, text(mark).replace("issueAfterReset: 7", "issueAfterReset: 7, isSoftLimit: true"))
    assert actions(client, tmp_path, text(mark))["plan"] == "update"
    apply_text(client, tmp_path, text(mark))
    cards = active_plan(client, mark)["phases"][1]["rateCards"]
    (template,) = [card["entitlementTemplate"] for card in cards if card["key"] == mark]
    assert template["isSoftLimit"] is False


def test_an_apply_that_broke_off_is_finished_by_the_next(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    """OpenMeter refuses a cadence that does not fit the plan's when the plan is published, and keeps the draft."""
    weekly = "          - {type: flat_fee, key: odd, name: Odd, billingCadence: P1W, price: {type: flat, amount: '1'}}"
    with pytest.raises(DevkitError, match="publishPlan answered 400: invalid plan") as caught:
        apply_text(client, tmp_path, text(mark, more=weekly))
    assert f"p.yaml:6:5: plan {mark}: " in caught.value.message
    assert any("compatible billing cadence" in line for line in caught.value.evidence)
    found = {change.kind.NAME: change for change in plan(client, pack_of(tmp_path, text(mark)))}
    assert "status: draft → active" in [str(difference) for difference in found["plan"].differences]
    apply_text(client, tmp_path, text(mark))
    assert (active_plan(client, mark)["version"], assigned(client, mark)) == (1, [(mark, 1, 3)])
    assert apply_text(client, tmp_path, text(mark)) == {"unchanged"}


def test_a_draft_that_somebody_began_is_finished(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    client.call("nextPlan", path={"planIdOrKey": mark})
    assert apply_text(client, tmp_path, text(mark)) == {"unchanged"}
    apply_text(client, tmp_path, text(mark, price="11"))
    assert (active_plan(client, mark)["version"], assigned(client, mark)) == (2, [(mark, 1, 3)])


def test_an_archived_plan_is_published_again(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    client.call("archivePlan", path={"planId": active_plan(client, mark)["id"]})
    assert actions(client, tmp_path, text(mark))["plan"] == "create"
    apply_text(client, tmp_path, text(mark))
    assert (active_plan(client, mark)["version"], assigned(client, mark)) == (2, [(mark, 1, 3)])


def test_another_currency_is_a_next_version(client: OpenMeter, tmp_path: Path, mark: str) -> None:
    apply_text(client, tmp_path, text(mark))
    euros = text(mark).replace("currency: USD", "currency: EUR")
    apply_text(client, tmp_path, euros)
    assert active_plan(client, mark)["currency"] == "EUR"
    assert assigned(client, mark) == [(mark, 2, 3)]
    assert apply_text(client, tmp_path, euros) == {"unchanged"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("duration: null", "duration: P1M", "plans[0].phases[1].duration: the last phase has no end"),
        ("duration: P1M, ", "", "plans[0].phases[0]: duration is missing; only the last phase has none"),
        ("key: paid", "key: trial", "plans[0].phases[1].key: a second phase 'trial'; the first is in line 11"),
        ("billingCadence: P1M\n    phases", "billingCadence: P2M\n    phases", "'P2M' is none of P1W"),
        ("key: setup", "key: Setup", "'Setup' is not made of lower-case letters"),
        ("type: tiered, mode", "type: tierd, mode", "did you mean 'tiered'?"),
        ("{unitPrice", '{upToAmount: "9", unitPrice', "price.tiers: the last tier has no end"),
        ('{unitPrice: {amount: "0.10"}}', "{}", "price.tiers[1]: needs a flatPrice or a unitPrice"),
        ('amount: "10"', "amount: 10", "price.amount: expected text, found 10 (put it in quotes to make it text)"),
        ("key: seat, name", "key: setup2, featureKey: x, name", "featureKey: must be the card's key 'setup2'"),
        ("featureKey: xx\n", "\n", "rateCards[1].entitlementTemplate: needs a featureKey"),
        ("featureKey: xx\n", "\n", "rateCards[1].price: a price by usage (tiered) needs a featureKey"),
        ("issueAfterReset: 7", "usagePeriod: P1M", "entitlementTemplate: issueAfterReset is missing"),
        ("name: Setup}", "name: Setup, discounts: {percentage: {percentage: 5}}}", "there is no price to reduce"),
        (
            "instanceType: multiple",
            "instanceType: single",
            "planAddons[0].maxQuantity: an add-on of instanceType single",
        ),
        ("fromPlanPhase: paid", "fromPlanPhase: pad", "the plan 'xx' has no phase 'pad' (did you mean 'paid'?)"),
        ("planKey: xx", "planKey: xxy", "planAddons[0].planKey: the pack has no plan 'xxy', and it must stand in"),
        ("name: Add-on", "name: Add-on\n    status: draft", "an add-on of a pack is published"),
        (
            ", meterSlug: xx",
            "",
            "phases[1].rateCards[1].featureKey: the feature 'xx' has no meter, which a price by usage",
        ),
        ("aggregation: COUNT", "aggregation: MAX, valueProperty: $.v", "features count with meters of SUM, COUNT"),
        ("currency: USD\n    rate", "currency: EUR\n    rate", "the add-on is priced in EUR, the plan in USD"),
    ],
)
def test_what_openmeter_would_refuse_is_told_before(tmp_path: Path, old: str, new: str, expected: str) -> None:
    source = text("xx")
    assert old in source
    assert expected in "\n".join(problems_of(tmp_path, source.replace(old, new, 1)))
