"""devkit tunnel: how Stripe reaches this machine."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer

if TYPE_CHECKING:
    from devkit.usecases.tunnel import TunnelStatus

tunnel_app = typer.Typer(help="The way by which Stripe reaches this machine.", no_args_is_help=True)


@tunnel_app.callback()
def tunnel() -> None:
    """The way by which Stripe reaches this machine."""


@tunnel_app.command()
def status(name: NameOption = None, output: OutputOption = Output.text) -> None:
    """Shows the public address, and whether it really leads here.

    \b
    Examples:
      devkit tunnel status
      devkit tunnel status --output json
    """
    from devkit.cli.target import session_here
    from devkit.core.errors import DevkitError
    from devkit.usecases.tunnel import tunnel_status

    found = tunnel_status(session_here(name=name))
    if found.problem:
        raise DevkitError(found.problem, hint=found.hint or None)
    answer(output, "tunnel status", asdict(found), lambda: _print(found))


@tunnel_app.command()
def restart(name: NameOption = None, output: OutputOption = Output.text) -> None:
    """Opens the tunnel anew; the webhook endpoint follows to the new address.

    \b
    Examples:
      devkit tunnel restart
    """
    from devkit.cli.target import session_here
    from devkit.usecases.tunnel import restart_tunnel

    found = restart_tunnel(session_here(name=name))
    answer(output, "tunnel restart", asdict(found), lambda: _print(found))


def _print(found: "TunnelStatus") -> None:
    for line in _lines(found):
        typer.echo(line)


def _lines(found: "TunnelStatus") -> Iterator[str]:
    by = "ngrok's stand-in" if found.offline else found.provider
    yield f"{found.url} leads to instance {found.instance} ({by})"
    yield f"  since    {found.since}"
    yield f"  gateway  {found.gateway}"
    yield f"  webhook  {found.webhook or 'none: no Stripe app is installed'}"
