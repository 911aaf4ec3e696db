"""Images and the lock file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.adapters.docker.images import Image, lock_text, merged, read_lock, with_recorded
from devkit.core.data import data_path
from devkit.core.errors import InputError, UsageError

DIGEST = "sha256:" + "ab" * 32
NAMES = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z]{2,3}(:[0-9]{2,4})?/)?[a-z]{1,8}(/[a-z]{1,8})?", fullmatch=True)


@pytest.mark.parametrize(
    ("tag", "repository", "version"),
    [
        ("redis:7.4.7", "redis", "7.4.7"),
        ("ghcr.io/openmeterio/openmeter:v1", "ghcr.io/openmeterio/openmeter", "v1"),
        ("127.0.0.1:5000/kafka", "127.0.0.1:5000/kafka", "latest"),
        ("127.0.0.1:5000/kafka:8", "127.0.0.1:5000/kafka", "8"),
    ],
)
def test_a_port_of_a_registry_is_no_tag(tag, repository, version):
    image = Image(tag)
    assert (image.repository, image.version) == (repository, version)


def test_a_known_digest_is_part_of_the_reference():
    assert Image("redis:7", DIGEST).reference == f"redis:7@{DIGEST}"
    assert Image("redis:7").reference == "redis:7"


def test_the_shipped_lock_pins_every_image_and_all_digests_but_openmeters():
    images = read_lock(data_path("compose/images.lock"))
    assert set(images) == {"openmeter", "kafka", "clickhouse", "postgres", "redis", "svix"}
    assert {name for name, image in images.items() if not image.digest} == {"openmeter"}
    assert images["openmeter"].version == "v1.0.0-beta.232"


@given(st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.tuples(NAMES, st.sampled_from(["", DIGEST]))))
def test_a_lock_that_was_written_reads_the_same(tmp_path_factory, rows):
    images = {name: Image(f"{repository}:1", digest) for name, (repository, digest) in rows.items()}
    path = tmp_path_factory.mktemp("lock") / "images.lock"
    path.write_text(lock_text(images))
    assert read_lock(path) == images


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[kafka", "at end of document"),
        ("[kafka]\ndigest = 'x'", "missing required field `image`"),
        ("[kafka]\nimage = 'a'\ncolour = 1", "unknown field `colour`"),
        ("[kafka]\nimage = 'a b'", "is no name of an image"),
        ("[kafka]\nimage = 'a:1'\ndigest = 'sha256:12'", "is no digest"),
    ],
)
def test_a_damaged_lock_names_its_file(tmp_path, text, said):
    path = tmp_path / "mine.lock"
    path.write_text(text)
    with pytest.raises(InputError) as refused:
        read_lock(path)
    assert "mine.lock" in refused.value.message
    assert said.lower() in refused.value.message.lower()


def test_a_lock_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_lock(tmp_path / "none")


def test_images_from_a_file_take_the_place_of_some():
    images = {"kafka": Image("kafka:8"), "redis": Image("redis:7")}
    assert merged(images, {"redis": Image("mirror/redis:7")}, origin="f")["redis"].tag == "mirror/redis:7"
    with pytest.raises(UsageError, match="no image kafak"):
        merged(images, {"kafak": Image("k")}, origin="f")


def test_a_recorded_digest_holds_for_the_same_tag_only():
    recorded = {"openmeter": Image("openmeter:1", DIGEST), "redis": Image("redis:7", DIGEST)}
    assert with_recorded({"openmeter": Image("openmeter:1")}, recorded)["openmeter"].digest == DIGEST
    assert with_recorded({"openmeter": Image("openmeter:2")}, recorded)["openmeter"].digest == ""
    other = "sha256:" + "cd" * 32
    assert with_recorded({"redis": Image("redis:7", other)}, recorded)["redis"].digest == other
