"""devkit logs."""

from typing import Annotated

import typer


def logs(
    service: Annotated[
        str | None,
        typer.Argument(metavar="[SERVICE]", help="One service of the compose backend, or its agent (default: all)."),
    ] = None,
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
      devkit logs sink-worker
      devkit logs -n 500
    """
    from devkit.cli.target import session_here
    from devkit.core.errors import DevkitError
    from devkit.core.redaction import redacted
    from devkit.usecases.recall import with_memory

    session = with_memory(session_here(name=name))
    instance, backend = session.instance, session.backend
    if session.state is None and not instance.log_file.exists():
        raise DevkitError(f"instance {instance.name} has no log yet", hint="devkit up starts it")
    if follow:
        backend.follow_log(instance, lines, service, lambda line: typer.echo(redacted(line)))
        return
    for line in backend.log_lines(instance, lines, service):
        typer.echo(redacted(line))
