"""Images from a real registry: pulled with progress, recorded, checked, and what is said when they cannot be had."""

from collections.abc import Iterator

import docker
import pytest
from docker.errors import ImageNotFound

from devkit.adapters.backends.compose.preparation import bring_images, chosen_images, recorded_file
from devkit.adapters.backends.compose.stack import Stack, open_stack
from devkit.adapters.docker.images import Image, lock_text, read_lock
from devkit.adapters.docker.pulls import local, pull
from devkit.core.errors import DevkitError, UnreachableError
from devkit.core.instance import Instance, prepare_folder
from tests.e2e.registry import local_registry, push_new
from tests.servers import free_port

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def registry(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with local_registry(tmp_path_factory.mktemp("registry")) as address:
        yield address


@pytest.fixture
def stack(engine: docker.DockerClient, tmp_path) -> Iterator[Stack]:
    instance = Instance(tmp_path, "pulls")
    prepare_folder(instance)
    with open_stack(instance) as opened:
        yield opened


@pytest.fixture
def pushed(engine: docker.DockerClient, registry: str) -> Iterator[Image]:
    """An image that is in the registry and not in the engine."""
    tag = f"{registry}/devkit/redis:{free_port()}"
    image = Image(tag, push_new(engine, tag))
    yield image
    for name in (image.tag, image.reference):
        try:
            engine.images.remove(name, force=True)
        except ImageNotFound:
            continue


def test_a_missing_image_is_pulled_and_its_digest_is_recorded_and_checked(stack, pushed):
    told: list[tuple[str, float]] = []
    unknown = {"redis": Image(pushed.tag)}
    found = bring_images(stack, unknown, lambda tag, **numbers: told.append((tag, numbers["done"])))
    assert found == {"redis": pushed}
    assert {tag for tag, _ in told} == {pushed.tag}
    assert max(done for _, done in told) > 2_900_000
    recorded = recorded_file(stack.instance)
    assert read_lock(recorded) == {"redis": pushed}
    other = stack.instance.root / "other.lock"
    other.write_text(lock_text({"redis": Image(pushed.tag)}))
    assert chosen_images(stack.instance, other)["redis"] == pushed


def test_an_image_that_is_there_is_not_pulled_again(stack, pushed):
    bring_images(stack, {"redis": pushed}, lambda *_, **__: None)
    told: list[str] = []
    assert bring_images(stack, {"redis": pushed}, lambda tag, **_: told.append(tag)) == {"redis": pushed}
    assert told == []


def test_an_image_pulled_by_digest_has_its_name_too(stack, pushed):
    pull(stack.engine.client, pushed, lambda *_: None)
    assert local(stack.engine.client, Image(pushed.tag)) is not None


def test_another_image_under_the_same_tag_is_not_taken_for_the_pinned_one(stack, pushed):
    moved = Image(pushed.tag, "sha256:" + "0" * 64)
    bring_images(stack, {"redis": pushed}, lambda *_, **__: None)
    with pytest.raises(DevkitError, match="the registry does not have this image"):
        bring_images(stack, {"redis": moved}, lambda *_, **__: None)


def test_an_image_that_the_registry_lacks_is_named(stack, registry):
    with pytest.raises(
        DevkitError, match=r"cannot pull .*/devkit/none:1: the registry does not have this image"
    ) as failed:
        bring_images(stack, {"redis": Image(f"{registry}/devkit/none:1")}, lambda *_, **__: None)
    assert "--images-from" in (failed.value.hint or "")


def test_a_registry_that_is_down_is_unreachable(stack):
    with pytest.raises(UnreachableError, match="the registry does not answer"):
        bring_images(stack, {"redis": Image(f"127.0.0.1:{free_port()}/devkit/redis:1")}, lambda *_, **__: None)


def test_a_registry_whose_name_is_not_known_is_unreachable(stack):
    with pytest.raises(UnreachableError, match="name is not known"):
        bring_images(stack, {"redis": Image("registry.invalid/devkit/redis:1")}, lambda *_, **__: None)
