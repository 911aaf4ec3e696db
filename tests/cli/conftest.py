"""devkit in a fresh folder; whatever runs there in the end is ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devkit.core.agent_files import agent_of
from devkit.core.instance import instances_in
from devkit.core.processes import end
from tests.cli.program import Program
from tests.servers import first_of_free_block


def _ended(program: Program) -> Iterator[Program]:
    yield program
    for instance in instances_in(program.folder):
        if agent := agent_of(instance):
            end(agent, grace=5)


@pytest.fixture
def devkit(tmp_path: Path) -> Iterator[Program]:
    """devkit in a folder in which it never ran."""
    yield from _ended(Program(tmp_path.resolve(), first_of_free_block()))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """devkit with the default instance up. Tests that share it leave it as it is."""
    program = Program(tmp_path_factory.mktemp("running").resolve(), first_of_free_block())
    program("up")
    yield from _ended(program)
