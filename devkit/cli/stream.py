"""devkit stream: synthetic usage whose totals are known."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer, error_envelope, print_envelope, say
from devkit.cli.seed import UrlOption

if TYPE_CHECKING:
    from devkit.streams.planning import StreamPlan, Wish
    from devkit.streams.verification import MeterComparison
    from devkit.usecases.stream import SendOptions
    from devkit.usecases.stream_report import StreamReport

stream_app = typer.Typer(
    help="Send synthetic events whose totals are known.", no_args_is_help=True, rich_markup_mode=None
)
PacksArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="PACK", help="Names or paths (default: what the instance was seeded with)."),
]
StreamOption = Annotated[
    list[str] | None, typer.Option("--stream", metavar="NAME", help="Only this stream; again for more.")
]
EventsOption = Annotated[int | None, typer.Option(min=1, help="How many events in all (default: as the pack says).")]
SeedOption = Annotated[int | None, typer.Option(min=0, help="Other numbers give other events.")]
OverOption = Annotated[str | None, typer.Option(metavar="30d", help="How far back from the start of today (UTC).")]
FromOption = Annotated[str | None, typer.Option("--from", metavar="TIME", help="2026-01-31 or 2026-01-31T12:00:00Z.")]
ToOption = Annotated[str | None, typer.Option("--to", metavar="TIME", help="The end, which is not part of the range.")]
WaitOption = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="How long the server may take to count what it accepted.")
]


@stream_app.command("send")
def send(
    pack: PacksArgument = None,
    *,
    stream: StreamOption = None,
    events: EventsOption = None,
    seed: SeedOption = None,
    over: OverOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    batch: Annotated[int, typer.Option(min=1, max=100_000, help="Events in one request.")] = 1000,
    rate: Annotated[
        float | None, typer.Option(min=0.001, help="Events a second (default: as fast as it goes).")
    ] = None,
    connections: Annotated[int, typer.Option(min=1, max=64, help="Requests at the same time.")] = 4,
    wait: WaitOption = 60,
    url: UrlOption = None,
    name: NameOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Send the events of a pack's streams, then compare every total with the server's answer.

    The same seed gives the same events under the same ids, so sending twice counts once. Exits 1 when totals differ.

    \b
    Examples:
      devkit stream send ai-tokens
      devkit stream send ai-tokens --events 1000000 --over 90d
      devkit stream send ./mine.yaml --stream requests --seed 7 --from 2026-01-01 --to 2026-02-01
    """
    from devkit.streams.sender import Pace
    from devkit.streams.verification import Patience
    from devkit.usecases.stream import SendOptions

    wish = _wish(events, seed, over, from_, to)
    options = SendOptions(batch, Pace(rate=rate, connections=connections), Patience(deadline=wait))
    _run(
        "stream send",
        given=pack,
        names=stream or [],
        wish=wish,
        options=options,
        url=url,
        name=name,
        output=output,
    )


