"""devkit doctor."""

from typing import TYPE_CHECKING

import typer

from devkit.cli.output import NameOption, Output, OutputOption, error_envelope, print_envelope

if TYPE_CHECKING:
    from devkit.usecases.doctor import Finding


def doctor(name: NameOption = None, output: OutputOption = Output.text) -> None:
    """Check that this machine has what devkit needs. Exit code 1 when something is wrong.

    \b
    Examples:
      devkit doctor
      devkit doctor --output json
    """
    from dataclasses import asdict

    from devkit.cli.target import session_here
    from devkit.core.errors import DevkitError
    from devkit.usecases.doctor import FAIL, examine

    findings = examine(session_here(name=name))
    failed = [finding for finding in findings if finding.level == FAIL]
    failure = DevkitError(f"{len(failed)} of {len(findings)} checks failed") if failed else None
    if output is Output.text:
        _print(findings)
        if failure:
            raise failure
        return
    envelope = error_envelope("doctor", failure) if failure else {"ok": True, "command": "doctor"}
    print_envelope(output, envelope | {"data": [asdict(finding) for finding in findings]})
    if failure:
        raise typer.Exit(failure.exit_code)


def _print(findings: "list[Finding]") -> None:
    import shutil
    import textwrap

    width = max(len(finding.check) for finding in findings)
    columns = max(60, min(shutil.get_terminal_size().columns, 100)) - width - 8
    for finding in findings:
        first, *rest = textwrap.wrap(finding.detail, columns, break_on_hyphens=False) or [""]
        typer.echo(f"{finding.level:<4}  {finding.check:<{width}}  {first}")
        hint = textwrap.wrap(f"hint: {finding.hint}", columns, break_on_hyphens=False) if finding.hint else []
        for line in [*rest, *hint]:
            typer.echo(f"{'':<4}  {'':<{width}}  {line}")
