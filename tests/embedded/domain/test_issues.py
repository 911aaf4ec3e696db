"""Validation issues: their paths and the two forms in which answers show them."""

from devkit.embedded.domain.errors import IssuesFound
from devkit.embedded.domain.issues import (
    STATUS_ATTRIBUTE,
    Issue,
    critical,
    criticals,
    keyed,
    reported,
    shown,
    under,
    warning,
)
from devkit.embedded.http.problems import of_refusal

LATE = warning("too_late", "duration", "it is too late")
WORD = Issue("a word is missing")


def test_paths_grow_from_the_inside_out() -> None:
    (issue,) = under("plan", [LATE.under(keyed("phases", "pro"))])
    assert issue.field == "plan.phases[?(@.key=='pro')].duration"


def test_an_issue_without_a_field_takes_the_path_of_its_object() -> None:
    assert WORD.under("ratecards").field == "ratecards"


def test_only_criticals_refuse_drafts() -> None:
    wrong = critical("wrong", "key", "it is wrong")
    assert criticals([LATE, wrong]) == [wrong]


def test_a_resource_without_issues_shows_null() -> None:
    assert shown([]) is None


def test_a_resource_shows_field_and_code_even_when_they_are_empty() -> None:
    assert shown([LATE, WORD]) == [
        {"field": "$.duration", "code": "too_late", "message": "it is too late", "attributes": {STATUS_ATTRIBUTE: 400}},
        {"field": "", "code": "", "message": "a word is missing"},
    ]


def test_a_problem_leaves_out_what_is_empty() -> None:
    assert reported([WORD], with_status=True) == [{"message": "a word is missing", "severity": "critical"}]


def test_statuses_of_issues_are_told_on_demand_only() -> None:
    with_status, without = (reported([LATE], with_status=told)[0] for told in (True, False))
    assert with_status == without | {STATUS_ATTRIBUTE: 400}


def test_a_refusal_by_issues_becomes_a_problem_with_extensions() -> None:
    reply = of_refusal(IssuesFound([LATE], detail="invalid plan"), "r1")
    assert (reply.status, reply.body["detail"]) == (400, "invalid plan")
    assert reply.body["extensions"] == {"validationErrors": reported([LATE], with_status=False)}


def test_a_refusal_by_issues_may_have_a_status_and_no_detail() -> None:
    reply = of_refusal(IssuesFound([LATE], status=409), "r1")
    assert reply.status == 409
    assert "detail" not in reply.body
