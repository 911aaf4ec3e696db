"""Add-ons: what is kept of a body, what keeps one from being published, and what may be done in which status."""

from datetime import UTC, datetime

import pytest

from devkit.embedded.domain.catalog import addons
from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound
from tests.embedded.domain.catalog.examples import Body, addon, flat, usage

NOW = datetime(2025, 6, 1, tzinfo=UTC)
ACTIVE = {"effectiveFrom": "2025-01-01T00:00:00Z"}
ARCHIVED = {**ACTIVE, "effectiveTo": "2025-02-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("body", "issues"),
    [
        (addon(), []),
        (addon(rateCards=[]), [("rateCards", "addon_has_no_rate_cards")]),
        (
            addon(flat("a"), flat("b", billingCadence="P1Y"), flat("c", billingCadence="P12M", price=None)),
            [("ratecards[*].billingCadence", "rate_card_multiple_billing_cadence")],
        ),
        (addon(flat("a", billingCadence="P12M"), flat("b", billingCadence="P1Y"), flat("c", billingCadence=None)), []),
        (addon(usage("a"), usage("b")), []),
        (
            addon(flat("x"), usage("a"), usage("b"), instanceType="multiple"),
            [("ratecards[?(@.key=='a')].price", "addon_invalid_ratecard_price_for_multi_instance")],
        ),
        (addon(usage("a", price=None), instanceType="multiple"), []),
    ],
)
def test_what_keeps_an_add_on_from_being_published(body: Body, issues: list[tuple[str, str]]) -> None:
    found = addons.publishing_issues(addons.read_new(body), NOW)
    assert [(issue.field, issue.code) for issue in found] == issues


def test_only_drafts_are_published() -> None:
    codes = [issue.code for issue in addons.publishing_issues(addons.read_new(addon()) | ACTIVE, NOW)]
    assert codes == ["addon_invalid_status_for_publish"]


@pytest.mark.parametrize(
    ("period", "possible"),
    [({}, {"updated", "deleted"}), (ACTIVE, {"archived"}), (ARCHIVED, {"deleted"})],
)
def test_the_status_says_what_may_be_done(period: dict[str, str], possible: set[str]) -> None:
    for change in ("updated", "archived", "deleted"):
        if change in possible:
            addons.check(period, change, NOW)
            continue
        with pytest.raises(IssuesFound) as refused:
            addons.check(period, change, NOW)
        assert [issue.code for issue in refused.value.issues] == ["addon_invalid_status"]


def test_what_was_deleted_is_neither_published_nor_archived() -> None:
    with pytest.raises(Invalid, match=r"^cannot archive a deleted add-on$"):
        addons.check_not_deleted({"deletedAt": "t"}, "archive")


@pytest.mark.parametrize("body", [addon(currency="ABC"), addon(flat(billingCadence="x"))])
def test_what_cannot_be_read_makes_it_fail(body: Body) -> None:
    with pytest.raises(InternalFailure):
        addons.read_new(body)


def test_a_usage_period_from_nowhere_is_refused() -> None:
    card = flat(featureKey="fee", billingCadence=None, entitlementTemplate={"type": "metered", "issueAfterReset": 1})
    for read in (addons.read_new, addons.read_update):
        with pytest.raises(Invalid, match=r"^missing UsagePeriod"):
            read(addon(card))


def test_criticals_refuse_a_draft() -> None:
    for read in (addons.read_new, addons.read_update):
        with pytest.raises(IssuesFound) as refused:
            read(addon(flat(), flat()))
        assert [issue.field for issue in refused.value.issues] == ["ratecards[?(@.key=='fee')].key"]


def test_an_update_keeps_metadata_unless_it_is_emptied() -> None:
    before = addons.read_new(addon(metadata={"a": "1"}, description="d"))
    kept = addons.updated(before, addons.read_update(addon(name="New")), now="t")
    assert (kept["metadata"], kept["description"], kept["name"]) == ({"a": "1"}, "d", "New")
    cleared = addons.updated(before, addons.read_update(addon(metadata={})), now="t")
    assert "metadata" not in cleared
