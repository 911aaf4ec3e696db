"""devkit smoke: what an OpenMeter proves to do."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer, error_envelope, print_envelope

if TYPE_CHECKING:
    from devkit.checks.outcomes import Result
    from devkit.core.errors import DevkitError
    from devkit.usecases.smoke import SmokeReport


def smoke(
    *,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", "-t", metavar="TAG", help="Only the checks of this API tag; give it again for more."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="The server (default: the running instance, else OPENMETER_URL).")
    ] = None,
    name: NameOption = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit XML report.")] = None,
    list_checks: Annotated[bool, typer.Option("--list", help="Show the checks and run none.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave what the checks create, to look at it.")] = False,
    wait: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How long an accepted event may take to become visible.")
    ] = 60,
    stripe: Annotated[
        bool,
        typer.Option(
            "--stripe",
            help="Use the account of STRIPE_API_KEY for the Stripe app (default: the instance's).",
        ),
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Check with real requests that a server does what OpenMeter does.

    What the checks create is removed again, but for what OpenMeter keeps: events, and an archived add-on that a plan
    had. Their names are unique.

    \b
    Examples:
      devkit smoke
      devkit smoke --tag meters --tag events --junit report.xml
      devkit smoke --url http://127.0.0.1:48888 --output json
    """
    if list_checks:
        _list(tag or [], output)
        return
    from devkit.checks.registry import checks_of
    from devkit.cli.pack_target import server_of
    from devkit.cli.render import listening
    from devkit.cli.target import session_here
    from devkit.usecases.smoke import as_data, run_smoke
    from devkit.usecases.smoke_account import account_for
    from devkit.usecases.smoke_junit import prepare_junit, write_junit

    checks_of(tag or [])  # a wrong tag is the first thing to tell
    server = server_of(url, name)
    account, reaches = account_for(session_here(name=name), os.environ, elsewhere=url is not None, asked=stripe)
    if junit is not None:
        prepare_junit(junit)
    with listening(output) as listener:
        report = run_smoke(
            server.url,
            token=server.token,
            tags=tag or [],
            on_event=listener,
            wait=wait,
            keep=keep,
            stripe=account,
            stripe_reaches=reaches,
        )
    if junit is not None:
        write_junit(report, junit)
    failure = _failure(report)
    if output is Output.text:
        _print(report, keep=keep)
        if failure is not None:
            raise failure
        return
    envelope = {"ok": True, "command": "smoke"} if failure is None else error_envelope("smoke", failure)
    print_envelope(output, envelope | {"data": as_data(report)})
    if failure is not None:
        raise typer.Exit(failure.exit_code)


def _failure(report: "SmokeReport") -> "DevkitError | None":
    """What the command ends with, None where every check passed."""
    from devkit.core.errors import DevkitError, UnreachableError

    if report.unreachable:
        return UnreachableError(
            f"{report.url} stopped answering during the checks", hint="devkit logs shows what the server says"
        )
    if report.failed:
        return DevkitError(f"{len(report.failed)} of {len(report.results)} checks failed")
    return None


def _print(report: "SmokeReport", *, keep: bool) -> None:
    for result in report.failed:
        typer.echo("\n".join(_failed_lines(result)))
    typer.echo()
    typer.echo(f"{'tag':24}{'operations':>12}{'served':>9}{'refused':>9}")
    for row in report.coverage.by_tag():
        share = f"{row.exercised} of {row.operations}"
        typer.echo(f"{row.tag:24}{share:>12}{row.served:>9}{row.refused:>9}")
    server = f"{report.url}, {report.server}" if report.server else report.url
    typer.echo(f"\n{report.summary()} ({report.seconds:.1f} s)\nserver: {server}")
    if keep:
        typer.echo(f"kept: everything whose name contains {report.token}")


def _failed_lines(result: "Result") -> list[str]:
    """The check, what was wrong, and the exchange that shows it."""
    lines = ["", f"FAILED {result.name}", f"    {result.title}", f"    {result.message}"]
    lines += [f"    {line}" for line in result.evidence]
    return [*lines, f"    hint: {result.hint}"] if result.hint else lines


def _list(tags: list[str], output: Output) -> None:
    from devkit.checks.registry import checks_of

    checks = checks_of(tags)
    data = [
        {"name": one.name, "tag": one.tag, "title": one.title, "operations": list(one.operations)} for one in checks
    ]

    def text() -> None:
        for one in checks:
            typer.echo(f"{one.name}\n    {one.title}\n    {', '.join(one.operations)}")

    answer(output, "smoke", {"checks": data}, text)
