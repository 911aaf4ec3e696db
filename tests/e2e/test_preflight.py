"""The preflight checks against the real engine."""

import pytest

from devkit.adapters.docker.engine import find_engine
from devkit.adapters.docker.images import Image
from devkit.adapters.docker.preflight import _Inside, examine
from devkit.adapters.docker.pulls import local

pytestmark = pytest.mark.docker


def test_all_checks_answer_and_missing_images_are_named(engine, images):
    found = find_engine()
    wanted = {"redis": Image(images["redis"]), "kafka": Image("devkit-test/none:1")}
    findings = {each.check: each for each in examine(found, wanted)}
    found.close()
    assert list(findings) == ["engine", "memory", "disk", "processor", "images"]
    assert findings["engine"].level == "ok"
    assert "GB of memory in the engine" in findings["memory"].detail
    assert "GB free on the engine's disk" in findings["disk"].detail
    assert findings["images"].detail.endswith(": devkit-test/none:1")


def test_an_engine_in_a_machine_of_its_own_is_looked_into_through_a_container(engine, images):
    found = find_engine()
    image = local(found.client, Image(images["redis"]))
    assert image is not None
    elsewhere = _Inside(found, {"Name": "another-machine"}, (image.id,))
    free, cpuinfo = elsewhere.free_bytes(), elsewhere.cpuinfo()
    found.close()
    assert free is not None
    assert free > 0
    assert "processor" in (cpuinfo or "")


def test_without_any_image_the_inside_is_not_known(engine):
    found = find_engine()
    elsewhere = _Inside(found, {"Name": "another-machine"}, ())
    assert (elsewhere.free_bytes(), elsewhere.cpuinfo()) == (None, None)
    found.close()
