"""What the stand-in keeps in a file is there after any end of the process."""

import logging
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from devkit.core.errors import DevkitError
from devkit.core.ports import bind
from devkit.standins.stripe import journal
from devkit.standins.stripe.server import Server
from devkit.standins.stripe.service import StripeStandIn
from tests.standins.stripe.conftest import KEY, Receiver

OTHER = f"{KEY}_other"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stripe.ndjson"


class Caller:
    """Asks a stand-in in this process, or one at a URL."""

    def __init__(self, stand_in: StripeStandIn | None = None, url: str = "") -> None:
        self._stand_in, self._url = stand_in, url

    def __call__(self, method: str, path: str, key: str = KEY, replay: str = "", **form: Any) -> Any:
        headers = {"authorization": f"Bearer {key}"} | ({"idempotency-key": replay} if replay else {})
        body = urlencode(form).encode()
        if self._stand_in:
            answer = self._stand_in.respond(method, path, headers, body)
            assert answer.status == 200, answer.body
            return answer.body
        response = httpx.request(method, self._url + path, headers=headers | {"content-type": FORM}, content=body)
        assert response.status_code == 200, response.text
        return response.json()


@contextmanager
def opened(file: Path) -> Iterator[Caller]:
    stand_in = StripeStandIn(KEY, file=file)
    try:
        yield Caller(stand_in)
    finally:
        stand_in.close()


