"""The operations of an edit on specs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from devkit.embedded.domain.errors import InternalFailure, Invalid, IssuesFound, Plain
from devkit.embedded.domain.instants import text_of
from devkit.embedded.domain.subscriptions import edits
from devkit.embedded.domain.subscriptions.spans import Moment
from devkit.embedded.domain.subscriptions.spec import Spec, span_of_item
from tests.embedded.domain.subscriptions.examples import START, card, phase, spec

DAY = timedelta(days=1)
Body = dict[str, Any]


def add(key: str = "extra", phase_key: str = "main", **changes: Any) -> Body:
    return {"op": "add_item", "phaseKey": phase_key, "rateCard": card(key, **changes)}


def remove(key: str = "fee", phase_key: str = "main") -> Body:
    return {"op": "remove_item", "phaseKey": phase_key, "itemKey": key}


def add_phase(key: str, after: str | None, duration: str | None = None) -> Body:
    length = {} if duration is None else {"duration": duration}
    return {"op": "add_phase", "phase": {"key": key, "name": key, "startAfter": after, **length}}


def stretch(key: str, by: str) -> Body:
    return {"op": "stretch_phase", "phaseKey": key, "extendBy": by}


def edited(one: Spec, *bodies: Body, day: int = 5) -> Spec:
    wanted = edits.read_all(bodies)
    edits.check_all(wanted)
    edits.apply_all(one, wanted, Moment(START + day * DAY))
    return one


def days(at: datetime | None) -> float | None:
    return None if at is None else (at - START) / DAY


def timeline(one: Spec, key: str, phase_key: str = "main") -> list[tuple[float | None, float | None]]:
    span = one.span_of(one.phases[phase_key])
    spans = [span_of_item(item, span) for item in one.phases[phase_key].items.get(key, [])]
    return [(days(found.start), days(found.end)) for found in spans]


def starts(one: Spec) -> dict[str, float | None]:
    return {found.key: days(one.start_of(found)) for found in one.sorted_phases()}


def three() -> Spec:
    return spec(phase("main", "P0D"), phase("next", "P10D", order=1), phase("last", "P20D", order=2))


def test_an_item_comes_to_the_current_phase_with_the_edit() -> None:
    assert timeline(edited(spec(), add()), "extra") == [(5, None)]


def test_an_item_with_a_known_key_takes_over_from_the_one_that_runs() -> None:
    assert timeline(edited(spec(), add("fee", amount="12")), "fee") == [(0, 5), (5, None)]


def test_an_item_comes_to_a_later_phase_with_the_phase() -> None:
    assert timeline(edited(three(), add(phase_key="next")), "extra", "next") == [(10, 20)]


def test_an_item_is_ended_in_the_current_phase_and_taken_out_of_a_later_one() -> None:
    one = edited(three(), add(phase_key="next"), remove(), remove("fee", "next"))
    assert timeline(one, "fee") == [(0, 5)]
    assert timeline(one, "fee", "next") == []


def test_an_item_that_ended_ends_again_and_runs_on_to_one_that_follows() -> None:
    one = edited(spec(), remove(), day=3)
    assert timeline(edited(one, remove(), day=6), "fee") == [(0, 6)]
    assert timeline(edited(one, add("fee"), day=8), "fee") == [(0, 8), (8, None)]


def test_what_lies_ahead_is_unscheduled() -> None:
    one = edited(spec(), add("fee"), add(), day=8)
    edited(one, {"op": "unschedule_edit"}, day=2)
    assert (timeline(one, "fee"), timeline(one, "extra")) == ([(0, None)], [])


def test_a_phase_between_others_moves_the_later_ones_and_keeps_their_distance() -> None:
    one = edited(three(), add_phase("promo", "P8D", "P4D"), add("seat", "promo"))
    assert starts(one) == {"main": 0, "promo": 8, "next": 12, "last": 22}


def test_a_phase_at_the_end_needs_no_duration() -> None:
    assert starts(edited(spec(), add_phase("promo", "P8D"), add("seat", "promo"))) == {"main": 0, "promo": 8}


@pytest.mark.parametrize(("shift", "wanted"), [("next", {"main": 0, "last": 10}), ("prev", {"main": 0, "last": 20})])
def test_a_phase_leaves_a_gap_that_is_closed_from_one_side(shift: str, wanted: dict[str, int]) -> None:
    assert starts(edited(three(), {"op": "remove_phase", "phaseKey": "next", "shift": shift})) == wanted


@pytest.mark.parametrize(("by", "wanted"), [("P3D", (13, 23)), ("-PT48H", (8, 18))])
def test_a_phase_becomes_longer_or_shorter(by: str, wanted: tuple[int, int]) -> None:
    following = three()
    for key, hours in (("next", 240), ("last", 480)):  # as a subscription that was kept has them
        following.phases[key].starts_after = Moment(START + timedelta(hours=hours)).since(START)
    assert tuple(starts(edited(following, stretch("main", by))).values())[1:] == wanted


REFUSED: list[tuple[Callable[[], Spec], list[Body], int, int, str]] = [
    (spec, [add(phase_key="prime")], 5, 400, "patch validation error: phase prime not found"),
    (spec, [remove("nothing")], 5, 400, "items for key nothing doesn't exists in phase main"),
    (three, [add(phase_key="main")], 15, 403, "phase main which starts before current phase"),
    (three, [remove(phase_key="main")], 15, 403, "from phase main which starts before current phase"),
    (three, [add("fee", "next")], 5, 403, "future phase next which already has items"),
    (spec, [add()], -5, 403, "future phase main which already has items"),
    (spec, [{"op": "unschedule_edit"}], -5, 409, "current phase doesn't exist"),
    (three, [add_phase("next", "P30D")], 5, 409, "phase next already exists"),
    (three, [add_phase("promo", "P5D", "P1D")], 5, 403, "cannot add phase in the past"),
    (three, [add_phase("promo", None, "P1D")], 5, 403, "cannot add phase in the past"),
    (
        lambda: spec(active_to=START + 8 * DAY),
        [add_phase("promo", "P8D")],
        5,
        403,
        "cannot add phase after the subscription ends",
    ),
    (three, [{"op": "remove_phase", "phaseKey": "main", "shift": "next"}], 5, 403, "already started phase"),
    (three, [stretch("main", "P1D")], 15, 403, "cannot extend past phase"),
    (spec, [stretch("main", "P1D")], 5, 409, "cannot stretch a single phase"),
    (three, [stretch("main", "-P10D")], 5, 409, "phase main would disappear due to stretching"),
]


@pytest.mark.parametrize(("make", "bodies", "day", "status", "words"), REFUSED)
def test_an_edit_is_refused_with_its_reason(
    make: Callable[[], Spec], bodies: list[Body], day: int, status: int, words: str
) -> None:
    with pytest.raises(Plain) as refused:
        edited(make(), *bodies, day=day)
    assert refused.value.status == status
    assert words in refused.value.detail


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (remove("fee", ""), "/phases//items/fee, segments should not be empty"),
        (remove("a/b"), "/phases/main/items/a/b, should have 2, 4 or 6 segments, has 5"),
        (remove("a/b/c"), "/phases/main/items/a/b/c, fifth segment should be idx"),
        (stretch("a/b/c", "P1D"), "/phases/a/b/c, third segment should be items"),
        ({"op": "remove_phase", "phaseKey": "", "shift": "next"}, "/phases/, segments should not be empty"),
    ],
)
def test_keys_that_make_no_path_are_refused(body: Body, words: str) -> None:
    with pytest.raises(Plain) as refused:
        edited(three(), body)
    assert refused.value.detail == f"patch validation error: invalid path: {words}"


def test_an_item_that_is_to_end_does_not_give_way_before() -> None:
    with pytest.raises(Plain, match="would overlap with a current item, you should delete first"):
        edited(edited(spec(), remove(), day=8), add("fee"), day=5)


def test_an_item_does_not_come_before_one_that_is_scheduled() -> None:
    with pytest.raises(InternalFailure):
        edited(edited(spec(), add("fee"), day=8), add("fee"), day=5)


@pytest.mark.parametrize(
    "bodies",
    [
        [{"op": "remove_phase", "phaseKey": "prime", "shift": "next"}],
        [stretch("prime", "P1D")],
        [stretch("main", "P0D")],
        [add_phase("promo", "P8D"), add("seat", "promo")],
        [{"op": "add_phase", "phase": {"key": "promo", "name": "", "startAfter": "P30D"}}],
    ],
)
def test_what_openmeter_fails_on_fails(bodies: list[Body]) -> None:
    with pytest.raises(InternalFailure):
        edited(three(), *bodies)


def codes(refused: pytest.ExceptionInfo[IssuesFound]) -> list[tuple[str, str]]:
    return [(issue.code, issue.field) for issue in refused.value.issues]


def test_a_phase_may_be_empty_until_the_last_operation() -> None:
    with pytest.raises(IssuesFound) as refused:
        edited(three(), remove("fee", "next"))
    assert codes(refused) == [("subscription_phase_has_no_items", "phases[?(@.key=='next')].items")]
    assert timeline(edited(three(), remove("fee", "next"), add("fee", "next")), "fee", "next") == [(10, 20)]


def test_what_recurs_recurs_with_the_subscription() -> None:
    with pytest.raises(IssuesFound) as refused:
        edited(spec(), add(billingCadence="P1W"))
    assert codes(refused) == [
        ("rate_card_billing_cadence_unaligned", "phases[?(@.key=='main')].itemsByKey.extra[0].billingCadence")
    ]
    assert timeline(edited(spec(), add(billingCadence="P1W", price=None)), "extra") == [(5, None)]


def test_the_rate_card_of_an_item_is_checked_with_its_place() -> None:
    with pytest.raises(IssuesFound) as refused:
        edited(spec(), add(featureKey="other"))
    assert codes(refused) == [("rate_card_key_feature_key_mismatch", "phases[?(@.key=='main')].items.extra.key")]
    assert refused.value.issues[0].component == "rateCard"
    with pytest.raises(Invalid, match="validation error: invalid price: price: validation error: the Amount must not"):
        edited(spec(), add(amount="-1"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (stretch("main", "a week"), "failed to parse duration: failed to parse duration 'a week'"),
        (add_phase("promo", "soon"), "failed to parse start after: failed to parse duration 'soon'"),
        (add(billingCadence="often"), "failed to cast to RateCard: failed to cast FlatFeeRateCard"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_number(body: Body, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        edits.read_all([remove(), body])
    assert refused.value.detail.startswith(f"failed to map patch at idx 1 to subscription.Patch: {words}")


def test_an_edit_of_nothing_is_none() -> None:
    with pytest.raises(Invalid, match="missing customizations"):
        edits.read_all([])


def test_two_edits_of_one_item_are_told_apart() -> None:
    one = edited(edited(spec(), add("fee"), day=2), add("fee"), day=4)
    assert [item.edit for item in one.phases["main"].items["fee"]] == [
        "",
        text_of(START + 2 * DAY),
        text_of(START + 4 * DAY),
    ]
