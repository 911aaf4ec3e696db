"""The agent is found, and never fetched."""

import importlib.util
from pathlib import Path

import pytest

from devkit.adapters.tunnels.ngrok.binary import find_binary, is_shim
from devkit.core.errors import MissingToolError

SHIM = "#!/usr/bin/python3\nfrom pyngrok.ngrok import main\nmain()\n"
NOWHERE = "/nonexistent/ngrok"


def program(folder: Path, text: str = "#!/bin/sh\n") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "ngrok"
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_pyngroks_own_script_is_passed_over(tmp_path: Path) -> None:
    shim, real = program(tmp_path / "venv", SHIM), program(tmp_path / "bin")

    assert find_binary({"PATH": f"{shim.parent}:{real.parent}"}, fallback=NOWHERE) == real
    with pytest.raises(MissingToolError, match="only pyngrok's script"):
        find_binary({"PATH": str(shim.parent)}, fallback=NOWHERE)


def test_the_script_that_pyngrok_installs_today_is_known(tmp_path: Path) -> None:
    assert importlib.util.find_spec("pyngrok.ngrok")
    import shutil
    import sysconfig

    installed = shutil.which("ngrok", path=sysconfig.get_path("scripts"))
    if installed is None:
        pytest.skip("pyngrok's script is not beside this Python")
    assert is_shim(Path(installed))


def test_a_variable_goes_first_and_must_name_a_program(tmp_path: Path) -> None:
    named, other = program(tmp_path / "a"), program(tmp_path / "b")
    path = {"PATH": str(other.parent)}

    assert find_binary(path | {"DEVKIT_NGROK_PATH": str(named)}) == named
    assert find_binary(path | {"PYNGROK_NGROK_PATH": str(named)}) == named
    with pytest.raises(MissingToolError, match="no program"):
        find_binary(path | {"DEVKIT_NGROK_PATH": str(tmp_path)})
    with pytest.raises(MissingToolError, match="pyngrok's script"):
        find_binary(path | {"DEVKIT_NGROK_PATH": str(program(tmp_path / "c", SHIM))})


def test_what_pyngrok_fetched_once_is_used_last(tmp_path: Path) -> None:
    fetched = program(tmp_path / "fetched")

    assert find_binary({"PATH": str(tmp_path)}, fallback=str(fetched)) == fetched
    assert find_binary({"PATH": str(program(tmp_path / "b").parent)}, fallback=str(fetched)) != fetched


def test_a_file_that_cannot_be_run_is_none(tmp_path: Path) -> None:
    program(tmp_path / "a").chmod(0o644)
    with pytest.raises(MissingToolError, match="not installed") as missing:
        find_binary({"PATH": str(tmp_path / "a")}, fallback=NOWHERE)
    assert missing.value.hint
    assert missing.value.exit_code == 4
