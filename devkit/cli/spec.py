"""devkit spec: the contract and where it comes from."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import Output, OutputOption, answer, say

if TYPE_CHECKING:
    from devkit.core.contract_changes import Change
    from devkit.usecases.spec_import import Imported

spec_app = typer.Typer(help="The contract: OpenMeter's API as facts.", no_args_is_help=True)

_SIGNS = {"added": "+", "removed": "-", "moved": ">", "changed": "~"}


@spec_app.callback()
def spec() -> None:
    """The contract: OpenMeter's API as facts."""


@spec_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="An OpenAPI 3.0 file of OpenMeter, YAML or JSON.")],
    to: Annotated[
        Path | None, typer.Option(help="Where the contract goes (default: assets/openapi.json of the checkout).")
    ] = None,
    release: Annotated[
        str | None, typer.Option(help="The release that the file describes, such as v1.0.0-beta.232.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only show what would change.")] = False,
    output: OutputOption = Output.text,
) -> None:
    """Makes the contract from an OpenAPI file and lists what changed.

    \b
    Example:
      devkit spec import openapi.yaml --release v1.0.0-beta.232 --check
    """
    from devkit.usecases.spec_import import import_spec

    imported = import_spec(file, to, release=release, write=not check)
    if imported.kept_release:
        say(f"The file names no release; kept {imported.contract.version}. To change it: --release VERSION")
    answer(output, "spec import", _data(imported), lambda: _print(imported))
    if output is Output.text:
        say(f"Wrote {imported.target}" if imported.written else f"Nothing written: {imported.target} is as it was")


def _print(imported: "Imported") -> None:
    for line in _lines(imported.changes or []):
        typer.echo(line)
    contract = imported.contract
    size = f"{len(contract.operations)} operations, {len(contract.tags)} tags, {len(contract.schemas)} schemas"
    typer.echo(f"{contract.version}: {size}, {_amount(imported.changes)}")


def _amount(changes: "list[Change] | None") -> str:
    if changes is None:
        return "all new"
    return f"{len(changes) or 'no'} {'change' if len(changes) == 1 else 'changes'}"


def _lines(changes: "list[Change]") -> Iterator[str]:
    """The changes by area, names in one column, each detail on the line where it fits or on its own."""
    for area, members in groupby(changes, key=lambda change: change.area):
        yield area.capitalize()
        rows = list(members)
        width = min(max(len(change.name) for change in rows), 44)
        for change in rows:
            head = f"  {_SIGNS[change.verb]} {change.name}"
            if len(change.name) <= width and len(change.detail) + width + 6 <= 80:
                yield f"{head:{width + 4}}  {change.detail}".rstrip()
            else:
                yield head
                yield f"      {change.detail}"
        yield ""


def _data(imported: "Imported") -> dict[str, object]:
    from dataclasses import asdict

    contract = imported.contract
    return {
        "release": contract.version,
        "operations": len(contract.operations),
        "schemas": len(contract.schemas),
        "file": str(imported.target),
        "written": imported.written,
        "changes": None if imported.changes is None else [asdict(change) for change in imported.changes],
    }
