from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devkit.embedded.domain.billing.invoice_states import (
    APPROVE,
    DELETE,
    FINAL,
    FORCE_COLLECT,
    GUARDS,
    NEXT,
    RETRY,
    STATES,
    UPDATED,
    Facts,
    check_fires,
    no_way_out,
    status_details,
    target,
)
from devkit.embedded.domain.errors import Plain

NOW = datetime(2025, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
AUTOMATIC = Facts(NOW, auto_advance=True, draft_until=NOW)
MANUAL = Facts(NOW, auto_advance=False)
DIAGRAM = Path(__file__).with_name("invoice_states.mmd")


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    arrows = [
        f"    {_box(state)} --> {_box(way.to)}: {' / '.join((way.trigger, *way.guards))}"
        for state, ways in STATES.items()
        for way in ways
    ]
    ends = [f"    {_box(state)} --> [*]" for state, ways in STATES.items() if not ways]
    return "\n".join(("stateDiagram-v2", f"    [*] --> {_box('draft.created')}", *arrows, *ends)) + "\n"


def _box(state: str) -> str:
    return state.replace(".", "_")


def test_the_table_prints_as_the_diagram_that_stands_beside_this_test() -> None:
    print(diagram())  # noqa: T201 - this is where people read it: pytest -s
    assert diagram() == DIAGRAM.read_text(encoding="utf-8")


def test_every_arrow_ends_in_a_state_and_asks_for_a_known_guard() -> None:
    ways = [way for ways in STATES.values() for way in ways]
    assert {way.to for way in ways} <= STATES.keys()
    assert {guard for way in ways for guard in way.guards} == GUARDS.keys()


def test_every_state_can_be_reached_from_a_new_invoice() -> None:
    reached, waiting = {"draft.created"}, ["draft.created"]
    while waiting:
        found = {way.to for way in STATES[waiting.pop()]} - reached
        reached |= found
        waiting += found
    assert reached == STATES.keys()


def test_only_final_states_have_no_way_out() -> None:
    assert {state for state, ways in STATES.items() if not ways} == FINAL - {"uncollectible"}


@pytest.mark.parametrize("facts", [AUTOMATIC, MANUAL, replace(AUTOMATIC, critical=True)])
def test_what_an_invoice_does_by_itself_comes_to_rest(facts: Facts) -> None:
    for state in STATES:
        seen = [state]
        while following := target(seen[-1], NEXT, facts):
            assert following not in seen
            seen.append(following)


def test_a_draft_with_manual_approval_can_be_approved_edited_and_deleted() -> None:
    assert status_details("draft.manual_approval_needed", MANUAL) == {
        "immutable": False,
        "failed": False,
        "extendedStatus": "draft.manual_approval_needed",
        "availableActions": {
            "approve": {"resultingState": "payment_processing.pending"},
            "delete": {"resultingState": "deleted"},
        },
    }


def test_collection_can_be_forced_before_its_time_and_goes_on_by_itself_after_it() -> None:
    early = replace(AUTOMATIC, collection_at=LATER, draft_until=LATER)
    actions = status_details("draft.waiting_for_collection", early)["availableActions"]
    assert "advance" not in actions
    assert actions["snapshotQuantities"] == {"resultingState": "draft.waiting_auto_approval"}
    due = replace(early, now=LATER)
    assert status_details("draft.waiting_for_collection", due)["availableActions"]["advance"] == {
        "resultingState": "payment_processing.pending"
    }


def test_an_app_that_is_not_done_keeps_the_invoice_in_syncing() -> None:
    assert target("draft.syncing", NEXT, replace(MANUAL, draft_synced=False)) is None
    assert target("issuing.syncing", NEXT, replace(MANUAL, issuing_synced=False)) is None
    assert target("draft.syncing", UPDATED, MANUAL) is None


def test_a_critical_issue_holds_an_invoice_back_but_not_its_outlook() -> None:
    facts = replace(MANUAL, critical=True)
    assert target("draft.manual_approval_needed", APPROVE, facts) is None
    assert target("draft.invalid", RETRY, facts) == "draft.validating"
    outlook = status_details("draft.invalid", facts)["availableActions"]["retry"]
    assert outlook == {"resultingState": "draft.manual_approval_needed"}


def test_a_failed_payment_is_immutable_and_can_be_retried() -> None:
    details = status_details("payment_processing.failed", MANUAL)
    assert details["failed"]
    assert details["immutable"]
    assert details["availableActions"] == {"retry": {"resultingState": "payment_processing.pending"}}


def test_an_invalid_draft_does_not_count_as_failed() -> None:
    assert not status_details("draft.invalid", MANUAL)["failed"]


@pytest.mark.parametrize(
    ("trigger", "detail", "code"),
    [
        (NEXT, "cannot advance invoice in status [paid]: invoice cannot advance", "invoice_cannot_advance"),
        (
            APPROVE,
            "cannot trigger_approve invoice in status [paid]: invoice action not available",
            "invoice_action_not_available",
        ),
        (
            FORCE_COLLECT,
            "cannot trigger_force_collect invoice in status [paid]: invoice action not available",
            "invoice_action_not_available",
        ),
    ],
)
def test_an_action_that_is_not_open_is_refused_with_the_status(trigger: str, detail: str, code: str) -> None:
    with pytest.raises(Plain, match=r"paid") as refused:
        check_fires("paid", trigger, MANUAL)
    assert (refused.value.status, refused.value.detail, refused.value.extensions["code"]) == (400, detail, code)


def test_an_open_action_is_not_refused() -> None:
    check_fires("draft.invalid", DELETE, MANUAL)


def test_the_state_machine_tells_an_unknown_trigger_from_a_guarded_one() -> None:
    assert no_way_out("paid", "paid").startswith("stateless: No valid leaving transitions")
    assert "is valid for transition" in no_way_out("draft.manual_approval_needed", APPROVE)
