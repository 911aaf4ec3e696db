"""The walk through a pack of one's own ends as the page shows it, on a real server."""

from pathlib import Path

from devkit.seeding.kinds import KINDS
from tests.cli.program import Program
from tests.docs.pages import blocks, pages
from tests.servers import embedded_server, free_port

PAGE = "docs/seeding.md"


def shown_after(command: str) -> list[str]:
    """The lines that the page shows below a command, up to the next one."""
    text = next(block.text for block in blocks("console") if block.page == PAGE and f"$ {command}\n" in block.text)
    return text.partition(f"$ {command}\n")[2].partition("\n$ ")[0].splitlines()


def test_the_pack_of_the_page_is_applied_streamed_and_compared(tmp_path: Path) -> None:
    whole = next(block for block in blocks("yaml") if block.page == PAGE and "subscriptions:" in block.text)
    (tmp_path / "photos.yaml").write_text(whole.text, encoding="utf-8")
    program = Program(tmp_path, free_port())

    with embedded_server(tmp_path / "data") as url:
        applied = program("seed", "apply", "photos.yaml", "--url", url)
        again = program("seed", "apply", "photos.yaml", "--url", url)
        sent = program("stream", "send", "photos.yaml", "--url", url)
        checked = program("seed", "check", "photos.yaml", "--url", url)

    assert applied.out.splitlines() == shown_after("devkit seed apply photos.yaml")
    assert again.out.splitlines() == ["photos: 7 unchanged"]
    assert sent.out.splitlines()[-1] == shown_after("devkit stream send photos.yaml")[-1]
    assert "holds 7 resources" in checked.out


def test_what_a_wrong_pack_is_told_is_on_the_page(tmp_path: Path) -> None:
    right = next(block.text for block in blocks("yaml") if block.page == PAGE and "resized_photos" in block.text)
    (tmp_path / "broken.yaml").write_text(right.replace("COUNT", "SUM"), encoding="utf-8")

    refused = Program(tmp_path, free_port())("seed", "check", "broken.yaml", "--offline", code=2)

    assert refused.err.splitlines() == shown_after("devkit seed check broken.yaml --offline")


def test_the_table_of_kinds_has_every_section_of_a_pack() -> None:
    table = pages()[PAGE].partition("## Kinds")[2].partition("\n## ")[0]

    assert [kind.SECTION for kind in KINDS if f"`{kind.SECTION}`" not in table] == []
