"""The one place where exceptions end: a message, a hint, an exit code. A traceback is shown to those who ask for it."""

import errno
import itertools
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import typer

from devkit.cli.output import Output, error_envelope, print_envelope, wanted_output
from devkit.core.errors import DevkitError, InterruptedByUser
from devkit.core.redaction import redacted

BUG = 3
_INTERRUPTED = "interrupted"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED_PIPE = 141  # what a shell reports for a program that SIGPIPE ended
# typer carries its own click and does not export the base of its usage errors.
_TyperError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def run(app: Callable[..., Any], arguments: Sequence[str]) -> int:
    """Runs the command line and returns the exit code (core/errors.py)."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 gets `\u2713` rather than a UnicodeEncodeError.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _guarded(app, arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        return _closed_pipe()
    except OSError as error:
        return _no_room(error)
    return code


def _guarded(app: Callable[..., Any], arguments: Sequence[str]) -> int:
    try:
        result = app(args=list(arguments), prog_name="devkit", standalone_mode=False)
    except _TyperError as error:
        code = _usage(error, arguments)
    except DevkitError as error:
        code = _known(error, arguments)
    except (KeyboardInterrupt, typer.Abort):
        code = _known(InterruptedByUser(_INTERRUPTED), arguments)
    except BrokenPipeError:
        raise
    except OSError as error:
        code = _no_room(error) if error.errno in _FULL else _bug(error, arguments)
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except Exception as error:  # noqa: BLE001 - everything that is left is a bug, and must end in a log file
        code = _bug(error, arguments)
    else:
        code = result if isinstance(result, int) else 0
        if code == InterruptedByUser.exit_code:  # typer makes a result of Ctrl-C
            code = _known(InterruptedByUser(_INTERRUPTED), arguments)
    return code


def show(error: DevkitError) -> None:
    """The message, what shows it and the way out, on stderr."""
    if error.exit_code == InterruptedByUser.exit_code:
        typer.echo(error.message, err=True)
    else:
        typer.echo(f"error: {error.message}", err=True)
    for line in error.evidence:
        typer.echo(f"    {line}", err=True)
    if error.hint:
        typer.echo(f"hint: {error.hint}", err=True)


def _known(error: DevkitError, arguments: Sequence[str]) -> int:
    if _debugging(arguments):
        _trace(error)
    _answer(error, error.exit_code, arguments)
    return error.exit_code


def _usage(error: Any, arguments: Sequence[str]) -> int:
    error.message = redacted(error.message)
    error.show()
    output = wanted_output(arguments)
    if output is not Output.text:
        message = DevkitError(error.format_message(), hint="devkit --help lists the commands")
        envelope = error_envelope(_command(arguments), message, error.exit_code)
        envelope["error"]["kind"] = "UsageError"
        print_envelope(output, envelope)
    return int(error.exit_code)


def _bug(error: Exception, arguments: Sequence[str]) -> int:
    if _debugging(arguments):
        _trace(error)
    from devkit.cli.bug_report import write_report

    report = write_report(error, _command(arguments), arguments)
    where = f"the details are in {report}" if report else "its details could not be written anywhere"
    shown = DevkitError(
        f"a bug in devkit ({type(error).__name__}); {where}",
        hint=f"please report it with that file; devkit --debug {_command(arguments)} shows the traceback here",
    )
    _answer(shown, BUG, arguments, kind="Bug")
    return BUG


def _trace(error: Exception) -> None:
    typer.echo(redacted("".join(traceback.format_exception(error))), err=True, nl=False)


def _answer(error: DevkitError, code: int, arguments: Sequence[str], kind: str | None = None) -> None:
    output = wanted_output(arguments)
    if output is Output.text:
        show(error)
        return
    envelope = error_envelope(_command(arguments), error, code)
    if kind:
        envelope["error"]["kind"] = kind
    print_envelope(output, envelope)


def _command(arguments: Sequence[str]) -> str:
    """The words before the first flag: `seed apply` of `seed apply --name x`. At most two, the rest is input."""
    words = [argument for argument in arguments if argument != "--debug"][:2]
    return " ".join(itertools.takewhile(str.isalpha, words))


def _debugging(arguments: Sequence[str]) -> bool:
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--debug" in own or os.environ.get("DEVKIT_DEBUG", "") not in ("", "0")


def _closed_pipe() -> int:
    """The reader went away, as `| head` does. What is still buffered must not be written when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    return _CLOSED_PIPE


def _no_room(error: OSError) -> int:
    """A full disk, behind stdout or elsewhere: an envelope would find no room either."""
    show(DevkitError(f"cannot write: {(error.strerror or '').lower()}", hint="free some space and try again"))
    _closed_pipe()
    return DevkitError.exit_code
