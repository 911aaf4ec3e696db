"""Fixtures that every part uses."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import embedded_server

# How long an example takes says something about the load of the machine, nothing about the code.
settings.register_profile("devkit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("devkit")


@pytest.fixture(scope="session")
def embedded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an embedded server that all tests of this worker share: use keys of your own."""
    with embedded_server(tmp_path_factory.mktemp("embedded") / "data") as url:
        yield url
