"""devkit logs."""

from typing import Annotated

import typer


def logs(
    # Here -n is the number of lines, as it is for tail.
    name: Annotated[str | None, typer.Option("--name", help="The instance (default: default).")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added; Ctrl-C ends it.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 50,
) -> None:
    """Show the log of the instance.

    \b
    Examples:
      devkit logs
      devkit logs -f
      devkit logs -n 500
    """
    from devkit.cli.target import session_here
    from devkit.core.errors import DevkitError
    from devkit.core.tail import follow as follow_file
    from devkit.core.tail import last_lines

    instance = session_here(name=name).instance
    if not instance.log_file.exists():
        raise DevkitError(f"instance {instance.name} has no log yet", hint="devkit up starts it")
    added = follow_file(instance.log_file)
    for line in last_lines(instance.log_file, lines):
        typer.echo(line)
    if follow:
        for line in added:
            typer.echo(line)