@contextmanager
def process(file: Path) -> Iterator[Caller]:
    """A stand-in in a process of its own, which is killed in the end."""
    command = [sys.executable, "-m", "devkit", "standin", "stripe", "--port", "0", "--data", str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        try:
            ready = running.stderr.readline()
            yield Caller(url=ready.partition(" at ")[2].partition(",")[0])
        finally:
            running.send_signal(signal.SIGKILL)


def endpoint(call: Caller, url: str) -> Any:
    return call("POST", "/v1/webhook_endpoints", **{"url": url, "enabled_events[]": "customer.created"})


def invoice(call: Caller, payer: str) -> Any:
    draft = call("POST", "/v1/invoices", customer=payer)["id"]
    call("POST", "/v1/invoiceitems", customer=payer, invoice=draft, amount=1250, currency="usd")
    return call("POST", f"/v1/invoices/{draft}/finalize")


def test_all_is_known_again_after_a_kill(file: Path, receiver: Receiver) -> None:
    with process(file) as call:
        account = call("GET", "/v1/account")["id"]
        hook = endpoint(call, receiver.url)
        payer = call("POST", "/v1/customers", replay="first", name="Acme")
        call("POST", f"/v1/customers/{payer['id']}", **{"metadata[plan]": "pro"})
        gone = call("POST", "/v1/customers", name="Gone")["id"]
        call("DELETE", f"/v1/customers/{gone}")
        billed = invoice(call, payer["id"])
        others = call("POST", "/v1/customers", key=OTHER, name="Elsewhere")
        accounts = call("GET", "/v1/account", key=OTHER)["id"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with process(file) as call:
        assert call("GET", "/v1/account")["id"] == account
        assert call("GET", f"/v1/customers/{payer['id']}")["metadata"] == {"plan": "pro"}
        assert [one["name"] for one in call("GET", "/v1/customers")["data"]] == ["Acme"]
        assert call("POST", "/v1/customers", replay="first", name="Acme") == payer
        assert call("GET", f"/v1/invoices/{billed['id']}") == billed
        assert invoice(call, payer["id"])["number"] == "DEV-0002"
        assert call("GET", "/v1/customers", key=OTHER)["data"] == [others]
        assert call("GET", "/v1/account", key=OTHER)["id"] == accounts
        secret = httpx.post(f"{call._url}/_standin/secret", json={"id": hook["id"]}).json()
        assert secret == {"secret": hook["secret"]}


def test_what_was_not_delivered_is_after_the_restart_and_only_once(
    file: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with process(file) as call:
        # Nobody listens there, and the process ends before it has tried three times.
        hook = endpoint(call, "http://127.0.0.1:9/hook")["id"]
        first = call("POST", "/v1/customers", name="First")
    with process(file) as call:
        call("POST", f"/v1/webhook_endpoints/{hook}", url=receiver.url)
        ((body, _),) = receiver.wait_for(1)
        assert first["id"].encode() in body
        wait(lambda: call("GET", "/v1/events")["data"][0]["pending_webhooks"] == 0)
    with process(file) as call:
        call("POST", "/v1/customers", name="Second")
        assert [b"First" in body for body, _ in receiver.wait_for(2)] == [True, False]


def test_a_delivery_to_an_endpoint_that_is_gone_is_given_up(file: Path) -> None:
    with process(file) as call:
        hook = endpoint(call, "http://127.0.0.1:9/hook")["id"]
        call("POST", "/v1/customers", name="First")
        call("DELETE", f"/v1/webhook_endpoints/{hook}")
    with opened(file):
        wait(lambda: b'"done":["dlv_' in file.read_bytes())
    with opened(file):
        assert b"dlv_" not in file.read_bytes()


def wait(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it never became so")


def test_a_line_that_was_cut_off_is_as_if_it_never_was(file: Path) -> None:
    with opened(file) as call:
        call("POST", "/v1/customers", name="Kept")
        whole = file.read_bytes()
        call("POST", "/v1/customers", name="Cut")
    for length in (len(whole), len(whole) + 1, len(file.read_bytes()) - 1):
        file.write_bytes((whole + b'{"account":"sk_test_devkit","objects":{"cus_1"')[:length] or whole)
        with opened(file) as call:
            assert [one["name"] for one in call("GET", "/v1/customers")["data"]] == ["Kept"]


@pytest.mark.parametrize(
    "content",
    [b"nonsense", b"\n", b"\x00" * 100, b'{"devkit-standin-stripe":2}\n', b'{"devkit-standin-stripe":1}\n[]\n'],
)
def test_a_damaged_file_is_set_aside_and_told(file: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING), opened(file) as call:
        assert call("GET", "/v1/customers")["data"] == []
    assert "is damaged" in caplog.text
    assert (file.parent / "stripe.ndjson.damaged").read_bytes() == content


def test_the_command_says_where_the_damaged_file_went(file: Path) -> None:
    file.write_bytes(b"nonsense")
    command = [sys.executable, "-m", "devkit", "standin", "stripe", "--port", "0", "--data", str(file)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert f"{file}.damaged" in running.stderr.readline()
        running.terminate()


def test_a_request_that_changes_nothing_writes_nothing(file: Path) -> None:
    with opened(file) as call:
        payer = call("POST", "/v1/customers", name="Acme")["id"]
        before = file.read_bytes()
        call("GET", f"/v1/customers/{payer}")
        call("GET", "/_standin/state")
        assert file.read_bytes() == before


def test_lines_that_have_outgrown_what_is_known_are_written_anew(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_LEAST_LINES", 4096)
    with opened(file) as call:
        payer = call("POST", "/v1/customers", name="0")["id"]
        sizes = []
        for number in range(1, 61):
            call("POST", f"/v1/customers/{payer}", name=number)
            sizes.append(file.stat().st_size)
        assert any(later < earlier for earlier, later in pairwise(sizes))
    with opened(file) as call:
        assert [one["name"] for one in call("GET", "/v1/customers")["data"]] == ["60"]
        assert len(call("GET", "/v1/events?limit=100")["data"]) == 61


def test_an_account_that_was_only_looked_at_is_the_same_later(file: Path) -> None:
    with opened(file) as call:
        seen = [call("GET", "/v1/account", key=key)["id"] for key in (KEY, OTHER)]
    with opened(file) as call:
        assert [call("GET", "/v1/account", key=key)["id"] for key in (KEY, OTHER)] == seen


def test_a_reset_is_kept_too(file: Path) -> None:
    with opened(file) as call:
        call("POST", "/v1/customers", name="Acme")
        call("POST", "/_standin/reset")
    with opened(file) as call:
        assert call("GET", "/v1/customers")["data"] == []


def test_a_full_disk_is_an_answer_and_what_it_hit_is_written_later(
    file: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(StripeStandIn(KEY, file=file), bind(0)) as server:
        call = Caller(url=server.url)
        endpoint(call, receiver.url)

        def full(_: int, __: bytes) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(journal, "_write_all", full)
            refused = httpx.post(
                f"{server.url}/v1/customers", headers={"authorization": f"Bearer {KEY}"}, content=b"name=Acme"
            )
        assert refused.status_code == 500
        assert "no space left" in refused.json()["error"]["message"].lower()
        call("POST", "/v1/customers", name="Second")
        assert len(receiver.wait_for(2)) == 2
    with opened(file) as call:
        assert [one["name"] for one in call("GET", "/v1/customers")["data"]] == ["Second", "Acme"]


def test_a_place_that_cannot_be_written_is_said_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(DevkitError, match="no such file"):
        StripeStandIn(KEY, file=tmp_path / "nowhere" / "stripe.ndjson")
    with pytest.raises(DevkitError, match="is a directory"):
        StripeStandIn(KEY, file=tmp_path)


def test_two_at_once_do_not_share_a_file(file: Path) -> None:
    with opened(file) as call:
        call("POST", "/v1/customers", name="Acme")
        with pytest.raises(DevkitError, match="another process"):
            StripeStandIn(KEY, file=file)
        assert [one["name"] for one in call("GET", "/v1/customers")["data"]] == ["Acme"]
    with opened(file) as call:
        assert [one["name"] for one in call("GET", "/v1/customers")["data"]] == ["Acme"]
