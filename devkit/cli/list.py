"""devkit list."""

from typing import TYPE_CHECKING

import typer

from devkit.cli.output import Output, OutputOption, answer

if TYPE_CHECKING:
    from devkit.usecases.status import Listed


def list_(output: OutputOption = Output.text) -> None:
    """List the instances of this project, and those that run elsewhere.

    \b
    Examples:
      devkit list
      devkit list --output json
    """
    from dataclasses import asdict

    from devkit.cli.target import session_here
    from devkit.usecases.status import list_instances

    found = list_instances(session_here())
    answer(output, "list", [asdict(each) for each in found], lambda: _print(found))


def _print(found: "list[Listed]") -> None:
    if not found:
        typer.echo("There are no instances here. devkit up starts one.")
        return
    width = max(len(each.name) for each in found)
    for each in found:
        where = "" if each.here else f"  in {each.folder}"
        state = f"running  {each.url}" if each.running else "stopped"
        typer.echo(f"{each.name:<{width}}  {state}{where}")
