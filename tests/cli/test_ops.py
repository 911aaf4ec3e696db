"""devkit ops, as typed: what the screen shows at 80 columns, and what programs get."""

import json
from collections.abc import Callable

import pytest
import typer

from devkit.cli import boundary
from devkit.cli.ops import ops
from devkit.core.contract import contract

Ops = Callable[..., tuple[int, str, str]]
SLOW_TO_READ = 80


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ops:
    """Runs `devkit ops …` 80 columns wide: exit code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "80")
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command("ops")(ops)
    app.command("other")(lambda: None)

    def called(*arguments: str) -> tuple[int, str, str]:
        code = boundary.run(app, ["ops", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


def test_without_words_every_operation_is_listed_under_its_tag(run: Ops) -> None:
    code, out, err = run()

    assert (code, err) == (0, "")
    assert all(name in out for name in contract().operations)
    assert all(f"\n{tag}\n" in f"\n{out}" for tag in contract().tags)


@pytest.mark.parametrize(
    "words", [[], ["grant"], ["--tag", "Billing"], ["queryMeter"], ["overrideCustomerEntitlementV2"]]
)
def test_nothing_is_wider_than_the_screen_but_what_is_copied(words: list[str], run: Ops) -> None:
    _, out, _ = run(*words)

    shown = out.split("\nTry it\n")[0].splitlines()
    assert [line for line in shown if len(line) > SLOW_TO_READ or line != line.rstrip()] == []


def test_without_a_terminal_there_is_no_colour(run: Ops) -> None:
    assert "\x1b" not in run("createMeter")[1]


def test_a_card_has_all_parts(run: Ops) -> None:
    _, out, _ = run("createmeter")

    assert out.startswith("POST /api/v1/meters\ncreateMeter · Meters\n")
    parts = [
        "Body",
        "  application/json  MeterCreate",
        '  "slug": "tokens_total",',
        "Answers",
        "  201  application/json  Meter",
    ]
    assert [part for part in [*parts, "Watch out", "Try it"] if part not in out.splitlines()] == []
    assert 'curl -X POST "$OPENMETER_URL/api/v1/meters"' in out


def test_a_long_path_is_broken_before_a_slash(run: Ops) -> None:
    _, out, _ = run("grant")

    assert (
        "  GET    /api/v1/subjects/{subjectIdOrKey}/entitlements\n         /{entitlementIdOrFeatureKey}/grants\n" in out
    )


def test_several_matches_are_a_list_with_the_best_first(run: Ops) -> None:
    _, out, _ = run("void", "grant")

    assert out.splitlines()[0] == "  DELETE /api/v1/grants/{grantId}"


@pytest.mark.parametrize(("words", "amount"), [([], 153), (["createMeter"], 1), (["--tag", "app-stripe"], 3)])
def test_for_programs_there_is_one_document_with_whole_cards(words: list[str], amount: int, run: Ops) -> None:
    code, out, _ = run(*words, "--output", "json")

    answer = json.loads(out)
    assert code == 0
    assert (answer["ok"], answer["command"]) == (True, "ops")
    assert len(answer["data"]["operations"]) == amount
    assert {"id", "method", "path", "parameters", "bodies", "answers", "gotchas", "curl"} <= set(
        answer["data"]["operations"][0]
    )


def test_no_match_ends_with_1_and_the_nearest(run: Ops) -> None:
    code, out, err = run("creatMetre")

    assert (code, out) == (1, "")
    assert "createMeter" in err


def test_an_unknown_tag_ends_with_2(run: Ops) -> None:
    code, out, err = run("--tag", "nothing")

    assert (code, out) == (2, "")
    assert "Meters" in err
