"""A fake secret in every place that configuration can come from is found in nothing that devkit prints or writes.

Where one may be is said by name: PRIVATE files, which nobody else may read, and the user's OWN. `--token` is in its own
command line by nature; its help says that DEVKIT_TOKEN is better. `devkit env` prints the token of a server elsewhere:
it is asked for that.
"""

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import typer

from devkit.adapters.stripe import StripeAccess
from devkit.cli import boundary
from devkit.cli.target import session_here
from devkit.standins.background_server import BackgroundServer
from devkit.standins.ngrok.executable import write_executable
from tests.cli.outside import Outsider, outsider
from tests.cli.planted import Search, planted

# What the agent needs again; ngrok's configuration; OpenMeter's own data.
PRIVATE = ("secrets.json", "ngrok.yml", "records.sqlite", "records.sqlite-wal", "records.sqlite-shm")
OWN = ("devkit.yaml", "pack.yaml")

LOOKS: tuple[tuple[str, ...], ...] = (
    ("status", "--settings"),
    ("list",),
    ("doctor",),
    ("tunnel", "status"),
    ("stripe", "status"),
    ("stripe", "gc", "--dry-run"),
)
FORMS: tuple[tuple[str, ...], ...] = ((), ("--output", "json"), ("--output", "ndjson"))
# It tells its whole configuration, and then why it ends.
TALKATIVE = """#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in --config) cat "$2" ;; --config=*) cat "${1#--config=}" ;; esac
  shift
done
echo 'lvl=eror msg="failed to start" err="ERR_NGROK_107"'
exit 1
"""


@pytest.fixture
def devkit(tmp_path: Path) -> Iterator[Outsider]:
    (tmp_path / "home").mkdir()
    with outsider(tmp_path) as made:
        yield made


def _save_with_ngrok(folder: Path, token: str) -> None:
    """As `ngrok config add-authtoken` does."""
    configuration = folder / "home" / ".config" / "ngrok" / "ngrok.yml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(f'version: "3"\nagent: {{authtoken: {token}}}\n')
    configuration.chmod(0o600)


