"""What is removed after a check, and in which order."""

from devkit.checks.removals import REQUESTS, Removals


def test_ids_replace_names_once_they_are_known() -> None:
    removals = Removals("t1")
    removals.expect("createMeter", {"slug": "smoke_t1_a"})
    removals.expect("upsertSubject", [{"key": "smoke-t1-a"}, {"key": "smoke-t1-b"}])
    removals.learn("upsertSubject", [{"key": "smoke-t1-a", "id": "A"}, {"key": "smoke-t1-b", "id": "B"}])
    assert removals.take() == [("deleteSubject", ("B",)), ("deleteSubject", ("A",)), ("deleteMeter", ("smoke_t1_a",))]
    assert removals.take() == []


def test_a_customer_goes_before_the_subjects_that_it_brought() -> None:
    removals = Removals("t1")
    body = {"key": "smoke-t1-acme", "usageAttribution": {"subjectKeys": ["smoke-t1-alice"]}}
    removals.expect("createCustomer", body)
    assert removals.take() == [("deleteCustomer", ("smoke-t1-acme",)), ("deleteSubject", ("smoke-t1-alice",))]


def test_a_name_used_twice_is_removed_under_both_ids() -> None:
    removals = Removals("t1")
    for identity in ("A", "B"):
        removals.expect("createMeter", {"slug": "smoke_t1_a"})
        removals.learn("createMeter", {"slug": "smoke_t1_a", "id": identity})
    assert removals.take() == [("deleteMeter", ("B",)), ("deleteMeter", ("A",))]


def test_what_is_not_ours_is_left_alone() -> None:
    removals = Removals("t1")
    removals.expect("createMeter", {"slug": "tokens"})
    removals.learn("createMeter", {"slug": "tokens", "id": "A"})
    removals.expect("createMeter", {"eventType": "smoke-t1"})
    removals.expect("queryMeterPost", {"slug": "smoke_t1_a"})
    removals.expect("createMeter", None)
    assert removals.take() == []


def test_what_may_be_in_force_is_archived_before_it_is_deleted() -> None:
    removals = Removals("t1")
    removals.expect("createPlan", {"key": "smoke_t1_pro"})
    removals.learn("createPlan", {"key": "smoke_t1_pro", "id": "A"})
    removals.learn("nextPlan", {"key": "smoke_t1_pro", "id": "B"})
    removals.add("deletePlanAddon", "A", "C")
    archived_first = [(operation, (plan,)) for plan in "BA" for operation in ("archivePlan", "deletePlan")]
    assert removals.take() == [("deletePlanAddon", ("A", "C")), *archived_first]


def test_a_subscription_ends_at_once_or_never_begins() -> None:
    removals = Removals("t1")
    removals.expect("createSubscription", {"name": "smoke-t1-pro"})
    removals.learn("createSubscription", {"name": "smoke-t1-pro", "id": "A"})
    ends = ("unscheduleCancelation", "cancelSubscription", "deleteSubscription")
    assert removals.take() == [(operation, ("A",)) for operation in ends]
    assert REQUESTS["cancelSubscription"] == {"body": {"timing": "immediate"}}
