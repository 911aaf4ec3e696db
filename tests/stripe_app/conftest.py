"""An OpenMeter with a Stripe app, over real sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import embedded_server
from tests.stripe_app.app_place import Scene, app_place
from tests.stripe_app.billing_place import BillingPlace, billing_place, billing_place_alone


@pytest.fixture
def billing(url_with_stripe: str, stripe_address: str) -> Iterator[BillingPlace]:
    """A shared server: the account and its app are the test's own, devkit's profile moves on to the next one's."""
    with billing_place(url_with_stripe, stripe_address) as place:
        yield place


@pytest.fixture
def billing_alone(stripe_address: str, tmp_path: Path) -> Iterator[BillingPlace]:
    """A server of its own, for who changes the profile or which one is the default."""
    with billing_place_alone(tmp_path / "data", stripe_address) as place:
        yield place


@pytest.fixture
def scene(url_with_stripe: str, stripe_address: str) -> Iterator[Scene]:
    """A shared server: each test has an account of its own, and so an app of its own."""
    with app_place(url_with_stripe, stripe_address) as place:
        yield place


@pytest.fixture
def alone(stripe_address: str, tmp_path: Path) -> Iterator[Scene]:
    """The same with a server of its own."""
    variables = {"DEVKIT_STRIPE_API_BASE": stripe_address}
    with (
        embedded_server(tmp_path / "data", variables=variables) as url,
        app_place(url, stripe_address) as place,
    ):
        yield place
