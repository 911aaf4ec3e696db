"""devkit version."""

import typer

from devkit.cli.output import Output, OutputOption, answer


def version(output: OutputOption = Output.text) -> None:
    """Show the versions of devkit, of OpenMeter's API and of Python.

    \b
    Examples:
      devkit version
      devkit version --output json
    """
    import platform

    from devkit import __version__
    from devkit.core.contract import contract

    data = {
        "devkit": __version__,
        "openmeter": contract().version,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    answer(output, "version", data, lambda: typer.echo("\n".join(f"{key:<10} {value}" for key, value in data.items())))
