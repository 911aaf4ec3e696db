"""The stand-in as an executable of its own for each test, driven by the real pyngrok."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyngrok import conf, ngrok

from devkit.standins.ngrok.executable import write_executable
from tests.upstream import Upstream, upstream


@pytest.fixture
def executable(tmp_path: Path) -> Path:
    return write_executable(tmp_path / "ngrok")


@pytest.fixture
def configuration(
    executable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., conf.PyngrokConfig]]:
    """pyngrok's configuration: configuration(token, version). What it started is killed in the end."""
    monkeypatch.delenv("NGROK_AUTHTOKEN", raising=False)
    logging.getLogger("pyngrok").addHandler(logging.NullHandler())
    made: list[conf.PyngrokConfig] = []

    def configured(token: str = "token", version: str = "3") -> conf.PyngrokConfig:
        path = tmp_path / "ngrok.yml"
        agent = f"agent: {{authtoken: {token}}}" if version == "3" else f"authtoken: {token}"
        path.write_text(f'version: "{version}"\n{agent if token else ""}\n')
        made.append(conf.PyngrokConfig(str(executable), str(path), config_version=version))
        return made[-1]

    yield configured
    for each in made:
        ngrok.kill(each)


@pytest.fixture
def behind() -> Iterator[Upstream]:
    with upstream() as running:
        yield running
