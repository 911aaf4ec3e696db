"""devkit destroy."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import NameOption, Output, OutputOption, say

if TYPE_CHECKING:
    from devkit.usecases.session import Session


def destroy(
    name: NameOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = Output.text,
) -> None:
    """Stop the instance and remove it with all of its data.

    It lists what goes and asks first.

    \b
    Examples:
      devkit destroy
      devkit destroy --name other --yes
    """
    from devkit.cli.endings import end_instance
    from devkit.cli.target import session_here
    from devkit.core.errors import DevkitError

    if not yes and not _confirmed(session_here(name=name)):
        raise DevkitError("nothing was removed")
    end_instance("destroy", name, output)


def _confirmed(session: "Session") -> bool:
    """Lists what would go and asks; with nothing to remove there is nothing to ask."""
    from devkit.cli.units import size_text
    from devkit.core.errors import UsageError
    from devkit.usecases.endings import belongings

    found = belongings(session)
    if found is None:
        return True
    say(f"This removes instance {session.instance.name}{', which is running' if found.running else ''}:")
    say(f"  {found.folder}")
    say(f"  {size_text(found.bytes)}: events, meters and all else that it knows, and its logs")
    if not sys.stdin.isatty():
        raise UsageError("there is nobody to ask", hint="devkit destroy --yes removes it without asking")
    return typer.confirm("Remove it?", err=True)
