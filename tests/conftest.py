"""Fixtures that every part uses."""

from collections.abc import Iterator

import pytest

from tests.servers import embedded_server


@pytest.fixture(scope="session")
def embedded_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an embedded server that all tests of this worker share: use keys of your own."""
    with embedded_server(tmp_path_factory.mktemp("embedded") / "data") as url:
        yield url
