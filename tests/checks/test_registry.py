"""The registry: which checks there are, and how tags are found."""

import pytest

from devkit.checks.registry import all_checks, checks_of
from devkit.core.contract import contract
from devkit.core.errors import UsageError


def test_every_operation_has_a_check() -> None:
    declared = {operation for one in all_checks() for operation in one.operations}
    assert sorted(set(contract().operations) - declared) == []


def test_every_tag_has_checks() -> None:
    assert {one.tag for one in all_checks()} == set(contract().tags)


def test_every_declared_operation_is_in_the_contract() -> None:
    known = contract().operations
    assert [name for one in all_checks() for name in one.operations if name not in known] == []


def test_a_check_exercises_an_operation_of_its_own_tag() -> None:
    operations = contract().operations
    strangers = [
        one.name for one in all_checks() if not any(one.tag in operations[each].tags for each in one.operations)
    ]
    assert strangers == []


def test_names_are_unique_and_titles_are_sentences_without_a_full_stop() -> None:
    checks = all_checks()
    assert len({one.name for one in checks}) == len(checks)
    assert len({one.title for one in checks}) == len(checks)
    assert [one.title for one in checks if one.title.endswith(".") or not one.title] == []


@pytest.mark.parametrize("given", ["Lookup Information", "lookup-information", "LOOKUP_INFORMATION"])
def test_a_tag_is_found_however_it_is_written(given: str) -> None:
    assert {one.tag for one in checks_of([given])} == {"Lookup Information"}


def test_several_tags_keep_the_order_of_all_checks() -> None:
    names = [one.name for one in checks_of(["portal", "debug"])]
    assert names == [one.name for one in all_checks() if one.tag in ("Portal", "Debug")]


def test_an_unknown_tag_names_the_nearest() -> None:
    with pytest.raises(UsageError) as refused:
        checks_of(["metres"])
    assert refused.value.hint is not None
    assert refused.value.hint.startswith("did you mean Meters?")
