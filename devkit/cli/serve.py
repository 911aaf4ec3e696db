"""devkit serve: the embedded server alone, in the foreground."""

from pathlib import Path
from typing import Annotated

import typer


def serve(
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="0 takes any free port.")] = 48888,
    data: Annotated[Path, typer.Option("--data", "-d", help="The folder of its data; made where it is not there.")] = (
        Path(".devkit/serve")
    ),
    coverage: Annotated[bool, typer.Option("--coverage", help="Print which operations it answers, and end.")] = False,
) -> None:
    """Runs the embedded OpenMeter-compatible server alone, in the foreground, until Ctrl-C.

    \b
    Example:
      devkit serve --port 48888 --data .devkit/serve
    """
    from devkit.usecases import serve as usecase

    if coverage:
        _print_coverage(usecase.coverage())
        return
    usecase.serve(
        port, data, ready=lambda url: typer.echo(f"OpenMeter at {url}, data in {data}, Ctrl-C ends it", err=True)
    )


def _print_coverage(rows: list[tuple[str, str, bool]]) -> None:
    """rows: tag, operation, whether it is answered."""
    tag = ""
    for row_tag, operation, answered in rows:
        if row_tag != tag:
            tag = row_tag
            of_tag = [known for name, _, known in rows if name == tag]
            typer.echo(f"{tag}: {sum(of_tag)} of {len(of_tag)}")
        typer.echo(f"  {'yes' if answered else '501'}  {operation}")
    typer.echo(f"{sum(answered for _, _, answered in rows)} of {len(rows)} operations; the other ones answer 501")
