"""Checks can fail: each defect of a server is noticed by exactly the checks that look at it."""

import pytest

from devkit.checks.registry import all_checks
from devkit.usecases.smoke import run_smoke
from tests.checks.defects import DEFECTS
from tests.checks.lying_proxy import lying_proxy

WAIT = 1.0  # seconds; what never becomes visible is waited for in vain
WAITS = {"notifications": 6.0}  # an event is sent a second after it was answered


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_noticed_by_the_right_checks(name: str, embedded_url: str) -> None:
    defect = DEFECTS[name]
    with lying_proxy(embedded_url, defect.lie) as url:
        wait = max(WAITS.get(tag, WAIT) for tag in defect.noticed)
        report = run_smoke(url, tags=list(defect.noticed), wait=wait)
    assert sorted(one.name for one in report.failed) == defect.names
    assert [one.name for one in report.failed if not one.message or not one.evidence] == []
    assert [one.message for one in report.failed if "Traceback" in one.message] == []


def test_every_check_is_caught_by_some_defect() -> None:
    noticed = {name for defect in DEFECTS.values() for name in defect.names}
    assert sorted({one.name for one in all_checks()} - noticed) == []


def test_an_honest_proxy_changes_nothing(embedded_url: str) -> None:
    with lying_proxy(embedded_url, lambda asked, forward: forward(asked)) as url:
        assert [one.name for one in run_smoke(url, wait=20).failed] == []
