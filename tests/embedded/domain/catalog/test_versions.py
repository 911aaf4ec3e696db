"""Versions: their status by effective period, their numbers, and lists of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.catalog import versions
from devkit.embedded.domain.errors import Invalid
from devkit.embedded.domain.timestamps import format_instant

NOW = datetime(2025, 6, 1, tzinfo=UTC)
OFFSETS = st.integers(-3, 3).map(lambda days: format_instant(NOW + timedelta(days=days)))


def version(number: int = 1, key: str = "pro", **more: Any) -> versions.Version:
    made = {"id": f"{key}{number}", "key": key, "version": number, "currency": "USD", "createdAt": at(number)}
    return made | {"updatedAt": at(-number)} | more


def at(days: int) -> str:
    return format_instant(NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("period", "status"),
    [
        ({}, "draft"),
        ({"effectiveFrom": at(-1)}, "active"),
        ({"effectiveFrom": at(0)}, "active"),
        ({"effectiveFrom": at(1)}, "scheduled"),
        ({"effectiveFrom": at(-1), "effectiveTo": at(1)}, "active"),
        ({"effectiveFrom": at(-2), "effectiveTo": at(-1)}, "archived"),
        ({"effectiveFrom": at(-1), "effectiveTo": at(0)}, "archived"),
        ({"effectiveFrom": at(0), "effectiveTo": at(0)}, "archived"),
    ],
)
def test_the_period_gives_the_status(period: dict[str, str], status: str) -> None:
    assert versions.status(period, NOW) == status


@given(OFFSETS, OFFSETS)
def test_a_version_passes_its_statuses_in_one_order(begin: str, end: str) -> None:
    order = ["scheduled", "active", "archived"]
    period = {"effectiveFrom": begin, "effectiveTo": max(begin, end)}
    passed = [order.index(versions.status(period, NOW + timedelta(hours=hour))) for hour in range(-96, 97, 12)]
    assert passed == sorted(passed)


def test_the_number_after_deleted_ones_too_is_next() -> None:
    known = [version(1, effectiveFrom=at(-1)), version(4, deletedAt=at(-1))]
    assert versions.next_number(known, NOW, called="Plan") == 5
    assert versions.next_number([], NOW, called="Plan") == 1


def test_one_draft_at_a_time() -> None:
    with pytest.raises(Invalid, match="only a single draft version is allowed for add-on"):
        versions.next_number([version(1)], NOW, called="add-on")


def test_publishing_and_archiving_set_the_period() -> None:
    opened = versions.published(version(), now=at(0))
    assert versions.status(opened, NOW) == "active"
    assert versions.status(versions.archived(opened, now=at(0)), NOW) == "archived"
    assert versions.is_deleted(versions.deleted(opened, now=at(0)))


def test_the_version_in_force_and_the_latest_one() -> None:
    known = [version(1, effectiveFrom=at(-2), effectiveTo=at(-1)), version(2, effectiveFrom=at(-1)), version(3)]
    assert versions.active(known, NOW) == known[1]
    assert versions.latest(known) == known[2]
    assert versions.active([version(2, effectiveFrom=at(-1), deletedAt=at(0))], NOW) is None
    assert versions.latest([]) is None


PRO, PRO_2, TEAM = version(1), version(2, effectiveFrom=at(-1), currency="EUR"), version(1, key="team")


@pytest.mark.parametrize(
    ("query", "any_match", "all_match"),
    [
        ({}, [TEAM, PRO_2, PRO], [TEAM, PRO_2, PRO]),
        ({"order": "ASC"}, [PRO, PRO_2, TEAM], [PRO, PRO_2, TEAM]),
        (
            {"orderBy": "version", "currency": ["USD", "EUR"], "key": ["pro"], "order": "ASC"},
            [PRO, TEAM, PRO_2],
            [PRO, PRO_2],
        ),
        ({"key": ["team"], "id": ["pro1"]}, [TEAM, PRO], []),
        ({"keyVersion": {"pro": [2], "team": [7]}}, [PRO_2], [PRO_2]),
        ({"key": ["pro"], "currency": ["EUR"]}, [PRO_2, PRO], [PRO_2]),
        ({"key": ["pro"], "status": ["active"]}, [PRO_2], [PRO_2]),
        ({"status": ["draft", "active"]}, [TEAM, PRO_2, PRO], [TEAM, PRO_2, PRO]),
    ],
)
def test_filters_widen_or_narrow_a_list(query: dict[str, Any], any_match: Any, all_match: Any) -> None:
    known = [PRO, TEAM, PRO_2]
    listed = versions.listed(known, query, NOW, match=any)
    assert listed == any_match
    assert versions.listed(known, query, NOW, match=all) == all_match


@pytest.mark.parametrize(
    ("text", "is_id"),
    [("01ARZ3NDEKTSV4RRFFQ69G5FAV", True), ("8" * 26, False), ("1" * 26, True), ("pro", False), ("a" * 26, False)],
)
def test_26_letters_from_a_low_digit_are_an_id(text: str, is_id: bool) -> None:
    assert versions.names_id(text) is is_id
