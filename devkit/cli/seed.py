"""devkit seed: what a server should hold, written down in a file."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer, error_envelope, print_envelope, say

if TYPE_CHECKING:
    from devkit.usecases.seed import SeedPlan

seed_app = typer.Typer(
    help="Bring meters, plans, customers and more from a YAML file to a server.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
PackArgument = Annotated[
    str, typer.Argument(metavar="PACK", help="A pack's name (devkit seed packs), or a file's path.")
]
UrlOption = Annotated[
    str | None, typer.Option("--url", help="The server (default: the running instance, else OPENMETER_URL).")
]
RecreateOption = Annotated[
    bool,
    typer.Option(
        "--recreate",
        help="Make anew what cannot be changed: meters (their usage is kept), entitlements, grants, subscriptions.",
    ),
]
_WORDS = {
    "create": "to create",
    "update": "to update",
    "unchanged": "unchanged",
    "recreate": "to make anew",
    "blocked": "that OpenMeter cannot change",
}
_MARKS = {"create": "+", "update": "~", "recreate": "-/+", "blocked": "!", "unchanged": "="}


@seed_app.command("plan")
def plan(
    pack: PackArgument,
    *,
    url: UrlOption = None,
    name: NameOption = None,
    recreate: RecreateOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Show what a pack would change on the server. Writes nothing.

    \b
    Example:
      devkit seed plan ai-tokens
    """
    from devkit.cli.pack_target import client_of
    from devkit.usecases.seed import plan_pack

    with client_of(url, name) as client:
        found = plan_pack(client, pack, recreate=recreate)
    answer(output, "seed plan", found.as_data(), lambda: _print_plan(found))


@seed_app.command("apply")
def apply(
    pack: PackArgument,
    *,
    url: UrlOption = None,
    name: NameOption = None,
    recreate: RecreateOption = False,
    output: OutputOption = Output.text,
) -> None:
    """Make the server hold what a pack says. A second time nothing changes.

    What the pack does not mention stays as it is. A plan or add-on that differs becomes a new version; only --recreate
    deletes, and only to make anew.

    \b
    Examples:
      devkit seed apply ai-tokens
      devkit seed apply ./mine.yaml --url http://127.0.0.1:8888
    """
    from devkit.cli.pack_target import client_of
    from devkit.cli.progress_bar import progress
    from devkit.cli.target import session_here
    from devkit.usecases.recall import with_memory
    from devkit.usecases.seed import apply_plan, plan_pack
    from devkit.usecases.stripe_steps import customers_at_stripe

    with client_of(url, name) as client:
        found = plan_pack(client, pack, recreate=recreate)
        link = None if url else customers_at_stripe(with_memory(session_here(name=name)), client)
        with progress(output, "resources") as report:
            summary = apply_plan(client, found, report, link)
    data = {**found.as_data(), "changed": summary.changed}

    def text() -> None:
        _print_changes(found)
        typer.echo(f"{found.loaded.pack.name}: {summary}")

    answer(output, "seed apply", data, text)


@seed_app.command("check")
def check(
    pack: PackArgument,
    *,
    url: UrlOption = None,
    name: NameOption = None,
    offline: Annotated[bool, typer.Option("--offline", help="Only look at the file.")] = False,
    output: OutputOption = Output.text,
) -> None:
    """Check a pack's file, and whether the server holds what it says.

    Exits 2 when the file is wrong (every error with file:line:column), 1 when the server differs. Without a server
    that can be reached only the file is checked.

    \b
    Examples:
      devkit seed check ./mine.yaml --offline
      devkit seed check ai-tokens --output json
    """
    from devkit.usecases.packs import load_pack

    loaded = load_pack(pack)
    found, reason = (None, "--offline") if offline else _drift(pack, url, name)
    data: dict[str, Any] = {"pack": loaded.pack.name, "file": loaded.pack.file, "valid": True}
    data |= {"server": found.as_data() if found else None, "skipped": reason}
    if found is None or not found.differing:
        answer(output, "seed check", data, lambda: _print_sound(loaded.pack.file, found, reason))
        return
    _refuse_drift(found, data, output)


def _drift(pack: str, url: str | None, name: str | None) -> "tuple[SeedPlan | None, str | None]":
    """What the server lacks, or why nobody could look. A server that was asked for must answer."""
    from devkit.cli.pack_target import client_of
    from devkit.core.errors import UnreachableError
    from devkit.usecases.seed import plan_pack

    try:
        with client_of(url, name) as client:
            return plan_pack(client, pack), None
    except UnreachableError as error:
        if url or name:
            raise
        return None, error.message


def _refuse_drift(found: "SeedPlan", data: dict[str, Any], output: Output) -> None:
    from devkit.core.errors import DevkitError

    message = f"{found.url} differs from {found.loaded.pack.file} in {_things(len(found.differing))}"
    error = DevkitError(message, hint=f"devkit seed apply {found.loaded.given}")
    if output is Output.text:
        _print_changes(found)
        raise error
    print_envelope(output, error_envelope("seed check", error) | {"data": data})
    raise typer.Exit(error.exit_code)


@seed_app.command("packs")
def packs(*, output: OutputOption = Output.text) -> None:
    """List the packs that devkit brings.

    \b
    Example:
      devkit seed packs
    """
    from devkit.usecases.packs import pack_summaries

    found = pack_summaries()

    def text() -> None:
        for pack in found:
            parts = [f"{section}: {count}" for section, count in pack["resources"].items()]
            parts += [f"stream {name}: {events:,} events" for name, events in pack["streams"].items()]
            typer.echo(f"{pack['name']}\n    {pack['about']}\n    {', '.join(parts)}")

    answer(output, "seed packs", {"packs": found}, text)


@seed_app.command("schema")
def schema() -> None:
    """Print the JSON schema of packs, for editors.

    \b
    Example:
      devkit seed schema > seed.schema.json
    """
    import json

    from devkit.usecases.packs import pack_schema

    typer.echo(json.dumps(pack_schema(), indent=2, ensure_ascii=False))


def _print_plan(found: "SeedPlan") -> None:
    from devkit.seeding.change import counted

    _print_changes(found)
    counts = [f"{count} {_WORDS[action]}" for action, count in counted(found.changes).items() if count]
    typer.echo(f"{found.loaded.pack.name} on {found.url}: {', '.join(counts) or 'the pack is empty'}")
    if found.differing:
        say(f"nothing was written; devkit seed apply {found.loaded.given} does it")


def _print_changes(found: "SeedPlan") -> None:
    for change in found.differing:
        note = f" ({change.note})" if change.note else ""
        typer.echo(f"{_MARKS[change.action]:>3} {change.kind.NAME} {change.key}{_reason(change.action)}{note}")
        for difference in change.differences:
            typer.echo(f"        {difference}")


def _reason(action: str) -> str:
    reasons = {"blocked": " (OpenMeter cannot change this)", "recreate": " (anew)"}
    return reasons.get(action, "")


def _print_sound(file: str, found: "SeedPlan | None", reason: str | None) -> None:
    if found is not None:
        typer.echo(f"{file} is right, and {found.url} holds {_things(len(found.changes))} of it")
        return
    typer.echo(f"{file} is right")
    if reason != "--offline":
        say(f"not compared with a server: {reason}")


def _things(count: int) -> str:
    return f"{count} resource{'' if count == 1 else 's'}"
