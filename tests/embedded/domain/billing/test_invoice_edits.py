from typing import Any

import pytest

from devkit.embedded.domain.billing.invoice_edits import check_parties, edited
from devkit.embedded.domain.billing.profiles import DEFAULT_WORKFLOW
from devkit.embedded.domain.errors import Malformed, Plain

SUPPLIER = {"name": "Acme", "addresses": [{"country": "US"}]}
INVOICE: dict[str, Any] = {
    "id": "invoice",
    "description": "Old",
    "metadata": {"old": "yes"},
    "customer": {"id": "customer", "key": "acme", "name": "Old", "usageAttribution": {"subjectKeys": []}},
    "supplier": {"name": "Old", "addresses": [{"country": "DE"}], "taxId": {"code": "1"}},
    "workflow": {
        **DEFAULT_WORKFLOW,
        "collection": {"alignment": {"type": "subscription"}, "interval": "P9D"},
        "invoicing": {**DEFAULT_WORKFLOW["invoicing"], "autoAdvance": False, "progressiveBilling": False},
        "payment": {"collectionMethod": "send_invoice"},
    },
}


def body(**members: Any) -> dict[str, Any]:
    settings = {"invoicing": members.pop("invoicing", {}), "payment": members.pop("payment", {})}
    return {"supplier": SUPPLIER, "customer": {"name": "New"}, "workflow": {"workflow": settings}} | members


def test_an_update_clears_what_it_leaves_out() -> None:
    found = edited(INVOICE, body())
    assert not found.keys() & {"description", "metadata"}
    assert found["customer"] == {
        "id": "customer",
        "key": "acme",
        "name": "New",
        "usageAttribution": {"subjectKeys": []},
    }
    assert found["supplier"] == SUPPLIER


def test_settings_that_are_left_out_are_default_and_those_that_cannot_be_given_stay() -> None:
    found = edited(INVOICE, body())["workflow"]
    assert found["collection"]["interval"] == "P9D"
    assert found["invoicing"] == {**DEFAULT_WORKFLOW["invoicing"], "progressiveBilling": False}
    assert found["payment"] == {"collectionMethod": "charge_automatically"}


def test_given_settings_are_taken_over() -> None:
    settings = {"autoAdvance": False, "draftPeriod": "PT0S", "dueAfter": "-P1D"}
    found = edited(INVOICE, body(invoicing=settings, payment={"collectionMethod": "send_invoice"}))["workflow"]
    assert found["invoicing"] | {"autoAdvance": False, "draftPeriod": "P0D", "dueAfter": "-P1D"} == found["invoicing"]
    assert found["payment"] == {"collectionMethod": "send_invoice"}


def test_keys_and_tax_ids_of_parties_are_not_kept() -> None:
    party = {"name": "New", "key": "x", "taxId": {"code": "2"}, "addresses": [{"city": "Berlin", "country": "DE"}]}
    found = edited(INVOICE, body(customer=party, supplier=party))
    assert found["supplier"] == {"name": "New", "addresses": [{"country": "DE", "city": "Berlin"}]}
    assert found["customer"]["key"] == "acme"


@pytest.mark.parametrize(("name", "words"), [("draftPeriod", "draft period"), ("dueAfter", "due after")])
def test_a_duration_that_is_none_is_refused(name: str, words: str) -> None:
    with pytest.raises(Malformed, match=f"failed to parse {words}: failed to parse duration 'soon'"):
        edited(INVOICE, body(invoicing={name: "soon"}))


@pytest.mark.parametrize(
    ("members", "detail", "path"),
    [
        ({"supplier": {}}, "supplier: name is required", "/supplier"),
        ({"supplier": {"name": "A"}}, "supplier: country is required", "/supplier"),
        ({"customer": {}}, "customer: name is required", "/customer"),
        ({"customer": {}, "supplier": {}}, "customer: name is required\nsupplier: name is required", "/customer"),
    ],
)
def test_parties_need_names_and_the_supplier_a_country(members: dict[str, Any], detail: str, path: str) -> None:
    with pytest.raises(Plain) as refused:
        check_parties(edited(INVOICE, body(**members)))
    assert (refused.value.detail, refused.value.extensions["path"]) == (detail, path)
