"""An OpenMeter with a Stripe app, over real sockets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import embedded_server
from tests.stripe_app.billing_place import BillingPlace, billing_place


@pytest.fixture
def billing(stripe_address: str, tmp_path: Path) -> Iterator[BillingPlace]:
    """A server of its own: there is one profile of devkit's and one default profile in each."""
    variables = {"DEVKIT_STRIPE_API_BASE": stripe_address}
    with (
        embedded_server(tmp_path / "data", variables=variables) as url,
        billing_place(url, stripe_address) as place,
    ):
        yield place
