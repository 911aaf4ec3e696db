"""How far a pull is, from what the engine says of its layers."""

from devkit.adapters.docker.images import Image
from devkit.adapters.docker.pulls import Layers, Local, digest_of

DIGEST = "sha256:" + "ab" * 32


def row(layer: str, status: str, current: int = 0, total: int = 0) -> dict[str, object]:
    return {"id": layer, "status": status, "progressDetail": {"current": current, "total": total} if total else {}}


def test_layers_are_summed_up_and_finished_ones_count_whole():
    layers = Layers()
    assert layers.add(row("a", "Pulling fs layer")) is None
    assert layers.add(row("a", "Downloading", 10, 100)) == (10, 100)
    assert layers.add(row("b", "Downloading", 5, 50)) == (15, 150)
    assert layers.add(row("a", "Download complete")) == (105, 150)
    assert layers.add(row("a", "Extracting", 1, 400)) is None
    assert layers.add(row("c", "Already exists")) is None
    assert layers.add(row("b", "Pull complete")) == (150, 150)


def test_rows_of_the_whole_image_say_nothing_of_layers():
    assert Layers().add({"status": "Digest: sha256:12"}) is None


def test_an_unknown_digest_is_that_of_the_registry():
    assert digest_of(Local("id", frozenset({DIGEST})), Image("a:1")) == DIGEST
    assert digest_of(Local("id", frozenset()), Image("a:1")) == ""
    assert digest_of(Local("id", frozenset({"sha256:other"})), Image("a:1", DIGEST)) == DIGEST
