"""devkit env."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated

import typer

from devkit.cli.output import NameOption


class Format(StrEnum):
    sh = "sh"
    dotenv = "dotenv"
    json = "json"
    github = "github"


def env(
    name: NameOption = None,
    form: Annotated[Format, typer.Option("--format", "-f", help="How to write them.")] = Format.sh,
) -> None:
    """Print the variables by which programs find the instance.

    \b
    Examples:
      eval "$(devkit env)"
      devkit env --format dotenv > .env
      devkit env --format github >> "$GITHUB_ENV"
    """
    from devkit.cli.target import session_here
    from devkit.usecases.status import environment_of

    typer.echo(_WRITERS[form](environment_of(session_here(name=name))))


def _sh(variables: Mapping[str, str]) -> str:
    from shlex import quote

    return "\n".join(f"export {key}={quote(value)}" for key, value in variables.items())


def _dotenv(variables: Mapping[str, str]) -> str:
    escaped = {
        key: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for key, value in variables.items()
    }
    return "\n".join(f'{key}="{value}"' for key, value in escaped.items())


def _json(variables: Mapping[str, str]) -> str:
    import json

    return json.dumps(variables, indent=2)


def _github(variables: Mapping[str, str]) -> str:
    return "\n".join(f"{key}={value}" for key, value in variables.items())


_WRITERS: Mapping[Format, Callable[[Mapping[str, str]], str]] = {
    Format.sh: _sh,
    Format.dotenv: _dotenv,
    Format.json: _json,
    Format.github: _github,
}
