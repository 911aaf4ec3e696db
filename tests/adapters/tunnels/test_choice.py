"""Which provider is taken."""

from pathlib import Path

import pytest

from devkit.adapters.tunnels.choice import Wanted, choose
from devkit.core.errors import MissingToolError, UsageError
from devkit.standins.ngrok.executable import write_executable

OWN = "https://openmeter.example.com"


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a machine without ngrok."""
    monkeypatch.setattr("devkit.adapters.tunnels.ngrok.binary.conf.DEFAULT_NGROK_PATH", str(tmp_path / "none"))
    return {"PATH": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}


@pytest.mark.parametrize(
    ("wanted", "has", "chosen", "why"),
    [
        (("none", OWN), "token program", "none", "asked for"),
        (("static", OWN), "token program", "static", "asked for"),
        (("ngrok", ""), "token program", "ngrok", "asked for"),
        (("auto", ""), "token program", "ngrok", "authtoken"),
        (("auto", "my.ngrok.app"), "token program", "ngrok", "authtoken"),
        (("auto", OWN), "token program", "static", "address"),
        (("auto", ""), "program", "none", "NGROK_AUTHTOKEN"),
        (("auto", ""), "token", "none", "not installed"),
    ],
)
def test_a_provider_is_chosen_and_the_reason_told(
    tmp_path: Path, nothing: dict[str, str], *, wanted: tuple[str, str], has: str, chosen: str, why: str
) -> None:
    if "program" in has:
        write_executable(tmp_path / "ngrok")
    if "token" in has:
        nothing["NGROK_AUTHTOKEN"] = "planted"
    found = choose(Wanted(*wanted, tmp_path), nothing)

    assert found.tunnel.provider == chosen
    assert why in found.reason
    assert "planted" not in found.reason


def test_a_provider_without_what_it_needs_is_refused(tmp_path: Path, nothing: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="no address"):
        choose(Wanted("static", "", tmp_path), nothing)
    with pytest.raises(UsageError, match="no tunnel provider"):
        choose(Wanted("carrier-pigeon", "", tmp_path), nothing)
    with pytest.raises(MissingToolError):
        choose(Wanted("ngrok", "", tmp_path), nothing)
