"""An embedded server whose clock stands on 31 January 2026, with a catalog and a customer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devkit.embedded.app import build_app
from devkit.embedded.store.store import Store
from tests.embedded.tags.subscriptions.scene import Scene, open_scene

START = datetime(2026, 1, 31, 12, 30, 15, tzinfo=UTC)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    store = Store(tmp_path / "data", START)
    yield open_scene(build_app(store), store)
    store.close()
