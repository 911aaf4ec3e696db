"""devkit stripe trigger: something happens at Stripe, beginning with a real customer or invoice."""

from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devkit.stripe_app.triggers import TriggerResult

_COMMAND = "stripe trigger"


def trigger(
    event: Annotated[
        str | None, typer.Argument(help="Such as invoice.paid or checkout; --list shows all.", metavar="TRIGGER")
    ] = None,
    *,
    list_triggers: Annotated[bool, typer.Option("--list", help="Show the triggers and run none.")] = False,
    within: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How long OpenMeter or Stripe may take for one step.")
    ] = 60,
    name: NameOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Has something happen at Stripe and waits until OpenMeter has heard of it.

    Each trigger begins with a real customer or invoice of OpenMeter, which is billed through the Stripe app whatever
    the default billing profile is.

    \b
    Examples:
      devkit stripe trigger --list
      devkit stripe trigger invoice.paid
      devkit stripe trigger checkout --output json
    """
    from devkit.usecases import stripe_trigger as usecase

    if list_triggers:
        found = usecase.known_triggers()
        answer(output, _COMMAND, {"triggers": found}, lambda: _list(found))
        return
    from devkit.cli.render import listening
    from devkit.cli.target import session_here
    from devkit.core.errors import UsageError

    if event is None:
        raise UsageError("which trigger?", hint="devkit stripe trigger --list shows them")
    with listening(output) as listener:
        result = usecase.trigger(session_here(name=name), event, listener, within=within)
    answer(output, _COMMAND, usecase.as_data(result), lambda: _print(result))


def _list(found: "Sequence[dict[str, str]]") -> None:
    width = max(len(each["name"]) for each in found)
    for each in found:
        typer.echo(f"{each['name']:<{width}}  {each['meaning']}")


def _print(result: "TriggerResult") -> None:
    """What it was about, and where to look at it. The states were told while it ran."""
    rows = [*result.ids.items(), *((f"{what} at", link) for what, link in result.links.items())]
    width = max(len(what) for what, _ in rows)
    for what, value in rows:
        typer.echo(f"{what:<{width}}  {value}")
    if result.note:
        say(result.note)
