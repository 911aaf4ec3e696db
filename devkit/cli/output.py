"""How a command answers: data on stdout, talk on stderr; for programs one JSON envelope, or NDJSON events and then it.

{"ok": true,  "command": "status", "data": {…}}
{"ok": false, "command": "up", "error": {"kind", "message", "hint", "evidence", "exit_code"}}
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from devkit.core.errors import DevkitError


class Output(StrEnum):
    text = "text"
    json = "json"
    ndjson = "ndjson"


OutputOption = Annotated[
    Output, typer.Option("--output", "-o", help="text for people, json for programs, ndjson with progress events too.")
]
NameOption = Annotated[str | None, typer.Option("--name", "-n", help="The instance (default: default).")]


def answer(output: Output, command: str, data: Any, text: Callable[[], None]) -> None:
    """Answers a command: `text` prints it for people, otherwise `data` goes into the envelope."""
    if output is Output.text:
        text()
    else:
        print_envelope(output, {"ok": True, "command": command, "data": data})


def print_envelope(output: Output, envelope: Mapping[str, Any]) -> None:
    import json

    if output is Output.ndjson:
        typer.echo(json.dumps({"kind": "result", **envelope}, default=str))
    else:
        typer.echo(json.dumps(envelope, indent=2, default=str))


def error_envelope(command: str, error: DevkitError, exit_code: int | None = None) -> dict[str, Any]:
    return {
        "ok": False,
        "command": command,
        "error": {
            "kind": type(error).__name__,
            "message": error.message,
            "hint": error.hint,
            "evidence": list(error.evidence),
            "exit_code": error.exit_code if exit_code is None else exit_code,
        },
    }


def wanted_output(arguments: Sequence[str]) -> Output:
    """The --output of a command line, for errors that come before or outside of the command itself."""
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        for flag in ("--output", "-o"):
            following = arguments[position + 1] if argument == flag and position + 1 < len(arguments) else ""
            value = argument.removeprefix(f"{flag}=") if argument.startswith(f"{flag}=") else following
            if value in (Output.json, Output.ndjson):
                return Output(value)
    return Output.text


def say(message: str) -> None:
    """Talk: for people, whatever the output is."""
    typer.echo(message, err=True)
