"""What is removed after a check, and in which order."""

from devkit.checks.removals import Removals


def test_ids_replace_names_once_they_are_known() -> None:
    removals = Removals("t1")
    removals.expect("createMeter", {"slug": "smoke_t1_a"})
    removals.expect("upsertSubject", [{"key": "smoke-t1-a"}, {"key": "smoke-t1-b"}])
    removals.learn("upsertSubject", [{"key": "smoke-t1-a", "id": "A"}, {"key": "smoke-t1-b", "id": "B"}])
    assert removals.take() == [("deleteSubject", "B"), ("deleteSubject", "A"), ("deleteMeter", "smoke_t1_a")]
    assert removals.take() == []


def test_a_customer_goes_before_the_subjects_that_it_brought() -> None:
    removals = Removals("t1")
    body = {"key": "smoke-t1-acme", "usageAttribution": {"subjectKeys": ["smoke-t1-alice"]}}
    removals.expect("createCustomer", body)
    assert removals.take() == [("deleteCustomer", "smoke-t1-acme"), ("deleteSubject", "smoke-t1-alice")]


def test_a_name_used_twice_is_removed_under_both_ids() -> None:
    removals = Removals("t1")
    for identity in ("A", "B"):
        removals.expect("createMeter", {"slug": "smoke_t1_a"})
        removals.learn("createMeter", {"slug": "smoke_t1_a", "id": identity})
    assert removals.take() == [("deleteMeter", "B"), ("deleteMeter", "A")]


def test_what_is_not_ours_is_left_alone() -> None:
    removals = Removals("t1")
    removals.expect("createMeter", {"slug": "tokens"})
    removals.learn("createMeter", {"slug": "tokens", "id": "A"})
    removals.expect("createMeter", {"eventType": "smoke-t1"})
    removals.expect("queryMeterPost", {"slug": "smoke_t1_a"})
    removals.expect("createMeter", None)
    assert removals.take() == []
