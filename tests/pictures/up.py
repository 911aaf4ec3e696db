"""The picture of the README: what `devkit up` leaves on a terminal of 80 columns, from a real run in an empty folder.

    python -m tests.pictures.up          (or `make assets`)

COMMAND says which run. After a change of it, or of what `up` prints, make the picture again and look at it.
"""

import errno
import fcntl
import html
import io
import os
import pty
import re
import stat
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

import devkit
from devkit.core.data import data_path
from tests.pictures.screen import screen

#: The command line that the picture shows, and the reader types.
COMMAND = "devkit up --offline --seed minimal --smoke"
PICTURE = data_path("assets/up.svg")
COLUMNS, LINES = 80, 60
PORT = "48888"  # where a reader's own run will be

#: Fonts that are on the reader's machine: a picture in a README loads none.
_FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_LAUNCHER = "#!{python}\nfrom devkit.__main__ import main\nmain()\n"


def run(command: str, home: Path) -> str:
    """What a run leaves on the terminal. home: an empty folder, which the run takes for the user's own.

    Raises RuntimeError where it fails, with what it said.
    """
    folder, programs = home / "demo", home / "bin"
    folder.mkdir()
    programs.mkdir()
    launcher = programs / "devkit"
    launcher.write_text(_LAUNCHER.format(python=sys.executable))
    launcher.chmod(stat.S_IRWXU)
    environment = {
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "PYTHONPATH": str(Path(devkit.__file__).resolve().parents[1]),
        "HOME": str(home),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "DEVKIT_BACKEND": "embedded",  # the same picture with and without Docker
    }
    try:
        code, output = _on_a_terminal(command, folder, environment)
    finally:
        destroy = [str(launcher), "destroy", "--yes"]
        subprocess.run(destroy, cwd=folder, env=environment, capture_output=True, check=True)
    left = screen(output).replace(str(folder), "~/demo").replace(str(home), "~")
    if code:
        raise RuntimeError(f"{command} ended with {code}:\n{left}")
    return left


def _on_a_terminal(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """The exit code, and all that was written."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    with subprocess.Popen(
        command.split(), cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        output = bytearray()
        try:
            while chunk := os.read(ours, 1 << 16):
                output += chunk
        except OSError as error:
            if error.errno != errno.EIO:  # how Linux tells that the other side is closed
                raise
        finally:
            os.close(ours)
        return process.wait(), output.decode()


def picture(command: str, left: str) -> str:
    """The SVG of a terminal with this command line and what it left."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.assemble("$ ", (command, "bold")))
    console.print(Text.from_ansi(left))
    template = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    template = template.replace("Fira Code, monospace", _FONTS).replace("arial", "arial, sans-serif")
    svg = console.export_svg(title="~/demo", code_format=template, unique_id="devkit")
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def words(svg: str) -> str:
    """What a reader can read in a picture, a line for each."""
    found = re.findall(r"<text[^>]*\by=\"([^\"]*)\"[^>]*>([^<]*)</text>", svg)
    lines: dict[str, str] = {}
    for height, text in found:
        lines[height] = lines.get(height, "") + html.unescape(text).replace("\xa0", " ")
    return "\n".join(line.rstrip() for line in lines.values() if line.strip())


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        left = run(COMMAND, Path(home).resolve())
    if f"127.0.0.1:{PORT}" not in left:
        sys.stderr.write(f"port {PORT} is taken here, and the picture would show another: end what uses it\n")
        return 1
    PICTURE.write_text(picture(COMMAND, left), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
