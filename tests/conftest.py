"""Fixtures that every part uses."""

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from devkit.adapters.openmeter import OpenMeter
from devkit.adapters.stripe import StripeAccess
from tests.servers import embedded_server, stripe_standin

# A shell starts what runs in its background with Ctrl-C ignored, which children inherit: tests of it would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something about the load of the machine, nothing about the code.
settings.register_profile("devkit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("devkit")


@pytest.fixture(scope="session")
def embedded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an embedded server that all tests of this worker share: use keys of your own."""
    with embedded_server(tmp_path_factory.mktemp("embedded") / "data") as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _no_real_stripe() -> Iterator[None]:
    """Nothing that a test does reaches Stripe: where no stand-in is asked for, nobody listens."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DEVKIT_STRIPE_API_BASE", "http://127.0.0.1:9")
        yield


@pytest.fixture(scope="session")
def stripe_address() -> Iterator[str]:
    """The stand-in of Stripe that all tests of this worker share: use an account of your own."""
    with stripe_standin() as address:
        yield address


@pytest.fixture(scope="session")
def stripe_access(stripe_address: str) -> StripeAccess:
    """An account of the shared stand-in for the smoke checks."""
    return StripeAccess("sk_test_devkit_123_smoke", stripe_address)


@pytest.fixture(scope="session")
def url_with_stripe(stripe_address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an embedded server that reaches the shared stand-in of Stripe."""
    folder = tmp_path_factory.mktemp("with-stripe") / "data"
    with embedded_server(folder, variables={"DEVKIT_STRIPE_API_BASE": stripe_address}) as url:
        yield url


@pytest.fixture(scope="session")
def stripe_access_of_app(stripe_address: str, url_with_stripe: str) -> StripeAccess:
    """An account for which that server has an app that stays, and whose webhooks reach it."""
    access = StripeAccess("sk_test_devkit_123_paying", stripe_address)
    with OpenMeter(url_with_stripe) as client:
        body = {"apiKey": access.key, "name": "Stays", "createBillingProfile": False}
        client.call("marketplaceAppAPIKeyInstall", path={"type": "stripe"}, body=body)
    return access
