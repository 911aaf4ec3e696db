"""devkit receive: webhooks of a real server, checked and shown."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.program import COMMAND, Program

OTHER = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"


@pytest.fixture
def devkit(tmp_path: Path) -> Program:
    return Program(tmp_path.resolve(), 1)


@contextmanager
def receiving(devkit: Program, *words: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """(the URL of the receiver, its process)"""
    with subprocess.Popen(
        [*COMMAND, "receive", "--port", "0", *words],
        cwd=devkit.folder,
        env=devkit.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if line.startswith("receiving at "))
            yield line.split()[2], process
        finally:
            process.kill()


def notify(server: str, channel: str) -> str:
    """Sends the test event of a rule to a new channel, and returns the event's id."""
    with httpx.Client(base_url=f"{server}/api/v1/notification") as http:
        made = http.post("/channels", json={"type": "WEBHOOK", "name": "Hook", "url": channel}).json()
        body = {"type": "entitlements.reset", "name": "Rule", "channels": [made["id"]]}
        rule = http.post("/rules", json=body).json()
        return str(http.post(f"/rules/{rule['id']}/test").json()["id"])


def test_a_delivery_of_a_channel_is_valid_without_a_word_about_its_secret(devkit: Program, embedded_url: str) -> None:
    words = ("--url", embedded_url, "--count", "1", "--within", "60", "--journal", "came.ndjson", "--output", "json")
    with receiving(devkit, *words) as (url, process):
        event = notify(embedded_url, f"{url}/hook?x=1")
        out, _ = process.communicate(timeout=90)
    (delivery,) = json.loads(out)["data"]["deliveries"]
    assert (delivery["signature"], delivery["event"], delivery["path"]) == ("valid", event, "/hook?x=1")
    assert delivery["payload"]["data"]["feature"]["key"] == "test-feature-1"
    assert process.returncode == 0
    assert json.loads((devkit.folder / "came.ndjson").read_text()) == delivery


def post(url: str, body: bytes, **headers: str) -> int:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return httpx.post(url, content=body, headers=named).status_code


def test_what_is_not_openmeters_is_shown_too_and_answered_as_wished(devkit: Program) -> None:
    with receiving(devkit, "--answer", "503", "--secret", OTHER, "--output", "ndjson") as (url, process):
        assert post(f"{url}/a", b"not json") == 503
        signed = {"svix_id": "msg_1", "svix_timestamp": "1", "svix_signature": "v1,AAAA"}
        assert post(f"{url}/b", b'{"type": "x"}', **signed) == 503
        assert httpx.get(url).status_code == 501
        process.send_signal(signal.SIGINT if sys.platform != "win32" else signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(line.get("path"), line.get("signature")) for line in lines] == [
        ("/a", "missing"),
        ("/b", "invalid"),
        (None, None),
    ]
    assert lines[0]["payload"] == "not json"
    assert (lines[1]["type"], lines[1]["message_id"]) == ("x", "msg_1")
    assert (lines[2]["kind"], len(lines[2]["data"]["deliveries"])) == ("result", 2)
    assert (process.returncode, "Traceback" in err) == (0, False)


def test_with_a_count_an_invalid_signature_is_a_failure(devkit: Program) -> None:
    with receiving(devkit, "--secret", OTHER, "--count", "1") as (url, process):
        post(url, b"{}", svix_id="msg_1", svix_timestamp="1", svix_signature="v1,AAAA")
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "1 of 1 deliveries have a signature that does not hold" in err


def test_too_little_in_time_is_a_failure(devkit: Program) -> None:
    late = devkit("receive", "--port", "0", "--count", "2", "--within", "0.1", code=1)
    assert "0 of 2 deliveries came" in late.err
    assert "only signatures of --secret are checked" in late.err


def test_wrong_wishes(devkit: Program) -> None:
    assert "no signing secret" in devkit("receive", "--port", "0", "--secret", "%%", code=2).err
    assert "no status" in devkit("receive", "--port", "0", "--answer", "99", code=2).err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = devkit("receive", "--port", str(taken.getsockname()[1]), code=1)
    assert "cannot listen on port" in refused.err
    assert "--port 0" in refused.err
