from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.billing import profiles as rules
from devkit.embedded.domain.errors import InternalFailure, Invalid, Malformed, Plain

APP = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
OTHER = "01ARZ3NDEKTSV4RRFFQ69G5FAW"
NOW = "2025-01-01T00:00:00Z"
LATER = "2025-01-02T00:00:00Z"


def _body(**changes: Any) -> dict[str, Any]:
    body = {
        "name": "Own",
        "default": False,
        "supplier": {"name": "Acme", "addresses": [{"country": "US"}]},
        "workflow": {},
        "apps": dict.fromkeys(rules.ROLES, APP),
    }
    return body | changes


def _created(**changes: Any) -> rules.BillingProfile:
    return rules.create(_body(**changes), id_="profile", now=NOW)


PERIODS = st.builds("P{}M{}DT{}H".format, *(st.integers(0, 99) for _ in range(3)))
WORKFLOWS = st.fixed_dictionaries(
    {},
    optional={
        "collection": st.fixed_dictionaries({}, optional={"interval": PERIODS}),
        "invoicing": st.fixed_dictionaries(
            {}, optional={"autoAdvance": st.booleans(), "draftPeriod": PERIODS, "dueAfter": PERIODS}
        ),
        "tax": st.fixed_dictionaries({"enabled": st.just(True)}, optional={"enforced": st.booleans()}),
    },
)


@given(WORKFLOWS)
def test_a_workflow_that_was_read_can_be_written_back(settings: dict[str, Any]) -> None:
    workflow = rules.workflow_of(settings)
    assert rules.workflow_of(workflow) == workflow
    profile = _created(workflow=settings)
    assert rules.replace(profile, profile, now=NOW) == profile


def test_what_a_workflow_leaves_out_is_the_default() -> None:
    assert _created()["workflow"] == rules.DEFAULT_WORKFLOW
    workflow = _created(workflow={"payment": {"collectionMethod": "send_invoice"}})["workflow"]
    assert workflow == rules.DEFAULT_WORKFLOW | {"payment": {"collectionMethod": "send_invoice"}}


def test_the_alignment_is_always_that_of_the_subscription() -> None:
    anchored = {"type": "anchored", "recurringPeriod": {"interval": "MONTH", "anchor": NOW}}
    workflow = _created(workflow={"collection": {"alignment": anchored}})["workflow"]
    assert workflow["collection"]["alignment"] == {"type": "subscription"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [("PT0S", "P0D"), ("P0D", "P0D"), ("P2W", "P2W"), ("PT36H", "PT36H"), ("P0Y1D", "P1D"), ("P1M2DT3H4M5S",) * 2],
)
def test_durations_are_kept_without_their_empty_parts(given: str, kept: str) -> None:
    assert _created(workflow={"invoicing": {"draftPeriod": given}})["workflow"]["invoicing"]["draftPeriod"] == kept


@pytest.mark.parametrize("text", ["", "P", "one day"])
def test_a_duration_that_is_none_is_a_failure(text: str) -> None:
    with pytest.raises(InternalFailure):
        _created(workflow={"collection": {"interval": text}})


@pytest.mark.parametrize(
    ("workflow", "problem"),
    [
        ({"collection": {"interval": "-PT1H"}}, "invalid collection config: item collection period"),
        ({"invoicing": {"draftPeriod": "-P1D"}}, "invalid invoice config: draft period"),
        ({"invoicing": {"dueAfter": "-P1D"}}, "invalid invoice config: due after"),
        ({"tax": {"enabled": False, "enforced": True}}, "invalid tax config: tax is enforced"),
    ],
)
def test_a_workflow_that_cannot_work_is_refused(workflow: Any, problem: str) -> None:
    with pytest.raises(Malformed) as refused:
        _created(workflow=workflow)
    assert refused.value.detail.startswith(f"invalid workflow config: {problem}")
    with pytest.raises(Malformed) as refused:
        rules.replace(_created(), _body(workflow=workflow), now=LATER)
    assert refused.value.detail.startswith(f"invalid workflow configuration: {problem}")


