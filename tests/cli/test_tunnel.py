"""Tunnels that a user brings: an address of their own, and ngrok with a token. Stripe is a stand-in of its own."""

import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.outside import Forwarder, Outsider, outsider, wait_for

TOKEN = "2planted-authtoken-of-nobody"
FAILURES = {
    "4018": (4, "ngrok asks for an authtoken and has none (ERR_NGROK_4018)"),
    "105": (2, "the ngrok authtoken has not the form of one (ERR_NGROK_105)"),
    "107": (2, "ngrok does not know the authtoken, or it was revoked (ERR_NGROK_107)"),
    "108": (1, "the ngrok account has as many agents running as its plan allows (ERR_NGROK_108)"),
    "334": (1, "another ngrok agent serves this address already (ERR_NGROK_334)"),
    "bind": (1, "the port of the ngrok agent's own API is taken"),
}
SLOW_FAILURES = {
    "silent": (1, "the ngrok agent said nothing for 20 seconds"),
    "offline": (5, "the ngrok agent reached none of ngrok's servers within 20 seconds"),
    "old": (4, "this ngrok agent is too old: it does not know endpoints"),
    "die": (1, "the tunnel does not stay open: the ngrok agent has ended"),
}


@dataclass(frozen=True)
class Account:
    """An account of its own at the stand-in of Stripe."""

    base: str
    key: str

    @property
    def variables(self) -> dict[str, str]:
        return {"STRIPE_API_KEY": self.key, "DEVKIT_STRIPE_API_BASE": self.base}

    def endpoints(self, devkit: Outsider) -> list[dict[str, Any]]:
        with devkit.stripe(self.base, self.key) as client:
            return [each.to_dict() for each in client.v1.webhook_endpoints.list().data]


@pytest.fixture
def account(stripe_address: str) -> Account:
    return Account(stripe_address, f"sk_test_devkit_123_{uuid.uuid4().hex}")


@pytest.fixture
def devkit(tmp_path: Path, account: Account) -> Iterator[Outsider]:
    """devkit with a key of Stripe's, as the environment of a user has it."""
    with outsider(tmp_path) as program:
        yield with_variables(program, **account.variables)


def with_variables(program: Outsider, **variables: str) -> Outsider:
    return replace(program, environment={**program.environment, **variables})


