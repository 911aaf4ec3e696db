"""Where the data files are that devkit ships: the contract, seed packs, Compose files.

In a checkout they stand at its top level; the wheel carries them inside the package (pyproject.toml).
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def data_path(relative: str) -> Path:
    """The path of a shipped file or folder, such as `assets/openapi.json`. It need not exist."""
    installed = _PACKAGE / "_data"
    root = installed if installed.is_dir() else _PACKAGE.parent
    return root / relative
