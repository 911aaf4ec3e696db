"""devkit clock: the clock of the embedded server."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer

if TYPE_CHECKING:
    from devkit.adapters.clock import ServerClock

clock_app = typer.Typer(help="The clock of the embedded server: look at it, move it forward.", no_args_is_help=True)

UrlOption = Annotated[str | None, typer.Option("--url", help="A server (default: the running instance).")]


@clock_app.callback()
def clock() -> None:
    """The clock of the embedded server: look at it, move it forward."""


@clock_app.command()
def show(url: UrlOption = None, name: NameOption = None, output: OutputOption = Output.text) -> None:
    """Shows what time it is for the server.

    \b
    Examples:
      devkit clock show
      devkit clock show --url http://127.0.0.1:48888
    """
    from devkit.cli.pack_target import server_of
    from devkit.usecases import clock as usecase

    found = usecase.show(server_of(url, name).url)
    answer(output, "clock show", asdict(found), lambda: typer.echo(_text(found)))


@clock_app.command()
def advance(
    target: Annotated[
        str, typer.Argument(help="An ISO 8601 duration, or an instant to come.", metavar="DURATION|INSTANT")
    ],
    url: UrlOption = None,
    name: NameOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Moves the server's clock forward, and with it everything that falls due: there is no way back.

    \b
    Examples:
      devkit clock advance P1M
      devkit clock advance PT36H
      devkit clock advance 2026-02-01T00:00:00Z
    """
    from devkit.cli.pack_target import server_of
    from devkit.usecases import clock as usecase

    moved = usecase.advance(server_of(url, name).url, target)
    answer(output, "clock advance", asdict(moved), lambda: typer.echo(_text(moved)))


def _text(clock: "ServerClock") -> str:
    from devkit.cli.units import duration_text

    seconds = round(abs(clock.ahead_seconds))
    if not seconds:
        return clock.now
    return f"{clock.now}  ({duration_text(seconds)} {'ahead of' if clock.ahead_seconds > 0 else 'behind'} this machine)"
