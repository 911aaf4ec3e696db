import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.billing.invoice_numbers import (
    DRAFT,
    GATHERING,
    SANDBOX,
    customer_prefix,
    is_draft_number,
    number,
)


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("", "UNKN"),
        ("x", "X"),
        ("Acme", "ACME"),
        ("Acme Corporation", "ACCO"),
        ("Acme and Sons", "ACAN"),
        ("A B", "AB"),
        (" padded", "PA"),
        ("Double  Space", "DO"),
        ("O'Neil & Sons", "O'&"),
        ("Ábel Őri", "ABOR"),
        ("Straße GmbH", "STGM"),
        ("Łódź", "LODZ"),
        ("Ωmega", "OMEG"),
        ("日本 商事", "RIBE"),
    ],
)
def test_the_prefix_is_made_of_the_first_two_words_in_ascii(name: str, prefix: str):
    assert customer_prefix(name) == prefix


def test_only_gathering_invoices_have_their_currency_in_the_number():
    assert number(GATHERING, "Acme Corporation", "EUR", 7) == "GATHER-ACCO-EUR-7"
    assert number(SANDBOX, "Acme Corporation", "EUR", 8) == "OM-SANDBOX-ACCO-8"


def test_a_draft_is_known_by_its_number():
    assert is_draft_number(number(DRAFT, "Acme", "USD", 1))
    assert not is_draft_number(number(SANDBOX, "Acme", "USD", 1))
    assert not is_draft_number("DRAFTED")


@given(st.text())
def test_a_prefix_has_at_most_four_signs_of_ascii(name: str):
    prefix = customer_prefix(name)
    assert len(prefix) <= 4
    assert prefix.isascii()
    assert prefix == prefix.upper()


@given(st.text(), st.integers(1))
def test_the_number_ends_with_the_count(name: str, count: int):
    assert number(DRAFT, name, "USD", count).rsplit("-", 1)[1] == str(count)
