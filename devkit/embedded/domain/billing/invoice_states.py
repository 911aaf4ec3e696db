"""The states of a standard invoice: one table, and what follows from it.

A state names what leads out of it: trigger, target, and the guards that must hold. `next` is what the invoice does by
itself, `failed` what happens where the work of a state fails; the work is in workflows/invoicing/work.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from devkit.embedded.domain.billing.refusals import coded

NEXT = "next"
FAILED = "failed"
UPDATED = "updated"
DELETE = "delete"
RETRY = "retry"
APPROVE = "approve"
FORCE_COLLECT = "force_collect"
PAID = "paid"
AUTHORIZED = "authorized"
UNCOLLECTIBLE = "payment_uncollectible"
OVERDUE = "payment_overdue"
ACTION_REQUIRED = "action_required"
VOID = "void"

WAITING_FOR_COLLECTION = "draft.waiting_for_collection"
WAITING_AUTO_APPROVAL = "draft.waiting_auto_approval"
DRAFT_SYNCING = "draft.syncing"
ISSUING_SYNCING = "issuing.syncing"
DELETE_FAILED = "delete.failed"
DELETED = "deleted"
PENDING = "payment_processing.pending"


@dataclass(frozen=True)
class Facts:
    """What the guards ask of an invoice.

    collection_at:  None: nothing has to be collected
    draft_until:    None: it is not approved by time
    critical:       whether it has a critical validation issue
    draft_synced:   whether its app is done with the draft, issuing_synced: with the final invoice
    """

    now: datetime
    auto_advance: bool
    collection_at: datetime | None = None
    draft_until: datetime | None = None
    critical: bool = False
    draft_synced: bool = True
    issuing_synced: bool = True


#: What a transition may ask for, by name.
GUARDS: Mapping[str, Callable[[Facts], bool]] = {
    "collectable": lambda facts: facts.collection_at is None or facts.now >= facts.collection_at,
    "valid": lambda facts: not facts.critical,
    "automatic": lambda facts: facts.auto_advance,
    "manual": lambda facts: not facts.auto_advance,
    "draft over": lambda facts: facts.auto_advance and facts.draft_until is not None and facts.now >= facts.draft_until,
    "draft synced": lambda facts: facts.draft_synced,
    "issuing synced": lambda facts: facts.issuing_synced,
}


@dataclass(frozen=True)
class Transition:
    """One arrow out of a state; it is open where all of its guards hold."""

    trigger: str
    to: str
    guards: tuple[str, ...] = ()


def _to(trigger: str, to: str, *guards: str) -> Transition:
    return Transition(trigger, to, guards)


_DELETABLE = _to(DELETE, "delete.in_progress")
_EDITABLE = _to(UPDATED, "draft.updating")
_INVALID = _to(FAILED, "draft.invalid")
_VOIDABLE = _to(VOID, "voided")
_BOOKING_AUTHORIZED = _to(AUTHORIZED, "payment_processing.booking_authorized")
_BOOKING_BOTH = _to(PAID, "payment_processing.booking_authorized_and_settled")
_PAYMENT_FAILED = _to(FAILED, "payment_processing.failed")
_UNCOLLECTIBLE = _to(UNCOLLECTIBLE, "uncollectible")
_OVERDUE = _to(OVERDUE, "overdue")
_ACTION_REQUIRED = _to(ACTION_REQUIRED, "payment_processing.action_required")
_RETRY_PAYMENT = _to(RETRY, PENDING)

STATES: Mapping[str, tuple[Transition, ...]] = {
    "draft.created": (_to(NEXT, WAITING_FOR_COLLECTION), _INVALID, _DELETABLE, _EDITABLE),
    WAITING_FOR_COLLECTION: (
        _to(NEXT, "draft.collecting", "collectable"),
        _to(FORCE_COLLECT, "draft.collecting"),
        _DELETABLE,
        _EDITABLE,
    ),
    "draft.collecting": (_to(NEXT, "draft.validating"), _INVALID, _DELETABLE, _EDITABLE),
    "draft.updating": (_to(NEXT, WAITING_FOR_COLLECTION), _INVALID, _DELETABLE),
    "draft.validating": (_to(NEXT, DRAFT_SYNCING, "valid"), _INVALID, _DELETABLE, _EDITABLE),
    "draft.invalid": (_to(RETRY, "draft.validating"), _DELETABLE, _EDITABLE),
    DRAFT_SYNCING: (
        _to(NEXT, "draft.manual_approval_needed", "manual", "valid", "draft synced"),
        _to(NEXT, WAITING_AUTO_APPROVAL, "automatic", "valid", "draft synced"),
        _to(FAILED, "draft.sync_failed"),
        _DELETABLE,
    ),
    "draft.sync_failed": (_to(RETRY, "draft.validating"), _DELETABLE, _EDITABLE),
    "draft.manual_approval_needed": (_to(APPROVE, "draft.ready_to_issue", "valid"), _DELETABLE, _EDITABLE),
    WAITING_AUTO_APPROVAL: (
        _to(NEXT, "draft.ready_to_issue", "draft over", "valid"),
        _to(APPROVE, "draft.ready_to_issue"),
        _DELETABLE,
        _EDITABLE,
    ),
    "draft.ready_to_issue": (_to(NEXT, ISSUING_SYNCING), _DELETABLE, _EDITABLE),
    ISSUING_SYNCING: (
        _to(NEXT, "issuing.charge_booking", "issuing synced"),
        _to(FAILED, "issuing.failed"),
        _DELETABLE,
    ),
    "issuing.failed": (_to(RETRY, ISSUING_SYNCING), _DELETABLE),
    "issuing.charge_booking": (_to(NEXT, "issued"), _to(FAILED, "issuing.charge_booking_failed"), _DELETABLE),
    "issuing.charge_booking_failed": (_to(RETRY, "issuing.charge_booking"), _DELETABLE),
    "issued": (_to(NEXT, PENDING), _VOIDABLE),
    PENDING: (
        _BOOKING_AUTHORIZED,
        _BOOKING_BOTH,
        _PAYMENT_FAILED,
        _UNCOLLECTIBLE,
        _OVERDUE,
        _ACTION_REQUIRED,
        _VOIDABLE,
    ),
    "payment_processing.booking_authorized": (
        _to(NEXT, "payment_processing.authorized"),
        _to(FAILED, "payment_processing.booking_authorized_failed"),
        _VOIDABLE,
    ),
    "payment_processing.booking_authorized_failed": (
        _to(RETRY, "payment_processing.booking_authorized"),
        _VOIDABLE,
    ),
    "payment_processing.authorized": (
        _to(PAID, "payment_processing.booking_settled"),
        _PAYMENT_FAILED,
        _UNCOLLECTIBLE,
        _OVERDUE,
        _ACTION_REQUIRED,
        _VOIDABLE,
    ),
    "payment_processing.booking_settled": (
        _to(NEXT, "paid"),
        _to(FAILED, "payment_processing.booking_settled_failed"),
        _VOIDABLE,
    ),
    "payment_processing.booking_settled_failed": (_to(RETRY, "payment_processing.booking_settled"), _VOIDABLE),
    "payment_processing.booking_authorized_and_settled": (
        _to(NEXT, "paid"),
        _to(FAILED, "payment_processing.booking_authorized_and_settled_failed"),
        _VOIDABLE,
    ),
    "payment_processing.booking_authorized_and_settled_failed": (
        _to(RETRY, "payment_processing.booking_authorized_and_settled"),
        _VOIDABLE,
    ),
    "payment_processing.failed": (
        _RETRY_PAYMENT,
        _BOOKING_AUTHORIZED,
        _BOOKING_BOTH,
        _UNCOLLECTIBLE,
        _OVERDUE,
        _ACTION_REQUIRED,
        _VOIDABLE,
    ),
    "payment_processing.action_required": (
        _RETRY_PAYMENT,
        _BOOKING_AUTHORIZED,
        _BOOKING_BOTH,
        _PAYMENT_FAILED,
        _UNCOLLECTIBLE,
        _OVERDUE,
        _VOIDABLE,
    ),
    "overdue": (
        _RETRY_PAYMENT,
        _BOOKING_AUTHORIZED,
        _BOOKING_BOTH,
        _PAYMENT_FAILED,
        _UNCOLLECTIBLE,
        _ACTION_REQUIRED,
    ),
    "uncollectible": (_BOOKING_AUTHORIZED, _BOOKING_BOTH, _VOIDABLE),
    "paid": (),
    "voided": (),
    "delete.in_progress": (_to(NEXT, "delete.syncing"), _to(FAILED, DELETE_FAILED)),
    "delete.syncing": (_to(NEXT, DELETED), _to(FAILED, DELETE_FAILED)),
    DELETE_FAILED: (_DELETABLE,),
    DELETED: (),
}

FINAL = frozenset({DELETED, "paid", "uncollectible", "voided"})

#: What can be done to an invoice, as the API calls it, and the trigger behind it. Only `delete` is not looked ahead.
_ACTIONS = (("advance", NEXT), ("retry", RETRY), ("approve", APPROVE), ("snapshotQuantities", FORCE_COLLECT))


def target(status: str, trigger: str, facts: Facts) -> str | None:
    """Where the trigger leads from there; None where it leads nowhere now."""
    for transition in STATES[status]:
        if transition.trigger == trigger and all(GUARDS[guard](facts) for guard in transition.guards):
            return transition.to
    return None


def status_details(status: str, facts: Facts) -> dict[str, Any]:
    """The `statusDetails` of an invoice: what can be done now, and where each action would come to rest."""
    actions = {name: {"resultingState": end} for name, end in _ends(status, facts)}
    if target(status, DELETE, facts):
        actions["delete"] = {"resultingState": DELETED}
    return {
        "immutable": target(status, UPDATED, facts) is None,
        "failed": _is_failed(status),
        "extendedStatus": status,
        "availableActions": actions,
    }


def check_fires(status: str, trigger: str, facts: Facts) -> None:
    """Raises Plain (400) where someone who asks for this action cannot have it now."""
    if target(status, trigger, facts):
        return
    if trigger == NEXT:
        raise coded("invoice_cannot_advance", before=f"cannot advance invoice in status [{status}]: ")
    raise coded("invoice_action_not_available", before=f"cannot trigger_{trigger} invoice in status [{status}]: ")


def no_way_out(status: str, trigger: str) -> str:
    """What OpenMeter's state machine says of a trigger that the status does not know, or that its guards forbid."""
    if all(transition.trigger != trigger for transition in STATES[status]):
        return (
            f"stateless: No valid leaving transitions are permitted from state '{status}' for trigger"
            f" 'trigger_{trigger}', consider ignoring the trigger"
        )
    return (
        f"stateless: Trigger 'trigger_{trigger}' is valid for transition from state '{status}'"
        " but a guard conditions are not met."
    )


def _ends(status: str, facts: Facts) -> list[tuple[str, str]]:
    """Each open action with its end. On the way no issue counts: it is not known what the work would find."""
    firsts = [(name, target(status, trigger, facts)) for name, trigger in _ACTIONS]
    untroubled = replace(facts, critical=False)
    return [(name, _rest(first, untroubled)) for name, first in firsts if first]


def _rest(status: str, facts: Facts) -> str:
    while following := target(status, NEXT, facts):
        status = following
    return status


def _is_failed(status: str) -> bool:
    return status.endswith("failed")
