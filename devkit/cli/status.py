"""devkit status."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import NameOption, Output, OutputOption, answer

if TYPE_CHECKING:
    from devkit.adapters.backends.base import ServiceStatus
    from devkit.core.settings import Settings
    from devkit.usecases.status import Status


def status(
    name: NameOption = None,
    settings: Annotated[
        bool, typer.Option("--settings", help="Also show the settings and where each comes from.")
    ] = False,
    output: OutputOption = Output.text,
) -> None:
    """Show whether the instance runs, where, and what is in it.

    \b
    Examples:
      devkit status
      devkit status --settings
      devkit status --output json
    """
    from dataclasses import asdict

    from devkit.cli.target import session_here
    from devkit.usecases.status import status_of

    session = session_here(name=name)
    found = status_of(session)
    data = {**asdict(found), "running": found.running}
    if settings:
        data["settings"] = {key: asdict(value) for key, value in session.settings.shown().items()}

    def show() -> None:
        for line in _lines(found):
            typer.echo(line)
        if settings:
            for line in _settings(session.settings):
                typer.echo(line)

    answer(output, "status", data, show)


def _lines(found: "Status") -> Iterator[str]:
    from devkit.cli.units import duration_text, size_text

    hints = {
        "absent": "devkit up starts one",
        "stopped": "devkit up starts it",
        "ended": "without being stopped; devkit up starts it anew",
        "not answering": "devkit stop, then devkit up starts it anew",
    }
    hint = hints.get(found.condition)
    yield f"Instance {found.name}: {found.condition}" + (f" ({hint})" if hint else "")
    rows = {
        "url": found.url if found.condition in ("running", "not answering") else None,
        "backend": found.backend,
        "process": f"pid {found.pid}, up {duration_text(found.uptime or 0)}" if found.pid else None,
        "memory": size_text(found.memory) if found.memory else None,
        "ingest": f"proven at {found.proven_at}" if found.proven_at else None,
        "sink": str(found.sink_lag) if found.sink_lag else None,
        "public": found.public_url,
        "webhook": found.webhook,
        "seeds": ", ".join(found.seeds) or None,
        "data": size_text(found.data) if found.condition != "absent" else None,
        "folder": found.folder if found.condition != "absent" else None,
    }
    yield from (f"  {key:<9}{value}" for key, value in rows.items() if value)
    yield from _services(found.services)
    yield from (f"note: {note}" for note in found.notes)


def _services(services: "Sequence[ServiceStatus]") -> Iterator[str]:
    if not services:
        return
    yield ""
    yield f"  {'service':<21} {'state':<20} {'restarts':>8}  version"
    for each in services:
        state = f"{each.state}, {each.health}" if each.health else each.state
        mark = "" if each.well else "  !"
        yield f"  {each.service:<21} {state:<20} {each.restarts:>8}  {each.version}{mark}".rstrip()


def _settings(settings: "Settings") -> Iterator[str]:
    yield ""
    yield "Settings:"
    for key, value in settings.shown().items():
        shown = ", ".join(value.value) or "none" if isinstance(value.value, tuple) else str(value.value)
        yield f"  {key:<16}{shown:<20} from {value.origin}"
