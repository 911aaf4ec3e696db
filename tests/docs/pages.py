"""The pages of the documentation, and the blocks and links in them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import devkit
from devkit.core.data import data_path

ROOT = Path(__file__).resolve().parents[2]
#: Beside an installed devkit only these stand in the folder of the tests (.ci/run).
IS_CHECKOUT = (ROOT / "Makefile").exists()

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A block of code. page: the file's name; line: where it begins, from 1"""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def pages() -> Mapping[str, str]:
    """The text of each page by its path from the top: README.md, docs/ci.md."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}


def blocks(*languages: str) -> list[Block]:
    """Of all pages, in these languages."""
    return [
        Block(page, text[: found.start()].count("\n") + 1, found[1], found[2])
        for page, text in pages().items()
        for found in _BLOCK.finditer(text)
        if found[1] in languages
    ]


def links(page: str) -> Iterator[str]:
    """What a page links to within the project: `docs/ci.md#exit-codes`, from the top."""
    for target in _LINK.findall(_BLOCK.sub("", pages()[page])):
        if not re.match(r"\w+:", target):
            path, hash_, anchor = target.partition("#")
            whole = (ROOT / page).parent / path if path else ROOT / page
            yield Path(*whole.resolve().relative_to(ROOT).parts).as_posix() + hash_ + anchor


def exists(path: str) -> bool:
    """Whether there is such a file or folder, wherever this installation has it."""
    top = path.partition("/")[0]
    if top == "devkit":
        return (Path(devkit.__file__).parents[1] / path).exists()
    if top in ("assets", "seeds", "compose"):
        return data_path(path).exists()
    return (ROOT / path).exists() or (not IS_CHECKOUT and top not in ("docs", "tests", "README.md"))


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", pages()[page]), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
