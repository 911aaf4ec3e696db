"""Makes the contract from an OpenAPI file of OpenMeter, and tells what that changes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.core.atomic import write_atomically
from devkit.core.contract import Contract, from_document
from devkit.core.contract_changes import Change, compare
from devkit.core.contract_reduction import ReductionError, reduce
from devkit.core.data import data_path
from devkit.core.document_source import Document, read_document
from devkit.core.errors import DevkitError, UsageError


@dataclass(frozen=True)
class Imported:
    """What an import did. `changes` is None where there was no contract before.

    kept_release: the file named no release, so the contract keeps the one it had
    """

    contract: Contract
    target: Path
    changes: list[Change] | None
    written: bool
    kept_release: bool


def import_spec(
    source: Path, target: Path | None = None, *, release: str | None = None, write: bool = True
) -> Imported:
    """Reduces `source` to its facts and writes them to `target`, by default the contract of this checkout.

    release: of OpenMeter; without it what `source` names, else what `target` named before
    Raises InputError with a place for a malformed file, UsageError where there is nowhere to write.
    """
    target = target or _own_contract()
    document = read_document(source)
    before = _previous(target)
    named = release or _named_release(document.value)
    kept = None if named else _named_release(before)
    after = _reduced(document, named or kept)
    content = (json.dumps(after, indent=1, ensure_ascii=False) + "\n").encode()
    if write:
        _write(target, content)
    new = from_document(after)
    changes = None if before is None else compare(from_document(before), new)
    return Imported(new, target, changes, write, kept is not None)


def _own_contract() -> Path:
    own = data_path("assets/openapi.json")
    if not (own.parent.parent / "pyproject.toml").is_file():
        raise UsageError("this devkit is installed, so it has no checkout to write to", hint="say where: --to FILE")
    return own


def _reduced(document: Document, release: str | None) -> dict[str, Any]:
    try:
        return reduce(document.value, release)
    except ReductionError as error:
        raise document.error(error.message, *error.keys, hint=error.hint) from error
    except RecursionError as error:
        raise document.error("nested too deeply") from error


def _previous(target: Path) -> dict[str, Any] | None:
    """The contract that stands there, reduced, so that a whole OpenAPI file can be compared with, too."""
    return _reduced(read_document(target), None) if target.exists() else None


def _named_release(document: Any) -> str | None:
    info = document.get("info") if isinstance(document, Mapping) else None
    release = info.get("x-openmeter-version") if isinstance(info, Mapping) else None
    return None if release is None else str(release)


def _write(target: Path, content: bytes) -> None:
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    try:
        if target.exists() and target.read_bytes() == content:
            return
        write_atomically(target, content)
        target.chmod(mode)
    except OSError as error:
        raise DevkitError(f"cannot write {target}: {error.strerror}", hint="choose another file: --to FILE") from error
