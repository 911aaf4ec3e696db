"""devkit down."""

from devkit.cli.output import NameOption, Output, OutputOption


def down(name: NameOption = None, output: OutputOption = Output.text) -> None:
    """Stop the instance and forget its ports and proofs. Its data stays.

    \b
    Examples:
      devkit down
      devkit down --name other
    """
    from devkit.cli.endings import end_instance

    end_instance("down", name, output)
