"""devkit up."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer, say

if TYPE_CHECKING:
    from devkit.usecases.runner import Run
    from devkit.usecases.session import Session


def up(
    *,
    name: NameOption = None,
    backend: Annotated[
        str | None,
        typer.Option("--backend", metavar="BACKEND", help="auto, embedded, compose or remote (default: auto)."),
    ] = None,
    seed: Annotated[
        list[str] | None, typer.Option("--seed", metavar="PACK", help="Apply a seed pack; give it again for more.")
    ] = None,
    smoke: Annotated[bool | None, typer.Option("--smoke/--no-smoke", help="End with the smoke checks.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", "-p", help="First port to try (default: 48888). Taken ones are passed over.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="Where OpenMeter runs, for --backend remote.")
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", metavar="TOKEN", help="What it wants to see (better: DEVKIT_TOKEN).")
    ] = None,
    images_from: Annotated[
        str | None,
        typer.Option("--images-from", metavar="FILE", help="Images in the place of the pinned ones, for compose."),
    ] = None,
    tunnel: Annotated[
        str | None,
        typer.Option(
            "--tunnel", metavar="TUNNEL", help="auto, ngrok, static or none: how Stripe reaches this machine."
        ),
    ] = None,
    tunnel_url: Annotated[
        str | None,
        typer.Option("--tunnel-url", metavar="URL", help="The address that leads here, or ngrok's reserved domain."),
    ] = None,
    offline: Annotated[
        bool | None, typer.Option("--offline/--no-offline", help="Stand-ins in the places of Stripe and ngrok.")
    ] = None,
    stripe_default: Annotated[
        bool | None,
        typer.Option("--stripe-default/--no-stripe-default", help="Bill by Stripe where nothing else is said."),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be done.")] = False,
    output: OutputOption = Output.text,
) -> None:
    """Start a local OpenMeter, prove that it counts events, and seed it.

    What runs already is left alone: a second `devkit up` says that nothing changed. --backend auto takes compose, the
    real stack, where a Docker engine answers, and else the embedded server. With STRIPE_API_KEY, a key of the test
    mode, it opens a tunnel, installs the Stripe app and keeps its webhook right; --offline does it with stand-ins.

    \b
    Examples:
      devkit up
      devkit up --seed ai-tokens --smoke
      devkit up --offline --seed minimal
      devkit up --name other --plan
      devkit up --backend remote --url https://openmeter.example.com
    """
    from devkit.cli.render import listening
    from devkit.cli.target import session_here
    from devkit.usecases.up import summary
    from devkit.usecases.up import up as bring_up

    session = session_here(
        name=name,
        backend=backend,
        seed=seed,
        smoke=smoke,
        port=port,
        url=url,
        token=token,
        images_from=images_from,
        tunnel=tunnel,
        tunnel_url=tunnel_url,
        offline=offline,
        stripe_default=stripe_default,
    )
    if plan:
        _show_plan(session, output)
        return
    with listening(output) as listener:
        run = bring_up(session, listener, on_wait=lambda holder: say(f"waiting for another devkit: {holder}"))
    data = {"changed": run.changed, "seconds": round(run.seconds, 3), **summary(run.session)}
    answer(output, "up", data, lambda: _print(run))


def _show_plan(session: "Session", output: Output) -> None:
    from dataclasses import asdict

    from devkit.usecases.up_plan import plan_up

    intentions = plan_up(session)
    data: dict[str, Any] = {"instance": session.instance.name, "plan": [asdict(each) for each in intentions]}

    def show() -> None:
        width = max(len(each.step) for each in intentions)
        for each in intentions:
            typer.echo(f"{each.step:<{width}}  {'not done: ' if each.skipped else ''}{each.text}")
            for change in each.changes:
                typer.echo(f"{'':<{width}}    {change}")

    answer(output, "up", data, show)


def _print(run: "Run[Session]") -> None:
    from devkit.cli.summary import after_up

    for line in after_up(run):
        typer.echo(line)
