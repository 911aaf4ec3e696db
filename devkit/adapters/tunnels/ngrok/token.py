"""The authtoken: where it comes from, and the one file in which devkit hands it to the agent."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from devkit.core.atomic import write_atomically
from devkit.core.redaction import hide

VARIABLE = "NGROK_AUTHTOKEN"


def find_token(environment: Mapping[str, str], home: Path | None = None) -> str:
    """From the environment, else from what `ngrok config add-authtoken` wrote; empty where there is none."""
    found = environment.get(VARIABLE, "").strip() or _saved(_settings_file(environment, home or Path.home()))
    hide(found)
    return found


def write_configuration(path: Path, token: str) -> None:
    """The agent's configuration, readable by its owner only. Raises OSError."""
    # JSON is YAML, and quotes whatever the token holds.
    content = {"version": "3", "agent": {"authtoken": token} if token else {}}
    write_atomically(path, json.dumps(content).encode() + b"\n")


def _saved(path: Path) -> str:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return ""
    if not isinstance(content, dict):
        return ""
    agent = content.get("agent") if str(content.get("version")) == "3" else content
    return str(agent.get("authtoken") or "") if isinstance(agent, dict) else ""


def _settings_file(environment: Mapping[str, str], home: Path) -> Path:
    if os.name == "nt":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ngrok" / "ngrok.yml"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "ngrok" / "ngrok.yml"
    return Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "ngrok" / "ngrok.yml"
