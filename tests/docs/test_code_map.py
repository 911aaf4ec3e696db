"""The map of the code names paths that are there (test_links.py), under their own names, and leaves out no package."""

import re
from pathlib import Path

import devkit
from devkit.core.contract import contract
from tests.docs.pages import links, pages

MAP = "docs/code-map.md"
PACKAGE = Path(devkit.__file__).parent


def test_what_is_called_by_a_path_leads_there() -> None:
    named = re.findall(r"\[((?:[\w.-]+/)*[\w-]+\.(?:py|yaml|json|lock))\]\(([^)]+)\)", pages()[MAP])

    assert len(named) > 30
    assert [text for text, target in named if not target.endswith(text)] == []


def test_every_package_stands_in_it() -> None:
    packages = {f"devkit/{folder.name}" for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}

    assert len(packages) > 10
    assert packages - set(links(MAP)) == set()


def test_the_module_of_every_tag_stands_in_it() -> None:
    tags = {operation.tags[0] for operation in contract().operations.values()}
    modules = {f"devkit/embedded/tags/{path.name}" for path in (PACKAGE / "embedded" / "tags").iterdir()}
    modules -= {f"devkit/embedded/tags/{name}" for name in ("__init__.py", "__pycache__")}

    assert len(modules) >= len(tags)
    listed = set(links(MAP))
    assert {module for module in modules if module not in listed} <= {
        "devkit/embedded/tags/debug.py",  # one operation each, that do nothing else
        "devkit/embedded/tags/lookup_information.py",
    }
