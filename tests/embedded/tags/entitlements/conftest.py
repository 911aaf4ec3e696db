"""The scene of all tests of entitlements."""

import pytest

from devkit.embedded.http.pipeline import Application
from tests.embedded.tags.entitlements.scene import Scene, open_scene


@pytest.fixture
def scene(app: Application) -> Scene:
    return open_scene(app)
