"""What is known of the outside survives a file, shows no secret, and is nothing where the file says nothing."""

from pathlib import Path

import pytest

from devkit.core.instance import Instance, prepare_folder
from devkit.core.outside import Outside, TunnelReport, WebhookReport, Wish, outside_file, read_outside, write_outside
from devkit.core.processes import Process

PROCESS = Process(1, 2.0)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    prepare_folder(Instance(tmp_path))
    return Instance(tmp_path)


def test_all_of_it_comes_back(instance: Instance) -> None:
    tunnel = TunnelReport("https://a.example", "p", "h", 3, "2026-01-01T00:00:00Z")
    webhook = WebhookReport("app", "acct", "we", "https://a.example/x", "1", "2", ("one", "two"), "p", "h")
    said = Outside(
        wish=Wish("static", "https://a.example", stripe_base="http://127.0.0.1:1"),
        process=PROCESS,
        token="t",
        control=1,
        gateway=2,
        stripe=3,
        stripe_outside=4,
        tunnel=tunnel,
        webhook=webhook,
    )
    write_outside(instance, said)
    assert read_outside(instance) == said


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"{}", b'{"wish": {"provider": 1}}'])
def test_a_file_that_cannot_be_understood_says_nothing(instance: Instance, content: bytes) -> None:
    outside_file(instance).write_bytes(content)
    assert read_outside(instance) is None


def test_a_file_that_is_not_there_says_nothing(instance: Instance) -> None:
    assert read_outside(instance) is None


def test_the_token_is_not_shown() -> None:
    said = Outside(wish=Wish("ngrok"), process=PROCESS, token="planted")
    assert "planted" not in f"{said} {said!r} {[said]}"


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (Wish("ngrok", offline=True), "stand-ins for Stripe and ngrok"),
        (Wish("ngrok"), "tunnel ngrok"),
        (Wish("static", "https://a.example"), "tunnel static at https://a.example"),
    ],
)
def test_a_wish_is_said_in_words(wish: Wish, text: str) -> None:
    assert str(wish) == text
    assert wish.anything


def test_no_provider_is_no_wish() -> None:
    assert not Wish().anything


def test_the_stand_in_that_runs_here_counts_more_than_the_one_asked_for() -> None:
    def base(stripe: int, asked: str) -> str | None:
        return Outside(wish=Wish("ngrok", stripe_base=asked), process=PROCESS, stripe=stripe).stripe_base

    assert base(7, "http://127.0.0.1:1") == "http://127.0.0.1:7"
    assert base(0, "http://127.0.0.1:1") == "http://127.0.0.1:1"
    assert base(0, "") is None
