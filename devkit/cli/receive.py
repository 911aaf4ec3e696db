"""devkit receive: a receiver of webhooks on loopback, in the foreground."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from devkit.cli.output import NameOption, Output, OutputOption, print_envelope, say

if TYPE_CHECKING:
    import socket

    from devkit.adapters.openmeter import OpenMeter
    from devkit.usecases.receive import Delivery


def receive(
    *,
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes any free port.")] = 48870,
    secret: Annotated[
        list[str] | None, typer.Option("--secret", help="A signing secret, beside those of the server's channels.")
    ] = None,
    answer: Annotated[int, typer.Option("--answer", help="The status that every delivery is answered with.")] = 204,
    count: Annotated[int | None, typer.Option("--count", min=1, help="End after so many deliveries.")] = None,
    within: Annotated[
        float | None, typer.Option("--within", min=0, help="End after so many seconds; with --count that is a failure.")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", help="Append what comes there (default: in the instance's folder).")
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="A server (default: the running instance).")] = None,
    name: NameOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Receives the webhooks of notification channels, checks their signatures and shows what came, until Ctrl-C.

    \b
    Examples:
      devkit receive
      devkit receive --port 0 --count 1 --within 30 --output json
      devkit receive --answer 500
    """
    from devkit.cli.target import session_here
    from devkit.usecases.receive import Wish
    from devkit.usecases.receive import receive as run

    instance = session_here(name=name).instance
    kept_in = journal or (instance.deliveries_file if instance.folder.is_dir() else None)
    wish = Wish(tuple(secret or ()), answer, count, within, kept_in)
    with _listener(port) as listener, _client(url, name) as client:
        received = run(listener, wish, client, ready=_ready, show=_shown_as(output))
    if output is not Output.text:
        data = {"deliveries": [asdict(delivery) for delivery in received.deliveries]}
        print_envelope(output, {"ok": True, "command": "receive", "data": data})


def _ready(url: str) -> None:
    say(f"receiving at {url} and every path below it, Ctrl-C ends it")


def _shown_as(output: Output) -> "Callable[[Delivery], None]":
    def text(delivery: "Delivery") -> None:
        parts = (delivery.received_at, delivery.signature, delivery.type or "?", delivery.event or "-", delivery.path)
        typer.echo("  ".join(parts))

    def line(delivery: "Delivery") -> None:
        import json

        typer.echo(json.dumps({"kind": "delivery", **asdict(delivery)}))

    def silent(_: "Delivery") -> None:
        """The envelope in the end has them all."""

    return {Output.text: text, Output.ndjson: line, Output.json: silent}[output]


def _listener(port: int) -> "socket.socket":
    import errno

    from devkit.core.errors import DevkitError
    from devkit.core.ports import bind, owner_of

    try:
        return bind(port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = f"it is taken by {owner_of(port)}" if taken else (error.strerror or str(error)).lower()
        raise DevkitError(
            f"cannot listen on port {port}: {reason}", hint="choose another one: devkit receive --port 0"
        ) from error


@contextmanager
def _client(url: str | None, name: str | None) -> "Iterator[OpenMeter | None]":
    """A client of the server whose channels are known; without a server secrets have to be given."""
    from devkit.cli.pack_target import client_of
    from devkit.core.errors import UnreachableError

    with ExitStack() as opened:
        client = None
        try:
            client = opened.enter_context(client_of(url, name))
        except UnreachableError:
            if url or name:
                raise
            say("no server runs: only signatures of --secret are checked")
        yield client
