"""Where the authtoken comes from."""

import sys
from pathlib import Path

import pytest

from devkit.adapters.tunnels.ngrok.token import find_token


def test_the_environment_goes_first(tmp_path: Path) -> None:
    assert find_token({"NGROK_AUTHTOKEN": " planted "}, tmp_path) == "planted"


@pytest.mark.skipif(sys.platform != "linux", reason="where the file is depends on the system")
@pytest.mark.parametrize(
    ("content", "token"),
    [
        ('version: "3"\nagent:\n  authtoken: planted\n', "planted"),
        ('version: "2"\nauthtoken: planted\n', "planted"),
        ("authtoken: planted\n", "planted"),
        ('version: "3"\n', ""),
        ("- a\n", ""),
        ("a: [", ""),
        ("", ""),
    ],
)
def test_else_what_the_agent_saved_counts(tmp_path: Path, content: str, token: str) -> None:
    file = tmp_path / "ngrok" / "ngrok.yml"
    file.parent.mkdir()
    file.write_text(content)

    assert find_token({"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path) == token
    assert find_token({}, tmp_path) == ""