@pytest.fixture(scope="module")
def ngrok(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The stand-in of ngrok as a program."""
    with outsider(tmp_path_factory.mktemp("ngrok")) as program:
        program("standin", "ngrok", "--executable", "ngrok")
        return str(program.folder / "ngrok")


@pytest.fixture
def with_ngrok(devkit: Outsider, ngrok: str) -> Outsider:
    return with_variables(devkit, DEVKIT_NGROK_PATH=ngrok, NGROK_AUTHTOKEN=TOKEN)


@pytest.fixture
def forwarder() -> Iterator[Forwarder]:
    with Forwarder() as running:
        yield running


Static = Callable[..., Any]


@pytest.fixture
def up_static(devkit: Outsider, forwarder: Forwarder) -> Static:
    """`up` with an address of the user's. The first one only tells where it has to lead."""

    def up(*words: str) -> Any:
        if not forwarder.target:
            refused = devkit("up", "--tunnel", "static", "--tunnel-url", forwarder.url, code=1)
            assert "does not lead to devkit's gateway" in refused.err or "cannot be reached" in refused.err
            forwarder.target = devkit.said()["gateway"]
            assert f"it must forward to http://127.0.0.1:{forwarder.target}" in refused.err
            assert "hint: " in refused.err
        return devkit.up("--tunnel", "static", "--tunnel-url", forwarder.url, *words)

    return up


def test_an_address_of_the_user_s_own_leads_webhooks_to_the_app(
    devkit: Outsider, up_static: Static, forwarder: Forwarder, account: Account
) -> None:
    data = up_static()
    assert data["tunnel"]["provider"] == "static"
    assert data["tunnel"]["url"] == forwarder.url
    assert data["stripe"]["url"].startswith(f"{forwarder.url}/api/v1/apps/")
    assert data["stripe"]["verified_seconds"] is not None
    assert not devkit.up()["changed"]
    (endpoint,) = account.endpoints(devkit)
    assert endpoint["api_version"] == "2024-09-30.acacia"
    assert endpoint["metadata"]["devkit_instance"] == devkit.secrets()["identity"]
    key_twice = f"{account.key}2"
    assert account.key not in (devkit.instance.folder / "agent.log").read_text()
    assert devkit.secrets()["stripe_key"] == account.key

    refused = devkit("stripe", "sync", code=2, STRIPE_API_KEY="sk_live_planted")
    assert "hint: set STRIPE_API_KEY to a key that begins with sk_test_" in refused.err
    assert devkit.secrets()["stripe_key"] == account.key
    other = devkit("stripe", "sync", code=1, STRIPE_API_KEY=key_twice)
    assert "the installed Stripe app is of" in other.err
    assert "hint: " in other.err

    devkit("stripe", "sync")
    shown = devkit("destroy", code=2)
    assert endpoint["id"] in shown.err
    gone = devkit("destroy", "--yes", "--output", "json").data["removed_from_stripe"]
    assert account.endpoints(devkit) == []
    assert any(endpoint["id"] in each for each in gone)


def test_an_address_that_leads_away_for_a_while_is_told_and_comes_back(
    devkit: Outsider, up_static: Static, forwarder: Forwarder
) -> None:
    up_static()
    gateway, forwarder.target = forwarder.target, 0
    wait_for(lambda: devkit.said()["tunnel"]["problem"])
    refused = devkit("tunnel", "status", code=1)
    assert f"must forward to http://127.0.0.1:{gateway}" in refused.err
    forwarder.target = gateway
    devkit("tunnel", "restart")
    assert devkit("tunnel", "status", "--output", "json").data["url"] == forwarder.url
    assert devkit("stripe", "sync", "--output", "json").data["repairs"] == []


def test_stripe_that_answers_badly_during_the_first_up_makes_nothing_twice(
    devkit: Outsider, up_static: Static, account: Account
) -> None:
    for fault in ({"status": 429}, {"drop": True}, {"status": 500}):
        devkit.fault(account.base, account.key, method="GET", path="/v1/account", **fault)
        devkit.fault(account.base, account.key, method="GET", path="/v1/webhook_endpoints", **fault)
    assert up_static()["stripe"]["repairs"][0]["kind"] == "installed"
    assert len(account.endpoints(devkit)) == 1
    with devkit.openmeter() as client:
        assert len([each for each in client.call("listApps")["items"] if each["type"] == "stripe"]) == 1


@pytest.mark.parametrize(
    ("words", "variables", "message"),
    [
        (["--tunnel", "static"], {}, "the tunnel static has no address"),
        (["--tunnel", "static", "--tunnel-url", "ftp://x"], {}, "is no http or https URL"),
        (
            ["--tunnel", "static", "--tunnel-url", "http://127.0.0.1:1"],
            {"DEVKIT_STRIPE_API_BASE": ""},
            "Stripe cannot reach 127.0.0.1",
        ),
        (
            ["--tunnel", "static", "--tunnel-url", "https://me.example.com"],
            {"STRIPE_API_KEY": "sk_live_planted"},
            "the Stripe key is not one of the test mode",
        ),
        (
            ["--tunnel", "static", "--tunnel-url", "https://me.example.com"],
            {"STRIPE_API_KEY": "rk_live_planted"},
            "the Stripe key is not one of the test mode",
        ),
        (["--tunnel", "magic"], {}, "must be one of auto, ngrok, static, none"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_starts(
    devkit: Outsider, words: list[str], variables: dict[str, str], message: str
) -> None:
    refused = with_variables(devkit, **variables)("up", *words, code=2)
    assert message in refused.err
    assert "planted" not in refused.out + refused.err
    assert not devkit.instance.agent_file.exists()
    assert not (devkit.instance.folder / "secrets.json").exists()


def test_ngrok_with_a_token_opens_the_tunnel_and_follows_when_it_moves(with_ngrok: Outsider, account: Account) -> None:
    devkit = with_ngrok
    data = devkit.up()  # both keys are there, so nobody has to ask for it
    assert data["tunnel"]["provider"] == "ngrok"
    assert data["stripe"]["verified_seconds"] is not None
    (process,) = devkit.ngroks()
    assert TOKEN not in " ".join(process.cmdline())
    assert TOKEN not in devkit.instance.log_file.read_text()

    devkit.tell_ngrok("move")
    wait_for(lambda: devkit.said()["tunnel"]["url"] not in (None, data["tunnel"]["url"]))
    address = devkit.said()["tunnel"]["url"]
    wait_for(lambda: account.endpoints(devkit)[0]["url"].startswith(address))
    assert len(account.endpoints(devkit)) == 1
    assert devkit("stripe", "sync", "--output", "json").data["verified_seconds"] is not None

    devkit("stop")
    assert devkit.ngroks() == []
    plain = with_variables(devkit, STRIPE_API_KEY="", NGROK_AUTHTOKEN="")
    again = plain.up()  # what it needs is kept
    assert again["stripe"]["app"] == data["stripe"]["app"]
    assert again["stripe"]["endpoint"] == data["stripe"]["endpoint"]
    assert len(account.endpoints(devkit)) == 1


@pytest.mark.parametrize("mode", FAILURES)
def test_what_ngrok_refuses_is_one_sentence_with_a_way_out_and_a_mended_cause_works(
    with_ngrok: Outsider, mode: str
) -> None:
    code, message = FAILURES[mode]
    told(with_ngrok("up", "--tunnel", "ngrok", code=code, DEVKIT_STANDIN_NGROK=mode).err, message)
    status = with_ngrok("tunnel", "status", code=1).err
    assert message in status
    wait_for(lambda: not with_ngrok.ngroks())  # between two tries of the agent


def told(err: str, message: str) -> None:
    assert f"error: {message}" in err
    (hint,) = [line for line in err.splitlines() if line.startswith("hint: ")]
    assert len(hint) > len("hint: ")
    assert TOKEN not in err


def test_a_mended_token_works_with_the_next_up(with_ngrok: Outsider, ngrok: str) -> None:
    refused = with_ngrok("up", "--tunnel", "ngrok", code=4, NGROK_AUTHTOKEN="")
    told(refused.err, FAILURES["4018"][1])
    agent = with_ngrok.agent().pid
    data = with_ngrok.up()
    assert data["tunnel"]["url"].startswith("http://127.0.0.1:")
    assert data["stripe"]["verified_seconds"] is not None
    assert data["pid"] == agent
    assert httpx.get(data["tunnel"]["url"], trust_env=False).status_code == 404


def test_an_ngrok_that_says_nothing_reaches_nobody_is_too_old_or_falls_is_given_up(
    tmp_path: Path, account: Account, ngrok: str
) -> None:
    """Each takes up to twenty seconds; so they fail side by side."""
    variables = {**account.variables, "DEVKIT_NGROK_PATH": ngrok, "NGROK_AUTHTOKEN": TOKEN}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with ExitStack() as stack:
        started = {}
        for mode in SLOW_FAILURES:
            (tmp_path / mode).mkdir()
            program = stack.enter_context(outsider(tmp_path / mode))
            program = with_variables(program, **variables, DEVKIT_STANDIN_NGROK=mode)
            started[mode] = program.start(["up", "--tunnel", "ngrok"], **pipes)
        for mode, (code, message) in SLOW_FAILURES.items():
            err = started[mode].communicate(timeout=120)[1].decode()
            told(err, message)
            assert started[mode].returncode == code, err


def test_no_ngrok_at_all_is_a_tool_that_is_missing(devkit: Outsider) -> None:
    refused = with_variables(devkit, NGROK_AUTHTOKEN=TOKEN, PATH="/usr/bin:/bin")("up", "--tunnel", "ngrok", code=4)
    assert "error: the ngrok agent is not installed" in refused.err
    assert "hint: install it from https://ngrok.com/download" in refused.err
    assert not devkit.instance.agent_file.exists()
