"""devkit destroy."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer, say

if TYPE_CHECKING:
    from devkit.usecases.session import Session


class Part(StrEnum):
    all = "all"
    events = "events"


def destroy(
    name: NameOption = None,
    data: Annotated[
        Part, typer.Option("--data", help="all: the instance. events: only its events, and that they were seen.")
    ] = Part.all,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    output: OutputOption = Output.text,
) -> None:
    """Stop the instance and remove it with all of its data, or forget only its events.

    It lists what goes and asks first. Events go together with the memory that they were seen, so that they can be sent
    again; meters, customers and all else stays.

    \b
    Examples:
      devkit destroy
      devkit destroy --name other --yes
      devkit destroy --data events
    """
    from devkit.cli.endings import end_instance
    from devkit.cli.target import session_here
    from devkit.core.errors import DevkitError

    session = session_here(name=name)
    confirmed = _confirmed if data is Part.all else _events_confirmed
    if not yes and not confirmed(session):
        raise DevkitError("nothing was removed")
    if data is Part.events:
        _forget_events(session, output)
        return
    end_instance("destroy", name, output)


def _forget_events(session: "Session", output: Output) -> None:
    from devkit.cli.render import listening
    from devkit.usecases.event_reset import reset

    with listening(output) as listener:
        run = reset(session, listener, on_wait=lambda holder: say(f"waiting for another devkit: {holder}"))
    instance = session.instance.name
    data = {"instance": instance, "changed": run.changed, "notes": list(run.session.notes)}
    answer(output, "destroy", data, lambda: typer.echo(f"Instance {instance} has no events any more."))


def _events_confirmed(session: "Session") -> bool:
    say(f"This removes all events of instance {session.instance.name}; all else stays.")
    return _asked()


def _confirmed(session: "Session") -> bool:
    """Lists what would go and asks; with nothing to remove there is nothing to ask."""
    from devkit.cli.units import size_text
    from devkit.usecases.endings import belongings

    found = belongings(session)
    if found is None:
        return True
    say(f"This removes instance {session.instance.name}{', which is running' if found.running else ''}:")
    say(f"  {found.folder}")
    say(f"  {size_text(found.bytes)}: events, meters and all else that it knows, and its logs")
    for resource in found.resources:
        say(f"  {resource}")
    return _asked()


def _asked() -> bool:
    from devkit.core.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("there is nobody to ask", hint="devkit destroy --yes removes it without asking")
    return typer.confirm("Remove it?", err=True)