class Echo(BaseHTTPRequestHandler):
    """Answers everything with what it was sent, the credentials among it."""

    def _answer(self) -> None:
        body = json.dumps({"detail": f"you sent {self.headers.get('Authorization')}"}).encode()
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(403 if self.path.startswith("/api/v1/meters") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names of the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - a name of the base class
        """Says nothing."""


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    with BackgroundServer(listener, Echo) as server:
        yield f"http://127.0.0.1:{server.port}"


def test_from_up_to_destroy_keys_and_tokens_stay_where_they_belong(
    devkit: Outsider, stripe_address: str, tmp_path: Path
) -> None:
    key, token, other, saved = planted("sk_test_devkit_123_"), planted("2"), planted(), planted("3")
    search = Search([key, token, other, saved])
    _save_with_ngrok(tmp_path, saved)
    (devkit.folder / "devkit.yaml").write_text(f"ngrok-authtoken: {token}\n")
    given = {
        "STRIPE_API_KEY": key,
        "OPENMETER_TOKEN": other,
        "DEVKIT_STRIPE_API_BASE": stripe_address,
        "DEVKIT_NGROK_PATH": str(write_executable(tmp_path / "ngrok")),
    }

    def ran(*words: str, code: int | None = 0) -> None:
        search.answer(devkit(*words, code=code, **given), " ".join(words))

    with search.processes():
        ran("--debug", "up", "--plan", "--tunnel", "ngrok")
        ran("up", "--tunnel", "ngrok", "--seed", "minimal")
        signing = StripeAccess(key, stripe_address).endpoint_secret(devkit.said()["webhook"]["app"])
        assert signing is not None
        search.values.append(signing)
        ran("up", "--output", "ndjson")
        for words in (*(words + form for words in LOOKS for form in FORMS[:2]), ("env",), ("logs",)):
            ran(*words, code=None)
        ran("tunnel", "restart", "--output", "json")
        ran("stripe", "sync", "--output", "json")
        ran("stripe", "trigger", "checkout", "--output", "json")
        ran("smoke", "--tag", "app-stripe", "--junit", str(tmp_path / "report.xml"), "--output", "json")
    search.files(tmp_path, private=PRIVATE, users=OWN)
    kept = devkit.secrets()
    assert (kept["stripe_key"], kept["ngrok_token"]) == (key, token)  # so they would have been found
    ran("destroy", "--yes", "--output", "json")
    search.files(tmp_path, private=["ngrok.yml"], users=OWN)
    assert not search.seen


def test_with_stand_ins_their_keys_stay_where_they_belong(devkit: Outsider, tmp_path: Path) -> None:
    search = Search(["nothing that is anywhere"])
    with search.processes():
        devkit("up", "--offline", "--seed", "minimal")
        search.values += [devkit.secrets()["offline_key"], devkit.said()["token"]]
        for words in (*LOOKS, ("up",), ("env",), ("logs",), ("tunnel", "restart"), ("stripe", "sync")):
            search.answer(devkit(*words, code=None), " ".join(words))
    search.files(tmp_path, private=(*PRIVATE, "stripe.json", "outside.json"))
    assert not search.seen


@pytest.mark.parametrize("trouble", ["unknown", "live", "unreachable", "unprintable", "ngrok", "saved"])
def test_an_up_that_fails_shows_none(devkit: Outsider, stripe_address: str, tmp_path: Path, trouble: str) -> None:
    beginning = {"unknown": "rk_test_", "live": "sk_live_", "unprintable": "sk_test_\n"}
    key, token = planted(beginning.get(trouble, "sk_test_devkit_123_")), planted("2")
    program = write_executable(tmp_path / "ngrok")
    if trouble in ("ngrok", "saved"):
        program.write_text(TALKATIVE)
    if trouble == "saved":
        _save_with_ngrok(tmp_path, token)
    given = {
        "DEVKIT_STRIPE_API_KEY": key,
        "DEVKIT_NGROK_AUTHTOKEN": token if trouble != "saved" else "",
        "DEVKIT_STRIPE_API_BASE": "http://127.0.0.1:9" if trouble == "unreachable" else stripe_address,
        "DEVKIT_NGROK_PATH": str(program),
    }
    search = Search([key, token])
    with search.processes():
        words = ("--debug", "up", "--tunnel", "ngrok", "--output", "ndjson" if trouble == "ngrok" else "text")
        answer = search.answer(devkit(*words, code=None, **given), "up")
        search.answer(devkit("logs", code=None, **given), "logs")
    assert answer.code != 0
    search.files(tmp_path, private=PRIVATE)
    assert not search.seen


@pytest.mark.parametrize(
    "content",
    [
        "stripe-api-kee: sk_test_{}\n",
        "stripe-api-key: [sk_test_{}]\n",
        "ngrok-authtoken: {{a: {}}}\n",
        "token: *{}\n",
        "ngrok-authtoken: !{}\n",
        'token: "{}\n',
        "token: {}: x\n",
        "port: sk_test_{}\n",
        "backend: whsec_{}\n",
        "url: https://me:{}@openmeter.example.com\n",
        "tunnel-url: me:{}@openmeter.example.com\n",
        "stripe-api-base: http://{}@127.0.0.1:9\n",
        "seed: [sk_test_{}]\n",
        "token: {}\nnonsense: 1\n",
        "token: {}\ntoken: {}\n",
    ],
)
def test_a_settings_file_that_is_wrong_is_told_without_its_values(devkit: Outsider, content: str) -> None:
    secret = planted()
    (devkit.folder / "devkit.yaml").write_text(content.format(secret, secret))
    search = Search([secret])
    for form in FORMS[:2]:
        answer = search.answer(devkit("--debug", "up", *form, code=2), "up")
        assert "devkit.yaml" in answer.out + answer.err or content.startswith("seed")
    assert not search.seen


@pytest.mark.parametrize(
    ("words", "variable"),
    [
        (("up", "--backend", "remote", "--url", "https://me:{}@openmeter.example.com"), ""),
        (("up", "--tunnel", "static", "--tunnel-url", "https://me:{}@openmeter.example.com"), ""),
        (("up", "--tunnel", "ngrok", "--tunnel-url", "me:{}@openmeter.ngrok.app"), ""),
        (("smoke", "--url", "http://{}@127.0.0.1:9"), ""),
        (("seed", "apply", "minimal", "--url", "http://me:{}@127.0.0.1:9"), ""),
        (("status",), "DEVKIT_URL"),
        (("up",), "DEVKIT_TUNNEL_URL"),
        (("up", "--offline"), "DEVKIT_STRIPE_API_BASE"),
        (("smoke",), "OPENMETER_URL"),
        (("up", "--port", "sk_test_{}"), ""),
        (("up", "STRIPE_API_KEY={}"), ""),
        (("sk_test_{}",), ""),
    ],
)
def test_addresses_with_a_password_and_misplaced_keys_are_refused_unseen(
    devkit: Outsider, words: tuple[str, ...], variable: str
) -> None:
    secret = planted()
    given = {variable: f"https://me:{secret}@openmeter.example.com"} if variable else {}
    search = Search([secret])
    for form in FORMS[:2]:
        command = [word.format(secret) for word in words]
        search.answer(devkit(*command, *form, code=2, **given), command[0])
    search.files(devkit.folder)
    assert not search.seen


@pytest.mark.parametrize("form", FORMS)
def test_a_server_that_repeats_the_token_is_not_repeated(
    devkit: Outsider, echo: str, tmp_path: Path, form: tuple[str, ...]
) -> None:
    secret = planted()
    search = Search([secret])
    report = tmp_path / "report.xml"
    smoke = ("smoke", "--tag", "lookup-information", "--tag", "subjects", "--wait", "1", "--url", echo)
    with search.processes(but="--token"):
        words = (*smoke, "--junit", str(report), *form)
        assert "you sent" in search.answer(devkit(*words, code=1, OPENMETER_TOKEN=secret), "smoke").out
        up = ("--debug", "up", "--url", echo, *form)
        search.answer(devkit(*up, code=4, DEVKIT_TOKEN=secret, DEVKIT_BACKEND="remote"), "up")
        search.answer(devkit(*up, "--token", secret, code=4, DEVKIT_BACKEND="remote"), "up --token")
        for words in (("status", "--settings", *form), ("list", *form), ("doctor", *form)):
            search.answer(devkit(*words, code=None), words[0])
    assert "you sent" in report.read_text()
    search.files(tmp_path, private=["state.json"])
    assert not search.seen
    assert "better: DEVKIT_TOKEN" in " ".join(devkit("up", "--help").out.split())


def test_the_secrets_of_a_seed_pack_are_not_shown(devkit: Outsider, embedded_url: str) -> None:
    signing, header, key = planted(f"whsec_{'a' * 17}"), planted("Bearer "), planted("sk_test_")
    search = Search([signing, header, key])
    pack = devkit.folder / "pack.yaml"
    channel = (
        "version: 1\nchannels: [{{name: c, url: '{}', signingSecret: {}, customHeaders: {{Authorization: {}}}}}]\n"
    )

    def ran(*words: str, code: int) -> None:
        for form in FORMS:
            search.answer(devkit("seed", *words, "./pack.yaml", "--url", embedded_url, *form, code=code), words[0])

    for url, headers in (("http://127.0.0.1:9/", "Bearer first-one"), ("http://127.0.0.1:9/b", header)):
        pack.write_text(channel.format(url, signing, headers))
        ran("plan", code=0)
        ran("apply", code=0)
    pack.write_text(f"version: 1\napps: [{{key: s, name: s, type: stripe, apiKey: {key}}}]\n")
    ran("apply", code=2)
    assert not search.seen


def test_a_bug_shows_none_in_its_report_and_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key, token = planted("sk_test_"), planted()
    (tmp_path / "devkit.yaml").write_text(f"token: {token}\n")
    (tmp_path / ".devkit").mkdir()
    monkeypatch.chdir(tmp_path)
    program = typer.Typer(pretty_exceptions_enable=False)

    @program.command()
    def failing(given: str) -> None:
        raise ValueError(f"{given} and {session_here().settings.token}")

    assert boundary.run(program, ["--debug", key]) != 0
    assert boundary.run(program, [key]) == boundary.BUG
    monkeypatch.setenv("DEVKIT_DEBUG", "1")
    assert boundary.run(program, [key]) == boundary.BUG
    said = "".join(capsys.readouterr())
    assert "ValueError: sk_test_… and …" in said
    search = Search([key, token])
    assert not search.holds(said)
    search.files(tmp_path, users=OWN)
    assert len(list((tmp_path / ".devkit").glob("devkit-bug-*.log"))) == 2
    assert not search.seen
