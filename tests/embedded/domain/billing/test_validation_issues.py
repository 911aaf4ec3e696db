from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.billing.validation_issues import NEVER, kept, merged, read, refusal, softened, unsaved
from devkit.embedded.domain.issues import Issue

LOW = Issue("too low", code="low", component="openmeter", field="/lines/0")
FAILED = Issue("failed", component="app.sandbox.invoiceCustomers.sync")
ISSUES = st.lists(
    st.builds(Issue, message=st.sampled_from("abc"), component=st.sampled_from(["one", "two"]), code=st.just("")),
    max_size=6,
)


def test_what_a_component_finds_replaces_what_it_found_before() -> None:
    found = merged([LOW, FAILED], "openmeter", [Issue("too high")])
    assert found == [FAILED, Issue("too high", component="openmeter")]
    assert merged([LOW, FAILED], "openmeter", []) == [FAILED]


def test_softened_issues_are_warnings() -> None:
    assert {issue.severity for issue in softened([LOW, FAILED])} == {"warning"}


@given(ISSUES, ISSUES)
def test_issues_are_kept_once_each_and_those_known_before_under_their_ids(
    before: list[Issue], after: list[Issue]
) -> None:
    numbers = count()
    stored = kept(before, [], new_id=lambda: f"id-{next(numbers)}", now="2025-01-01T00:00:00Z")
    again = kept(after, stored, new_id=lambda: f"id-{next(numbers)}", now="2025-01-02T00:00:00Z")
    assert read(again) == list(dict.fromkeys(after))
    ids = {issue: one["id"] for issue, one in zip(read(stored), stored, strict=True)}
    for issue, one in zip(read(again), again, strict=True):
        assert (one["id"] == ids.get(issue)) == (issue in before)


def test_a_refusal_tells_the_first_issue_and_has_the_others_beside_it() -> None:
    refused = refusal([LOW, FAILED])
    assert (refused.status, refused.detail) == (400, "too low\nfailed")
    assert refused.extensions == {
        "severity": "critical",
        "message": "too low",
        "code": "low",
        "component": "openmeter",
        "path": "/lines/0",
        "additionalIssues": [
            {
                "createdAt": NEVER,
                "updatedAt": NEVER,
                "severity": "critical",
                "message": "failed",
                "component": FAILED.component,
            }
        ],
    }


def test_an_issue_that_is_never_stored_has_no_identity() -> None:
    assert unsaved(LOW) == {
        "id": "",
        "createdAt": NEVER,
        "updatedAt": NEVER,
        "severity": "critical",
        "message": "too low",
        "component": "openmeter",
        "code": "low",
        "field": "/lines/0",
    }
