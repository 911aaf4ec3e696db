"""What an engine must have."""

import pytest

from devkit.adapters.docker.preflight import GIB, Needs, disk, engine_version, images_present, memory, processor

NEEDS = Needs(least_memory=2 * GIB, good_memory=4 * GIB, disk=1 * GIB, images=5 * GIB)


@pytest.mark.parametrize(("total", "level"), [(1 * GIB, "failure"), (3 * GIB, "warning"), (8 * GIB, "ok")])
def test_memory_is_that_of_the_engine(total, level):
    finding = memory(total, NEEDS)
    assert finding.level == level
    assert bool(finding.hint) == (level != "ok")


@pytest.mark.parametrize(
    ("free", "present", "level"),
    [
        (2 * GIB, True, "ok"),
        (2 * GIB, False, "failure"),
        (7 * GIB, False, "ok"),
        (GIB // 2, True, "failure"),
        (None, False, "ok"),
    ],
)
def test_images_that_are_to_come_need_room(free, present, level):
    assert disk(free, NEEDS, all_present=present).level == level


@pytest.mark.parametrize(
    ("architecture", "cpuinfo", "level"),
    [
        ("x86_64", "flags : fpu sse4_1 sse4_2 avx", "ok"),
        ("x86_64", "flags : fpu sse4_1", "failure"),
        ("aarch64", "Features : fp asimd atomics", "ok"),
        ("aarch64", "Features : fp asimd", "failure"),
        ("x86_64", None, "ok"),
        ("riscv64", None, "failure"),
    ],
)
def test_clickhouse_needs_a_processor_of_this_decade(architecture, cpuinfo, level):
    finding = processor(architecture, cpuinfo)
    assert finding.level == level
    assert ("embedded" in finding.hint) == (level == "failure")


def test_an_old_engine_is_refused_and_podman_counts_otherwise():
    assert engine_version((19, 3), "Docker 19.03").level == "failure"
    assert engine_version((20, 10, 24), "Docker 20.10.24+dfsg1").level == "ok"
    assert engine_version((4, 9), "Podman 4.9").level == "ok"


def test_missing_images_are_named_once():
    found = images_present(["a:1", "b:1", "a:1"], Needs())
    assert found.detail == "to be pulled (all of them together take up to 5 GB on the engine's disk): a:1, b:1"
    assert "--backend embedded" in found.hint
    assert images_present([], Needs()).detail == "all images are there"
