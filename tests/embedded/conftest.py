"""An embedded server without a socket, on a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def app(store: Store) -> Application:
    return build_app(store, instance="token")
