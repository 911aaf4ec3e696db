"""Checks can fail: each defect of a server is noticed by exactly the checks that look at it."""

from collections.abc import Iterator

import pytest

from devkit.adapters.stripe import StripeAccess
from devkit.checks.registry import all_checks
from devkit.usecases.smoke import run_smoke
from tests.checks.defects import DEFECTS
from tests.checks.lying_proxy import lying_proxy
from tests.servers import embedded_server

KEY = "sk_test_devkit_123_smoke"
WAIT = 1.0  # seconds; what never becomes visible is waited for in vain
WAITS = {"notifications": 6.0}  # an event is sent two seconds after it was answered


@pytest.fixture(scope="module")
def stripe(stripe_address: str) -> StripeAccess:
    return StripeAccess(KEY, stripe_address)


@pytest.fixture(scope="module")
def server(stripe_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that reaches a stand-in of Stripe."""
    folder = tmp_path_factory.mktemp("checked") / "data"
    with embedded_server(folder, variables={"DEVKIT_STRIPE_API_BASE": stripe_address}) as url:
        yield url


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_noticed_by_the_right_checks(name: str, server: str, stripe: StripeAccess) -> None:
    defect = DEFECTS[name]
    with lying_proxy(server, defect.lie) as url:
        wait = max(WAITS.get(tag, WAIT) for tag in defect.noticed)
        report = run_smoke(url, tags=list(defect.noticed), wait=wait, stripe=stripe)
    assert sorted(one.name for one in report.failed) == defect.names
    assert [one.name for one in report.failed if not one.message or not one.evidence] == []
    assert [one.message for one in report.failed if "Traceback" in one.message] == []


def test_every_check_is_caught_by_some_defect() -> None:
    noticed = {name for defect in DEFECTS.values() for name in defect.names}
    assert sorted({one.name for one in all_checks()} - noticed) == []


def test_an_honest_proxy_changes_nothing(server: str, stripe: StripeAccess) -> None:
    with lying_proxy(server, lambda asked, forward: forward(asked)) as url:
        report = run_smoke(url, wait=20, stripe=stripe)
    assert [(one.name, one.message) for one in (*report.failed, *report.skipped)] == []
    assert report.coverage.exercised == 153
