"""An ngrok tunnel on a stand-in of its own for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devkit.adapters.tunnels.ngrok.tunnel import NgrokSettings, NgrokTunnel
from devkit.standins.ngrok.executable import write_executable
from tests.upstream import Upstream, upstream

TOKEN = "2fake_planted-authtoken"


@pytest.fixture
def executable(tmp_path: Path) -> Path:
    return write_executable(tmp_path / "ngrok")


@pytest.fixture
def make(executable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., NgrokTunnel]]:
    """Makes tunnels: make(token, url, deadline). They are stopped in the end."""
    for name in ("NGROK_AUTHTOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    made: list[NgrokTunnel] = []

    def tunnel(token: str = TOKEN, url: str = "", deadline: float = 20) -> NgrokTunnel:
        made.append(NgrokTunnel(NgrokSettings(executable, tmp_path / "ngrok.yml", token, url, deadline)))
        return made[-1]

    yield tunnel
    for each in made:
        each.stop()


@pytest.fixture
def behind() -> Iterator[Upstream]:
    with upstream() as running:
        yield running
