"""devkit seed and devkit stream, as typed: exit codes, what goes where, and JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from devkit.cli import boundary
from devkit.cli.app import app

Devkit = Callable[..., tuple[int, str, str]]


@pytest.fixture
def devkit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Devkit:
    """Runs devkit in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENMETER_URL", raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = boundary.run(app, arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def pack(tmp_path: Path) -> str:
    mark = f"t{uuid4().hex[:10]}"
    (tmp_path / "p.yaml").write_text(
        f"version: 1\nmeters: [{{slug: {mark}, eventType: {mark}, aggregation: COUNT}}]\nsubjects: [{{key: {mark}}}]\n"
        f"streams: [{{name: {mark}, eventType: {mark}, events: 50, over: 1d, data: {{a: 1}}}}]\n"
    )
    return "./p.yaml"


def test_plan_apply_and_check_follow_one_another(devkit: Devkit, pack: str, embedded_url: str) -> None:
    code, out, err = devkit("seed", "plan", pack, "--url", embedded_url)
    assert code == 0
    assert "2 to create" in out
    assert f"devkit seed apply {pack}" in err
    code, out, err = devkit("seed", "check", pack, "--url", embedded_url)
    assert code == 1
    assert "differs from ./p.yaml in 2 resources" in err
    assert devkit("seed", "apply", pack, "--url", embedded_url)[1].endswith("p: 2 created\n")
    assert devkit("seed", "apply", pack, "--url", embedded_url)[1] == "p: 2 unchanged\n"
    code, out, _ = devkit("seed", "check", pack, "--url", embedded_url)
    assert code == 0
    assert "holds 2 resources of it" in out


def test_json_is_one_envelope(devkit: Devkit, pack: str, embedded_url: str) -> None:
    code, out, _ = devkit("seed", "apply", pack, "--url", embedded_url, "--output", "json")
    answer = json.loads(out)
    assert (code, answer["ok"], answer["command"], answer["data"]["changed"]) == (0, True, "seed apply", True)
    assert answer["data"]["counts"]["create"] == 2
    code, out, _ = devkit("stream", "send", pack, "--url", embedded_url, "--output", "json")
    (sent,) = json.loads(out)["data"]["streams"]
    assert (code, sent["sent"], sent["equal"]) == (0, 50, True)
    assert sent["meters"][0]["expected"] == sent["meters"][0]["actual"] == 50


def test_drift_as_json_is_1_with_the_differences(devkit: Devkit, pack: str, embedded_url: str) -> None:
    code, out, _ = devkit("seed", "check", pack, "--url", embedded_url, "--output", "json")
    answer = json.loads(out)
    assert code == answer["error"]["exit_code"] == 1
    assert [change["action"] for change in answer["data"]["server"]["changes"]] == ["create", "create"]


def test_a_wrong_file_is_2_with_every_place(devkit: Devkit, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("version: 1\nmeter: []\nsubjects:\n  - kee: a\n")
    code, out, err = devkit("seed", "check", "bad.yaml")
    assert code == 2
    assert not out
    assert "bad.yaml:2:1: meter: unknown key (did you mean 'meters'?)" in err
    assert "bad.yaml:4:5: subjects[0].kee: unknown key (did you mean 'key'?)" in err


def test_without_a_server_only_the_file_is_checked(devkit: Devkit) -> None:
    code, out, err = devkit("seed", "check", "ai-tokens")
    assert code == 0
    assert out == "seeds/ai-tokens.yaml is right\n"
    assert "not compared with a server" in err


def test_a_server_that_was_asked_for_must_answer(devkit: Devkit) -> None:
    assert devkit("seed", "check", "minimal", "--url", "http://127.0.0.1:1")[0] == 5
    assert devkit("seed", "plan", "minimal")[0] == 5
    assert devkit("stream", "send", "minimal", "--url", "nonsense")[0] == 2


def test_a_stream_is_sent_and_its_totals_shown(devkit: Devkit, pack: str, embedded_url: str) -> None:
    devkit("seed", "apply", pack, "--url", embedded_url)
    code, out, err = devkit("stream", "send", pack, "--url", embedded_url, "--events", "40", "--batch", "7")
    assert code == 0
    assert "all 3 totals equal what was generated" not in out
    assert "all 2 totals equal what was generated" in out
    assert "40 t" in err
    assert devkit("stream", "verify", pack, "--url", embedded_url, "--events", "40")[0] == 0
    code, out, err = devkit("stream", "verify", pack, "--url", embedded_url, "--events", "41")
    assert code == 1
    assert "differ" in out
    assert "error: 2 totals differ from what was generated" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--over", "30x"], "--over: '30x' is no duration"),
        (["--from", "2026-01-01"], "--from needs --to"),
        (["--from", "2026-01-02", "--to", "2026-01-01"], "is empty"),
        (["--to", "2999-01-01"], "ends in the future"),
        (["--over", "1d", "--from", "2026-01-01"], "exclude each other"),
        (["--from", "soon", "--to", "2026-01-01"], "--from: 'soon' is no time"),
    ],
)
def test_an_impossible_range_is_2(devkit: Devkit, arguments: list[str], message: str) -> None:
    code, _, err = devkit("stream", "send", "minimal", "--url", "http://127.0.0.1:1", *arguments)
    assert code == 2
    assert message in err


def test_lists_show_what_devkit_brings(devkit: Devkit) -> None:
    assert "ai-tokens" in devkit("seed", "packs")[1]
    assert "prompts of ai-tokens: 20,000 prompt events, seed 42" in devkit("stream", "list")[1]
    assert json.loads(devkit("seed", "schema")[1])["title"] == "devkit seed pack"


def test_a_pack_must_be_named_where_the_instance_has_none(devkit: Devkit) -> None:
    code, _, err = devkit("stream", "send", "--url", "http://127.0.0.1:1")
    assert code == 2
    assert "one of ai-tokens, minimal" in err