def test_a_negative_draft_period_harms_nobody_where_invoices_wait_for_approval() -> None:
    settings = {"autoAdvance": False, "draftPeriod": "-P1D"}
    assert _created(workflow={"invoicing": settings})["workflow"]["invoicing"]["draftPeriod"] == "-P1D"


@pytest.mark.parametrize(
    ("supplier", "problem"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "Acme"}, "country"),
        ({"name": "Acme", "addresses": []}, "country"),
    ],
)
def test_a_supplier_needs_a_name_and_a_country(supplier: Any, problem: str) -> None:
    with pytest.raises(Malformed) as refused:
        _created(supplier=supplier)
    assert refused.value.detail == f"invalid supplier: {problem} is required"


def test_of_a_supplier_neither_key_nor_id_is_kept() -> None:
    address = {"country": "DE", "city": "Bonn", "planet": "Earth"}
    given = {"name": "Acme", "key": "acme", "id": "1", "taxId": {"code": "DE1"}, "addresses": [address]}
    kept = {"name": "Acme", "taxId": {"code": "DE1"}, "addresses": [{"country": "DE", "city": "Bonn"}]}
    assert _created(supplier=given)["supplier"] == kept


def test_one_app_does_all_the_work() -> None:
    rules.check_apps(_created())
    with pytest.raises(Malformed, match="all apps must be the same"):
        rules.check_apps(_created(apps={"tax": APP, "invoicing": APP, "payment": OTHER}))


@pytest.mark.parametrize("config", [{"taxCodeId": APP}, {"stripe": {"code": "txcd_10000000"}}])
def test_a_tax_code_cannot_be_set(config: Any) -> None:
    with pytest.raises(Invalid, match="setting a tax code"):
        rules.check_no_tax_code(_created(workflow={"invoicing": {"defaultTaxConfig": config}})["workflow"])


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({"behavior": "inclusive"}, {"defaultTaxConfig": {"behavior": "inclusive"}}),
        ({"customInvoicing": {"code": "x"}}, {}),
    ],
)
def test_of_a_tax_config_the_behavior_alone_stays(config: Any, kept: Any) -> None:
    invoicing = _created(workflow={"invoicing": {"defaultTaxConfig": config}})["workflow"]["invoicing"]
    assert {name: value for name, value in invoicing.items() if name == "defaultTaxConfig"} == kept
    rules.check_no_tax_code({"invoicing": invoicing})


def test_an_update_replaces_all_but_apps_description_and_proration() -> None:
    proration = {"subscriptionEndProrationMode": "bill_full_period", "dueAfter": "P7D"}
    old = _created(description="First", metadata={"a": "b"}, workflow={"invoicing": proration})
    new = rules.replace(old, _body(name="New", apps={"tax": OTHER}), now=LATER)
    assert (new["name"], new["description"], new["apps"]) == ("New", "First", old["apps"])
    assert "metadata" not in new
    assert new["workflow"]["invoicing"]["dueAfter"] == "P30D"
    assert new["workflow"]["invoicing"]["subscriptionEndProrationMode"] == "bill_full_period"
    assert (new["createdAt"], new["updatedAt"]) == (NOW, LATER)


def test_a_deleted_profile_and_the_default_one_are_protected() -> None:
    default = rules.first_profile(APP, id_="first", now=NOW)
    refusals = []
    attempts: tuple[Callable[[], object], ...] = (
        lambda: rules.replace(default, _body(), now=LATER),
        lambda: rules.deleted(default, [], now=LATER),
        lambda: rules.deleted(_created(), ["c1", "c2"], now=LATER),
        lambda: rules.replace(rules.deleted(_created(), [], now=NOW), _body(), now=LATER),
    )
    for attempt in attempts:
        with pytest.raises(Plain) as refused:
            attempt()
        refusals.append((refused.value.detail, refused.value.extensions["code"]))
    assert refusals == [
        ("default profile cannot be unset [id=first]", "default_profile_cannot_be_unset"),
        ("default profile cannot be deleted [id=first]", "default_profile_cannot_be_deleted"),
        (
            "profile is referenced by customer overrides [profile_id=profile, customer_ids=[c1 c2]]",
            "profile_referenced",
        ),
        ("profile already deleted [id=profile]", "profile_already_deleted"),
    ]
