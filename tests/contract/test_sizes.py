"""The size rules: a module that has grown past its noun is split, not scrolled."""

from pathlib import Path

import devkit

LIMIT = 400
BANNED_NAMES = {"utils", "helpers", "common", "manager"}
PACKAGE = Path(devkit.__file__).parent


def test_no_module_is_over_the_limit() -> None:
    lengths = {path.relative_to(PACKAGE): len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}

    assert len(lengths) > 20
    assert {str(path): lines for path, lines in lengths.items() if lines > LIMIT} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in PACKAGE.rglob("*.py") if path.stem in BANNED_NAMES] == []
