"""devkit stop."""

from devkit.cli.output import NameOption, Output, OutputOption


def stop(name: NameOption = None, output: OutputOption = Output.text) -> None:
    """Stop the instance. Its data, ports and settings stay.

    \b
    Examples:
      devkit stop
      devkit stop --name other
    """
    from devkit.cli.endings import end_instance

    end_instance("stop", name, output)
