from typing import Any

import pytest

from devkit.embedded.domain import apps as rules
from devkit.embedded.domain.errors import Conflict, InternalFailure, Invalid
from devkit.embedded.domain.marketplace import LISTINGS, NO_CREDENTIALS, WITH_API_KEY, check_method

NOW = "2025-01-01T00:00:00Z"
LATER = "2025-01-02T00:00:00Z"
BOTH = {"enableDraftSyncHook": True, "enableIssuingSyncHook": True}


def _custom(name: str = "Books") -> rules.App:
    return rules.installed(rules.CUSTOM_INVOICING, name, id_="app", now=NOW)


def _body(type_: str = rules.CUSTOM_INVOICING, **changes: Any) -> dict[str, Any]:
    return {"type": type_, "name": "New", **BOTH, **changes}


@pytest.mark.parametrize("type_", LISTINGS)
def test_every_listing_says_what_it_can_do_and_how_it_is_installed(type_: str) -> None:
    listing = LISTINGS[type_]
    capabilities = [(one["type"], one["key"].removeprefix(f"{type_}_")) for one in listing["capabilities"]]
    assert capabilities == [
        ("collectPayments", "collect_payment"),
        ("calculateTax", "calculate_tax"),
        ("invoiceCustomers", "invoice_customer"),
    ]
    (method,) = listing["installMethods"]
    check_method(type_, method)
    other = WITH_API_KEY if method == NO_CREDENTIALS else NO_CREDENTIALS
    with pytest.raises(Invalid) as refused:
        check_method(type_, other)
    assert refused.value.detail.endswith(f"Supported methods: [{method}]")


def test_a_name_that_is_left_out_is_that_of_the_listing() -> None:
    assert _custom("")["name"] == "Custom Invoicing"
    assert _custom("Mine")["name"] == "Mine"


def test_a_sandbox_shows_neither_description_nor_metadata() -> None:
    sandbox = rules.sandbox_app(id_="sandbox", now=NOW)
    changed = rules.replace(sandbox, _body("stripe", description="x", metadata={"a": "b"}), now=LATER)
    assert set(rules.shown(changed)) == {"id", "type", "name", "status", "listing", "createdAt", "updatedAt"}
    assert rules.shown(changed)["name"] == "New"


def test_an_update_replaces_description_metadata_and_hooks() -> None:
    full = rules.replace(_custom(), _body(description="x", metadata={"a": "b"}), now=LATER)
    assert {**rules.shown(full)} | BOTH | {"description": "x", "metadata": {"a": "b"}} == rules.shown(full)
    bare = rules.shown(rules.replace(full, _body(enableDraftSyncHook=False, metadata=None), now=LATER))
    assert {"description", "metadata"}.isdisjoint(bare)
    assert (bare["enableDraftSyncHook"], bare["enableIssuingSyncHook"]) == (False, True)


def test_the_body_has_to_be_for_the_type_of_the_app() -> None:
    with pytest.raises(InternalFailure):
        rules.replace(_custom(), _body("sandbox"), now=LATER)


def test_the_hooks_of_an_uninstalled_app_are_off_and_stay_off() -> None:
    app = rules.uninstalled(rules.replace(_custom(), _body(), now=NOW), now=LATER)
    late = rules.shown(rules.replace(app, _body(name="Late"), now=LATER))
    assert (late["name"], late["deletedAt"], late["enableDraftSyncHook"]) == ("Late", LATER, False)


@pytest.mark.parametrize(("metadata", "word"), [({"": "a"}, "key"), ({"a": ""}, "value")])
def test_metadata_have_neither_empty_keys_nor_empty_values(metadata: dict[str, str], word: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_metadata({"metadata": metadata})
    assert refused.value.detail == f"metadata {word} is required"


def test_an_app_that_something_needs_stays() -> None:
    rules.check_unused([], [])
    with pytest.raises(Conflict) as refused:
        rules.check_unused([{"name": "One", "id": "1"}, {"name": "Two", "id": "2"}], [])
    assert refused.value.detail == "app is used in 2 billing profiles: One[1],Two[2]"
    with pytest.raises(Conflict) as refused:
        rules.check_unused([], [{"number": "INV-1", "id": "3"}])
    assert refused.value.detail == "app is used in 1 non-finalized invoices: INV-1[3]"


@pytest.mark.parametrize(
    ("status", "needed"),
    [
        ("gathering", True),
        ("draft.manual_approval_needed", False),
        ("issuing.syncing", True),
        ("issued", True),
        ("payment_processing.failed", True),
        ("overdue", True),
        ("paid", False),
        ("uncollectible", False),
        ("deleted", False),
    ],
)
def test_drafts_and_finished_invoices_do_without_their_app(status: str, *, needed: bool) -> None:
    assert rules.is_unfinished({"status": status}) is needed


def test_there_is_one_sandbox() -> None:
    rules.check_only_sandbox([_custom()])
    with pytest.raises(Conflict, match="sandbox app: Sandbox already exists"):
        rules.check_only_sandbox([_custom(), rules.sandbox_app(id_="s", now=NOW)])
