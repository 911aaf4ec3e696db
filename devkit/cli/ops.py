"""devkit ops: what OpenMeter's API can do, what it takes, and what surprises."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import Output, OutputOption, answer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from devkit.core.operation_notes import Notes
    from devkit.usecases.operation_card import Card
    from devkit.usecases.operations import Entry


def ops(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="An operation id, or words of its id, path, tag or purpose.", metavar="WORDS"),
    ] = None,
    tag: Annotated[str | None, typer.Option("--tag", "-t", help="Only operations of this API tag.")] = None,
    output: OutputOption = Output.text,
) -> None:
    """Looks up operations of OpenMeter's API: parameters, an example, a curl line, and the gotchas.

    \b
    Example:
      devkit ops createMeter
      devkit ops void grant
      devkit ops --tag billing --output json
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from devkit.core.contract import contract
    from devkit.core.operation_notes import operation_notes
    from devkit.usecases.operation_card import card
    from devkit.usecases.operations import find_operations

    notes, facts = operation_notes(), contract()
    entries = find_operations(facts, notes, words or (), tag).entries
    now = datetime.now(UTC)
    if output is not Output.text:
        cards = [asdict(card(facts, entry, now=now)) for entry in entries]
        answer(output, "ops", {"release": facts.version, "general": notes.general, "operations": cards}, lambda: None)
    elif len(entries) == 1:
        _print_card(_console(), card(facts, entries[0], now=now))
    elif words:
        _print_matches(_console(), entries)
    else:
        _print_all(_console(), entries, notes)


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def _print_all(console: "Console", entries: Sequence["Entry"], notes: "Notes") -> None:
    for tag, members in groupby(entries, key=lambda entry: entry.operation.tags[0]):
        console.print(tag, style="bold")
        for entry in members:
            _print_row(console, entry)
        console.print()
    console.print("True for all of them", style="bold")
    for line in notes.general:
        _print_item(console, line)
    console.print(f"\n{len(entries)} operations. One of them: devkit ops ID. Search: devkit ops WORDS", style="dim")


def _print_matches(console: "Console", entries: Sequence["Entry"]) -> None:
    for entry in entries:
        _print_row(console, entry)
    console.print(f"\n{len(entries)} operations, the best match first. One of them: devkit ops ID", style="dim")


def _print_row(console: "Console", entry: "Entry") -> None:
    from rich.text import Text

    operation = entry.operation
    old = " (deprecated)" if operation.deprecated else ""
    _print_hanging(console, f"  {operation.method:6} ", Text(operation.path, style="cyan"))
    _print_hanging(console, "         ", Text.assemble((operation.id, "bold"), f"{old}  {entry.note.summary}"))


def _print_card(console: "Console", card: "Card") -> None:
    from rich.text import Text

    _print_hanging(console, f"{card.method} ", Text(card.path, style="bold cyan"))
    old = " · deprecated" if card.deprecated else ""
    console.print(Text.assemble((card.id, "bold"), f" · {', '.join(card.tags)}{old}"))
    console.print(card.summary)
    _print_parameters(console, card)
    _print_body(console, card)
    _print_answers(console, card)
    if card.gotchas:
        console.print("\nWatch out", style="bold")
        for line in card.gotchas:
            _print_item(console, line)
    console.print("\nTry it", style="bold")
    console.print(card.curl, soft_wrap=True)  # no line breaks of ours inside a command that is to be copied


def _print_parameters(console: "Console", card: "Card") -> None:
    from rich.text import Text

    if not card.parameters:
        return
    console.print("\nParameters", style="bold")
    width = min(28, max(len(row.name) for row in card.parameters))
    for row in card.parameters:
        facts = [row.kind, *(["required"] if row.required else [])]
        if row.default is not None:
            facts.append(f"default {json.dumps(row.default) if not isinstance(row.default, str) else row.default}")
        head = Text.assemble(f"  {row.location:5}  ", (f"{row.name:{width}}", "cyan"), "  ")
        _print_hanging(console, head, Text(", ".join(facts)))


def _print_body(console: "Console", card: "Card") -> None:
    from rich.text import Text

    if not card.bodies:
        return
    console.print("\nBody", style="bold")
    for row in card.bodies:
        _print_hanging(console, "  ", Text(f"{row.media_type}  {row.schema}".rstrip()))
    console.print(json.dumps(card.bodies[0].example, indent=2, ensure_ascii=False), soft_wrap=True)


def _print_answers(console: "Console", card: "Card") -> None:
    from rich.text import Text

    console.print("\nAnswers", style="bold")
    good = [row for row in card.answers if row.media_type != "application/problem+json"]
    for row in good:
        _print_hanging(console, f"  {row.status:4} ", Text(f"{row.media_type or 'no body'}  {row.schema}".rstrip()))
    refusals = [row.status for row in card.answers if row not in good and row.status != "default"]
    if refusals:
        _print_hanging(console, "  ", Text(f"{' '.join(refusals)}  application/problem+json"))


def _print_item(console: "Console", line: str) -> None:
    from rich.text import Text

    _print_hanging(console, "  - ", Text(line))


def _print_hanging(console: "Console", head: "Text | str", text: "Text") -> None:
    """The text after a head, and its further lines under its beginning."""
    first, *rest = _wrapped(console, text, max(20, console.width - len(head)))
    console.print(head, first, sep="")
    for line in rest:
        console.print(" " * len(head), line, sep="")


def _wrapped(console: "Console", text: "Text", width: int) -> Iterable["Text"]:
    """Lines of text; a path has no blanks and is broken before a slash."""
    if " " in text.plain or len(text) <= width:
        for line in text.wrap(console, width):
            line.rstrip()
            yield line
        return
    while len(text) > width and "/" in text.plain[1:width]:
        at = text.plain.rindex("/", 1, width)
        line, text = text.divide([at])
        yield line
    yield text
