"""All commands, and `main`."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from devkit import __version__
from devkit.cli import boundary
from devkit.cli.clock import clock_app
from devkit.cli.destroy import destroy
from devkit.cli.doctor import doctor
from devkit.cli.down import down
from devkit.cli.env import env
from devkit.cli.list import list_
from devkit.cli.logs import logs
from devkit.cli.ops import ops
from devkit.cli.receive import receive
from devkit.cli.run import run
from devkit.cli.seed import seed_app
from devkit.cli.serve import serve
from devkit.cli.smoke import smoke
from devkit.cli.spec import spec_app
from devkit.cli.standin import standin_app
from devkit.cli.status import status
from devkit.cli.stop import stop
from devkit.cli.stream import stream_app
from devkit.cli.stripe import stripe_app
from devkit.cli.tunnel import tunnel_app
from devkit.cli.up import up
from devkit.cli.version import version

# The help shows the commands in these groups and in this order.
GROUPS = {
    "Start and stop": ("up", "status", "list", "stop", "down", "destroy"),
    "Fill and prove": ("seed", "stream", "smoke"),
    "Stripe": ("tunnel", "stripe"),
    "Work with it": ("env", "run", "logs", "serve", "receive", "clock", "standin"),
    "Look up": ("ops", "spec", "doctor", "version"),
}


class GroupedCommands(TyperGroup):
    """Shows the commands in groups instead of one long list."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        for title, names in GROUPS.items():
            rows = [(name, self.commands[name].get_short_help_str(limit=200)) for name in names]
            with formatter.section(title):
                formatter.write_dl(rows, col_max=12, col_spacing=2)


# Help without rich: it would double the time of `devkit --help`.
app = typer.Typer(
    cls=GroupedCommands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"devkit {__version__}")
        raise typer.Exit


@app.callback()
def devkit(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks (also: DEVKIT_DEBUG=1).")] = False,
    version_: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version of devkit.")
    ] = False,
) -> None:
    """A complete local OpenMeter: started, seeded and proven to work with one command.

    \b
    Example:
      devkit up --seed ai-tokens --smoke
    """
    _ = (
        debug,
        version_,
    )  # the error boundary reads it from the command line, because errors may come before this function


for command in (up, status, stop, down, destroy, logs, env, serve, receive, ops, doctor, version, smoke):
    app.command()(command)
app.command("list")(list_)
# What stands behind the command is the command's own: `devkit run pytest -q`.
app.command(context_settings={"allow_interspersed_args": False})(run)
for name, group in (
    ("seed", seed_app),
    ("stream", stream_app),
    ("spec", spec_app),
    ("clock", clock_app),
    ("standin", standin_app),
    ("tunnel", tunnel_app),
    ("stripe", stripe_app),
):
    app.add_typer(group, name=name)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs devkit with these arguments (default: those of the process) and ends the process."""
    sys.exit(boundary.run(app, sys.argv[1:] if arguments is None else arguments))
