"""devkit run."""

from typing import Annotated

import typer

from devkit.cli.output import NameOption


def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="The command and its arguments.")],
    name: NameOption = None,
) -> None:
    """Run a command that finds the instance by OPENMETER_URL. Its exit code is passed on.

    \b
    Examples:
      devkit run -- pytest tests/billing
      devkit run -- sh -c 'curl "$OPENMETER_URL/api/v1/meters"'
    """
    import os
    import subprocess
    import sys

    from devkit.cli.target import session_here
    from devkit.core.errors import MissingToolError
    from devkit.usecases.status import environment_of

    environment = {**os.environ, **environment_of(session_here(name=name))}
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if os.name == "posix":
            os.execvpe(command[0], command, environment)  # noqa: S606 - signals and exit code are then the command's own
        code = subprocess.run(command, env=environment, check=False).returncode
    except FileNotFoundError as error:
        raise MissingToolError(f"there is no command {command[0]}", hint="look at its spelling and at PATH") from error
    except OSError as error:
        raise MissingToolError(f"cannot run {command[0]}: {(error.strerror or '').lower()}") from error
    sys.exit(code)
