"""The ledger counts calls, not promises."""

from devkit.checks.coverage import coverage, undeclared
from devkit.checks.outcomes import Call, Result, Status
from devkit.core.contract import contract


def _result(status: Status, *calls: Call) -> Result:
    return Result("meters/x", "Meters", "x", status, 0.1, calls=calls)


def test_only_calls_of_checks_that_passed_count() -> None:
    found = coverage(
        contract(),
        [
            _result("passed", Call("getMeter", 200), Call("getMeter", 404), Call("getMeter", 200)),
            _result("failed", Call("createMeter", 200)),
            _result("skipped", Call("listMeters", 200)),
        ],
    )
    rows = {row.operation: row for row in found.rows if row.exercised}
    assert list(rows) == ["getMeter"]
    assert (rows["getMeter"].served, rows["getMeter"].refused) == (2, 1)
    assert found.as_text() == "1 of 153 operations"


def test_an_operation_of_two_tags_counts_under_both() -> None:
    twice = next(one for one in contract().operations.values() if len(one.tags) == 2)
    found = coverage(contract(), [_result("passed", Call(twice.id, 200))])
    assert {row.tag: row.exercised for row in found.by_tag()} == dict.fromkeys(twice.tags, 1)


def test_a_tag_tells_how_many_operations_were_served_and_refused() -> None:
    calls = [Call("getMeter", 200), Call("getMeter", 404), Call("listMeters", 200)]
    (meters,) = coverage(contract(), [_result("passed", *calls)]).by_tag()
    assert (meters.tag, meters.exercised, meters.operations, meters.served, meters.refused) == ("Meters", 2, 9, 2, 1)


def test_declarations_and_calls_must_agree() -> None:
    calls = [Call("getMeter", 200), Call("getMeter", 404)]
    assert undeclared(("getMeter",), calls) is None
    assert undeclared(("getMeter", "deleteMeter"), calls) == (
        "the check says that it exercises deleteMeter, but it never called it"
    )
    assert undeclared((), calls) == "the check called getMeter without saying so"
