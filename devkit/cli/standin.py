"""devkit standin: local substitutes for Stripe and ngrok, alone, in the foreground."""

from pathlib import Path
from typing import Annotated

import typer

from devkit.core.errors import UsageError

_KEY = "sk_test_devkit"

standin_app = typer.Typer(help="Local substitutes for Stripe and ngrok.", no_args_is_help=True)


@standin_app.callback()
def standin() -> None:
    """Local substitutes for Stripe and ngrok."""


@standin_app.command()
def stripe(  # noqa: PLR0917 - typer makes options of them, none is positional
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes any free port.")] = 12111,
    key: Annotated[
        str, typer.Option("--key", help="The key of its account; KEY_<anything> opens an account of its own.")
    ] = _KEY,
    public_only: Annotated[
        bool, typer.Option("--public-only", help="Refuse webhook endpoints on this machine, as Stripe does.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option("--cert", metavar="FILE", help="Serve HTTPS with this certificate and --cert-key.")
    ] = None,
    certificate_key: Annotated[Path | None, typer.Option("--cert-key", metavar="FILE", help="Its key.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="Keep there what it knows, for the next time.")
    ] = None,
) -> None:
    """Runs a stand-in for Stripe's API in test mode until Ctrl-C. What it knows is gone then, but for --data.

    Accounts, webhook endpoints with signed deliveries, customers, payment methods, checkout and portal sessions,
    invoices. Under /_standin it shows what came (state), fails on demand (faults), and lets customers pay.

    \b
    Examples:
      devkit standin stripe
      devkit standin stripe --port 12111 --key sk_test_mine
      devkit standin stripe --data stripe.ndjson
      curl -X POST http://127.0.0.1:12111/_standin/faults -d '{"path": "/v1/invoices", "status": 500}'
    """
    from devkit.usecases.standin import serve_stripe

    if (certificate is None) != (certificate_key is None):
        raise UsageError("--cert and --cert-key go together", hint="give both files, or neither")
    serve_stripe(
        port,
        key,
        allow_loopback=not public_only,
        certificate=(certificate, certificate_key) if certificate and certificate_key else None,
        data=data,
        ready=lambda url: typer.echo(f"Stripe's stand-in at {url}{_shown(key)}, Ctrl-C ends it", err=True),
    )


def _shown(key: str) -> str:
    """A key of the user's own may open more than this stand-in."""
    return f", key {key}" if key == _KEY else ""


@standin_app.command()
def ngrok(
    upstream: Annotated[
        str | None, typer.Argument(metavar="[PORT]", help="Open an endpoint to this port or host:port at once.")
    ] = None,
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Of its API; 0 takes any.")] = 4040,
    executable: Annotated[
        Path | None,
        typer.Option(
            "--executable", metavar="FILE", help="Write it as a program that others run for ngrok; serve not."
        ),
    ] = None,
) -> None:
    """Runs a stand-in for the ngrok agent until Ctrl-C: public addresses are ports of this machine.

    Its API opens, lists and closes endpoints as the agent's does, and each forwards for real. Under /_standin it shows
    what came (state) and fails on demand (refuse, move, die). DEVKIT_STANDIN_NGROK=4018|105|107|108|bind|334|old|
    silent|offline|die makes the executable fail.

    \b
    Examples:
      devkit standin ngrok 48888
      devkit standin ngrok --executable ./ngrok
      curl -X POST http://127.0.0.1:4040/_standin/move
    """
    from devkit.usecases.standin import serve_ngrok, write_ngrok

    if executable is not None:
        if upstream is not None:
            raise UsageError("--executable only writes the program", hint="leave the port away")
        typer.echo(write_ngrok(executable))
        return

    def ready(api: str, public: str | None) -> None:
        typer.echo(f"ngrok's stand-in, its API at {api}, Ctrl-C ends it", err=True)
        if public:
            typer.echo(f"{public} forwards to {upstream}", err=True)

    serve_ngrok(port, upstream, ready=ready)
