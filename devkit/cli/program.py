"""How people can call this devkit again."""

import shutil
import sys
from pathlib import Path


def program() -> str:
    """`devkit` where the shell finds this very one by its name, else its path or `python -m devkit`."""
    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{Path(sys.executable).name} -m devkit"
    found = shutil.which("devkit")
    if called.name != "devkit" or (found and Path(found).resolve() == called.resolve()):
        return "devkit"
    try:
        return str(called.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(called.absolute())
