"""Operations are found by what people remember of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.core.contract import contract
from devkit.core.errors import DevkitError, UsageError
from devkit.core.operation_notes import operation_notes
from devkit.usecases.operations import find_operations

FACTS = contract()
NOTES = operation_notes()


def ids(*words: str, tag: str | None = None) -> list[str]:
    return [entry.operation.id for entry in find_operations(FACTS, NOTES, words, tag).entries]


def test_without_words_all_come_in_the_order_of_the_tags() -> None:
    found = find_operations(FACTS, NOTES).entries

    assert len(found) == len(FACTS.operations)
    assert list(dict.fromkeys(entry.operation.tags[0] for entry in found)) == list(FACTS.tags)


@given(st.sampled_from(sorted(FACTS.operations)))
def test_every_id_and_every_path_names_its_operation(name: str) -> None:
    operation = FACTS.operations[name]

    assert ids(name.upper()) == [name]
    assert ids(operation.method.lower(), operation.path) == [name]
    assert find_operations(FACTS, NOTES, [name]).exact


@pytest.mark.parametrize(
    ("words", "best"),
    [
        (["void", "grant"], "voidGrant"),
        (["meters", "query", "post"], "queryMeterPost"),
        (["stripe", "webhook"], "appStripeWebhook"),
        (["publish plan"], "publishPlan"),
        (["32", "days"], "listEvents"),
        (["currencies"], "listCurrencies"),
        (["sk_test"], "marketplaceAppAPIKeyInstall"),
    ],
)
def test_the_best_match_comes_first(words: list[str], best: str) -> None:
    assert ids(*words)[0] == best


def test_all_words_must_lead_there() -> None:
    assert set(ids("grant", "void")) < set(ids("grant"))


def test_singular_and_plural_are_one_word() -> None:
    assert ids("grants")[:3] == ids("grant")[:3]


@pytest.mark.parametrize("tag", ["App: Stripe", "app: stripe", "app-stripe", "stripe"])
def test_a_tag_narrows_and_is_forgiving(tag: str) -> None:
    assert set(ids(tag=tag)) == {"updateStripeAPIKey", "appStripeWebhook", "createStripeCheckoutSession"}


def test_an_operation_with_two_tags_is_found_under_both() -> None:
    assert "getCustomerAccess" in ids(tag="Customers")
    assert "getCustomerAccess" in ids(tag="entitlements")


def test_an_unknown_tag_is_a_usage_error_that_lists_them() -> None:
    with pytest.raises(UsageError, match="there is no tag Nothing") as caught:
        ids(tag="Nothing")

    assert "Meters" in (caught.value.hint or "")


def test_no_match_names_the_nearest() -> None:
    with pytest.raises(DevkitError) as caught:
        ids("creatMetre")

    assert caught.value.exit_code == 1
    assert "createMeter" in (caught.value.hint or "")


def test_no_match_under_a_tag_suggests_to_drop_it() -> None:
    with pytest.raises(DevkitError) as caught:
        ids("qqqqq", tag="Meters")

    assert caught.value.hint == "try without --tag"