@stream_app.command("verify")
def verify(
    pack: PacksArgument = None,
    *,
    stream: StreamOption = None,
    events: EventsOption = None,
    seed: SeedOption = None,
    over: OverOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    wait: WaitOption = 0,
    url: UrlOption = None,
    name: NameOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Compare the totals again, without sending. Give the same options as to send.

    \b
    Example:
      devkit stream verify ai-tokens
    """
    from devkit.streams.verification import Patience
    from devkit.usecases.stream import SendOptions

    wish = _wish(events, seed, over, from_, to)
    options = SendOptions(batch=0, patience=Patience(deadline=wait))
    _run(
        "stream verify",
        given=pack,
        names=stream or [],
        wish=wish,
        options=options,
        url=url,
        name=name,
        output=output,
    )


@stream_app.command("list")
def list_(pack: PacksArgument = None, *, output: OutputOption = Output.text) -> None:
    """List the streams of packs (default: of those that devkit brings), with the range they would have now.

    \b
    Example:
      devkit stream list ai-tokens
    """
    from devkit.seeding.pack import shipped_packs
    from devkit.usecases.packs import load_pack
    from devkit.usecases.stream import plan_streams
    from devkit.usecases.stream_report import plan_data

    plans = {name: plan_streams(load_pack(name)) for name in pack or shipped_packs()}
    data = [{"pack": name, **plan_data(plan)} for name, planned in plans.items() for plan in planned]

    def text() -> None:
        for row in data:
            typer.echo(
                f"{row['stream']} of {row['pack']}: {row['events']:,} {row['eventType']} events, seed {row['seed']}"
            )
            typer.echo(f"    {row['from']} to {row['to']}, {row['subjects']} subjects")

    answer(output, "stream list", {"streams": data}, text)


def _wish(events: int | None, seed: int | None, over: str | None, start: str | None, end: str | None) -> "Wish":
    from devkit.core.errors import UsageError
    from devkit.streams.definition import duration, instant
    from devkit.streams.planning import Wish

    if over and start:
        raise UsageError("--over and --from exclude each other")
    if start and not end:
        raise UsageError("--from needs --to", hint="or say --over 30d")

    def read(parse: Any, flag: str, text: str | None) -> int | None:
        try:
            return None if text is None else int(parse(text))
        except ValueError as error:
            raise UsageError(f"{flag}: {error}") from error

    return Wish(
        events=events,
        seed=seed,
        over=read(duration, "--over", over),
        start=read(instant, "--from", start),
        end=read(instant, "--to", end),
    )


def _run(
    command: str,
    *,
    given: Sequence[str] | None,
    names: Sequence[str],
    wish: "Wish",
    options: "SendOptions",
    url: str | None,
    name: str | None,
    output: Output,
) -> None:
    from devkit.cli.pack_target import client_of, packs_of
    from devkit.cli.progress_bar import progress
    from devkit.usecases.packs import load_pack
    from devkit.usecases.stream import plan_streams, run_streams

    planned = [
        (loaded, plan_streams(loaded, wish=wish, names=names)) for loaded in map(load_pack, packs_of(given, name))
    ]
    reports: list[StreamReport] = []
    with client_of(url, name) as client:
        for loaded, plans in planned:
            for plan in plans if output is Output.text else ():
                say(_announcement(plan))
            with progress(output, "events") as report:
                reports += run_streams(client, loaded, plans, options, report)
    _conclude(command, reports, output)


def _conclude(command: str, reports: "Sequence[StreamReport]", output: Output) -> None:
    from devkit.core.errors import DevkitError
    from devkit.usecases.stream_report import refuse_differences

    data = {"streams": [report.as_data() for report in reports]}
    try:
        refuse_differences(reports)
    except DevkitError as error:
        if output is Output.text:
            _print(reports)
            raise
        print_envelope(output, error_envelope(command, error) | {"data": data})
        raise typer.Exit(error.exit_code) from error
    answer(output, command, data, lambda: _print(reports))


def _announcement(plan: "StreamPlan") -> str:
    from devkit.streams.planning import utc

    stream = plan.stream
    head = f"{stream.name}: {stream.events:,} {stream.event_type} events, seed {stream.seed}"
    return f"{head}, {utc(plan.begin)} to {utc(plan.end)}"


def _print(reports: "Sequence[StreamReport]") -> None:
    for report in reports:
        if report.sent:
            rate = report.sent / report.seconds if report.seconds else 0
            typer.echo(f"{report.plan.stream.name}: {report.sent:,} events in {report.seconds:.1f} s ({rate:,.0f}/s)")
        else:
            typer.echo(f"{report.plan.stream.name}: {report.plan.stream.events:,} events expected")
    comparisons = [comparison for report in reports for comparison in report.comparisons]
    if not comparisons:
        typer.echo("no meter counts these events")
        return
    typer.echo()
    typer.echo(f"{'meter':20} {'':12} {'expected':>14} {'actual':>14}  rows")
    for comparison in comparisons:
        typer.echo(_line(comparison))
    if not any(comparison.differences for comparison in comparisons):
        rows = sum(comparison.rows for comparison in comparisons)
        typer.echo(f"\nall {rows:,} totals equal what was generated")


def _line(comparison: "MeterComparison") -> str:
    from devkit.streams.verification import number

    others = comparison.actual is None and comparison.expected is not None and not comparison.differences
    actual = "-" if others else number(comparison.actual)  # cannot be asked for without the events of others
    verdict = f"{comparison.rows:,}"
    if comparison.differences:
        verdict = f"{len(comparison.differences):,} of {verdict} differ"
    return (
        f"{comparison.meter:20} {comparison.aggregation:12} {number(comparison.expected):>14} {actual:>14}  {verdict}"
    )
