"""Checks can fail: each defect of a server is noticed by exactly the checks that look at it."""

import pytest

from devkit.adapters.stripe import StripeAccess
from devkit.checks.registry import all_checks
from devkit.usecases.smoke import run_smoke
from tests.checks.defects import DEFECTS
from tests.checks.lying_proxy import lying_proxy

WAIT = 1.0  # seconds; what never becomes visible is waited for in vain
WAITS = {
    "notifications": 6.0,  # an event is sent two seconds after it was answered
    "app_stripe": 6.0,  # a webhook comes through another process
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_noticed_by_the_right_checks(
    name: str, url_with_stripe: str, stripe_access_of_app: StripeAccess
) -> None:
    defect = DEFECTS[name]
    with lying_proxy(url_with_stripe, defect.lie) as url:
        wait = max(WAITS.get(tag, WAIT) for tag in defect.noticed)
        tags = list(defect.noticed)
        report = run_smoke(url, tags=tags, wait=wait, stripe=stripe_access_of_app, stripe_reaches=True)
    assert sorted(one.name for one in report.failed) == defect.names
    assert [one.name for one in report.failed if not one.message or not one.evidence] == []
    assert [one.message for one in report.failed if "Traceback" in one.message] == []


def test_every_check_is_caught_by_some_defect() -> None:
    noticed = {name for defect in DEFECTS.values() for name in defect.names}
    assert sorted({one.name for one in all_checks()} - noticed) == []


def test_an_honest_proxy_changes_nothing(url_with_stripe: str, stripe_access_of_app: StripeAccess) -> None:
    with lying_proxy(url_with_stripe, lambda asked, forward: forward(asked)) as url:
        report = run_smoke(url, wait=20, stripe=stripe_access_of_app, stripe_reaches=True)
    assert [(one.name, one.message) for one in (*report.failed, *report.skipped)] == []
    assert report.coverage.exercised == 153
