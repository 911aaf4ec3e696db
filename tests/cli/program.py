"""devkit as users run it: a process of its own, in a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import devkit

COMMAND = (sys.executable, "-m", "devkit")


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What `--output json` answered: exactly one envelope stands on stdout."""
        envelope = json.loads(self.out)
        assert envelope["ok"] is (self.code == 0)
        return envelope["data"] if envelope["ok"] else envelope["error"]


@dataclass(frozen=True)
class Program:
    """devkit in one folder. port: the first one of its instances, so that tests do not meet each other."""

    folder: Path
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)

    def variables(self) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("DEVKIT_")}
        mine = {
            "PYTHONPATH": str(Path(devkit.__file__).parents[1]),
            "DEVKIT_BACKEND": "embedded",  # whether an engine answers here must not matter
            "DEVKIT_PORT": str(self.port),
            "COLUMNS": "80",
        }
        return {**inherited, **mine, **self.environment}

    def __call__(self, *words: str, code: int | None = 0, stdin: str = "", **more: str) -> Answer:
        """Runs a command to its end. code: the exit code it must have, None for any; more: environment variables."""
        run = subprocess.run(
            [*COMMAND, *words],
            cwd=self.folder,
            env={**self.variables(), **more},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert code is None or run.returncode == code, (
            f"{words} ended with {run.returncode}\n{run.stdout}\n{run.stderr}"
        )
        assert "--debug" in words or "Traceback" not in run.stdout + run.stderr, run.stderr
        return Answer(run.returncode, run.stdout, run.stderr)

    def start(self, words: Sequence[str], **streams: Any) -> "subprocess.Popen[bytes]":
        """Starts a command and leaves it running."""
        return subprocess.Popen([*COMMAND, *words], cwd=self.folder, env=self.variables(), **streams)

    def state(self, name: str = "default") -> Any:
        return json.loads((self.folder / ".devkit" / name / "state.json").read_text())
