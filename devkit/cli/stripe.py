"""devkit stripe: OpenMeter's Stripe app and its webhook."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer
from devkit.cli.stripe_trigger import trigger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from devkit.stripe_app.orphans import Orphan
    from devkit.usecases.stripe_app import StripeStatus

stripe_app = typer.Typer(help="OpenMeter's Stripe app and its webhook.", no_args_is_help=True)


@stripe_app.callback()
def stripe() -> None:
    """OpenMeter's Stripe app and its webhook."""


@stripe_app.command()
def status(name: NameOption = None, output: OutputOption = Output.text) -> None:
    """Shows whether app, key and webhook endpoint are as they should be. Looks only; ends with 1 where they are not.

    \b
    Examples:
      devkit stripe status
      devkit stripe status --output json
    """
    from devkit.cli.target import session_here
    from devkit.core.errors import DevkitError
    from devkit.usecases.stripe_app import stripe_status

    found = stripe_status(session_here(name=name))
    wrong = [each for each in found.findings if each.level == "failure"]
    if wrong and output is not Output.text:
        raise DevkitError(f"{wrong[0].check}: {wrong[0].detail}", hint=wrong[0].hint or "devkit stripe sync repairs it")
    answer(output, "stripe status", _data(found), lambda: _print(found))
    if wrong:
        raise DevkitError("the webhook is not as it should be", hint="devkit stripe sync repairs it")


@stripe_app.command()
def sync(name: NameOption = None, output: OutputOption = Output.text) -> None:
    """Makes app, key and webhook endpoint right, and has an event of Stripe's come back.

    The agent of a running instance does this by itself when the tunnel's address changes, after a suspension, and
    every quarter of a minute; this command does it now. A new key in STRIPE_API_KEY is taken over.

    \b
    Examples:
      devkit stripe sync
      STRIPE_API_KEY=sk_test_new devkit stripe sync
    """
    from devkit.cli.target import session_here
    from devkit.usecases.stripe_app import stripe_sync

    done = stripe_sync(session_here(name=name))
    answer(output, "stripe sync", done, lambda: _print_sync(done))


stripe_app.command()(trigger)


@stripe_app.command()
def gc(
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="AGE", help="Also what other machines made longer ago: 48h, 7d."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    name: NameOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Removes what dead instances left at Stripe: webhook endpoints and other objects that carry devkit's mark.

    Without --older-than only what instances of this machine made that are gone. What devkit did not make stays.

    \b
    Examples:
      devkit stripe gc --dry-run
      devkit stripe gc --older-than 48h
    """
    from devkit.cli.target import session_here
    from devkit.cli.units import age_of
    from devkit.usecases.stripe_app import collect_orphans

    age = age_of(older_than, "--older-than") if older_than is not None else None
    found = collect_orphans(session_here(name=name), older_than=age, dry_run=dry_run)
    data = {"removed": [] if dry_run else [asdict(each) for each in found], "found": [asdict(each) for each in found]}
    answer(output, "stripe gc", data, lambda: _print_orphans(found, dry_run=dry_run))


def _data(found: "StripeStatus") -> dict[str, Any]:
    import msgspec

    findings = [asdict(each) for each in found.findings]
    return {"instance": found.instance, "webhook": msgspec.to_builtins(found.webhook), "findings": findings}


def _print(found: "StripeStatus") -> None:
    for each in found.findings:
        typer.echo(f"{each.level:<8} {each.check}: {each.detail}")
    if found.webhook.verified_at:
        typer.echo(f"\nan event of Stripe's came this way at {found.webhook.verified_at}")
    if found.webhook.repairs:
        typer.echo("\nrepaired:")
    for repair in found.webhook.repairs:
        typer.echo(f"  {repair}")


def _print_sync(done: dict[str, Any]) -> None:
    for repair in done["repairs"]:
        typer.echo(repair["text"])
    for note in done["notes"]:
        typer.echo(f"note: {note}")
    if not done["repairs"]:
        typer.echo("all is as it should be")
    typer.echo(f"an event came back from Stripe after {done['verified_seconds']:.1f} s, at {done['url']}")


def _print_orphans(found: "Sequence[Orphan]", *, dry_run: bool) -> None:
    for each in found:
        what = f"{each.kind} {each.id} of instance {each.owner.name}"
        typer.echo(f"{'would remove' if dry_run else 'removed'} {what}")
    if not found:
        typer.echo("nothing of a dead instance is left at Stripe")
