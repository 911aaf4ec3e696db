"""Every link within the project leads somewhere, and every page is reached from the README."""

import pytest

from tests.docs.pages import anchors, exists, links, pages


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    targets = list(links(page))

    assert targets
    assert [target for target in targets if not exists(target.partition("#")[0])] == []
    with_anchor = [target.partition("#") for target in targets if "#" in target]
    assert [f"{path}#{anchor}" for path, _, anchor in with_anchor if anchor not in anchors(path)] == []


def test_a_path_that_is_not_there_is_found_out() -> None:
    assert not exists("devkit/cli/nowhere.py")
    assert not exists("docs/nowhere.md")
    assert not exists("assets/nowhere.json")


def test_every_page_is_reached_from_the_readme() -> None:
    assert set(pages()) - {target.partition("#")[0] for target in links("README.md")} == {"README.md"}
