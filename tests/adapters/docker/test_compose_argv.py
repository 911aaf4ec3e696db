"""The command lines that Compose gets, whole."""

from pathlib import Path

from devkit.adapters.docker import compose_argv
from devkit.adapters.docker.compose_argv import Project

PROJECT = Project("devkit-a-1", (Path("/d/compose.yaml"),), Path("/w/.devkit/a"))
PLAIN = ["--ansi", "never", "--progress", "plain"]
BY_NAME = ["--project-name", "devkit-a-1"]
DESCRIBED = [*BY_NAME, "--file", "/d/compose.yaml", "--project-directory", "/w/.devkit/a"]


def test_up_touches_only_the_services_that_are_named():
    assert compose_argv.up(PROJECT, ["kafka", "redis"]) == [
        *PLAIN, *DESCRIBED, "up", "--detach", "--no-build", "--pull", "never", "--no-deps", "--remove-orphans",
        "kafka", "redis",
    ]  # fmt: skip


def test_what_only_starts_is_not_made_anew():
    command = compose_argv.up(PROJECT, ["redis"], as_made=True)
    assert command[command.index("--no-deps") :] == ["--no-deps", "--remove-orphans", "--no-recreate", "redis"]


def test_files_are_laid_over_one_another_in_their_order():
    project = Project("p", (Path("/a.yaml"), Path("/b.yaml")), Path("/w"))
    assert compose_argv.described(project) == [
        "--project-name", "p", "--file", "/a.yaml", "--file", "/b.yaml", "--project-directory", "/w",
    ]  # fmt: skip


def test_endings_need_no_file():
    assert compose_argv.stop(PROJECT, grace=20) == [*PLAIN, *BY_NAME, "stop", "--timeout", "20"]
    assert compose_argv.stop(PROJECT, ["openmeter"], grace=5) == [
        *PLAIN,
        *BY_NAME,
        "stop",
        "--timeout",
        "5",
        "openmeter",
    ]
    assert compose_argv.start(PROJECT, ["openmeter"]) == [*PLAIN, *BY_NAME, "start", "openmeter"]
    assert compose_argv.restart(PROJECT, ["jobs"], grace=5) == [*PLAIN, *BY_NAME, "restart", "--timeout", "5", "jobs"]


def test_down_covers_every_profile_and_takes_volumes_only_on_demand():
    down = [*PLAIN, *BY_NAME, "--profile", "*", "down", "--remove-orphans", "--timeout", "2"]
    assert compose_argv.down(PROJECT, grace=2) == down
    assert compose_argv.down(PROJECT, grace=2, volumes=True) == [*down, "--volumes"]


def test_config_only_reads():
    assert compose_argv.config(PROJECT) == [*DESCRIBED, "config", "--quiet"]
