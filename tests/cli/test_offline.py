"""--offline as users have it: one command from an empty folder to a webhook that works, and back to nothing."""

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from devkit.core.processes import is_alive, process_of
from tests.cli.outside import Outsider, outsider
from tests.servers import first_of_free_block, free_port


@pytest.fixture
def devkit(tmp_path: Path) -> Iterator[Outsider]:
    with outsider(tmp_path) as program:
        yield program


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outsider]:
    """An instance that tests share: they leave it as it is, or repaired."""
    with outsider(tmp_path_factory.mktemp("offline")) as program:
        program("up", "--offline")
        yield program


def test_one_command_makes_tunnel_app_and_webhook(devkit: Outsider) -> None:
    answer = devkit("up", "--offline", "--output", "ndjson")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    names = [line["step"] for line in lines if line.get("kind") in ("step_done", "step_skipped")]
    assert names == lines[0]["steps"]
    assert names.index("tunnel") < names.index("Stripe app and webhook") < names.index("seed")
    data = lines[-1]["data"]
    assert data["changed"]
    assert data["tunnel"]["provider"] == "ngrok"
    assert data["tunnel"]["url"].startswith("http://127.0.0.1:")
    made = data["stripe"]
    assert made["url"] == f"{data['tunnel']['url']}/api/v1/apps/{made['app']}/stripe/webhook"
    assert made["repairs"][0]["kind"] == "installed"
    assert made["verified_seconds"] < 30
    assert made["profile"]
    assert made["default"] is False
    assert devkit.right()


def test_a_second_up_changes_nothing_and_needs_no_flag(offline: Outsider) -> None:
    before, state = offline.said(), offline.state()
    data = offline.up()
    assert not data["changed"]
    assert data["tunnel"]["url"] == before["tunnel"]["url"]
    assert (data["stripe"]["repairs"], data["stripe"]["verified_seconds"]) == ([], None)
    assert data["stripe"]["endpoint"] == before["webhook"]["endpoint"]
    assert offline.state() == state
    assert "nothing changed" in offline("up", "--offline").out
    assert len(offline.endpoints()) == 1


def test_the_plan_tells_what_would_be_opened(devkit: Outsider) -> None:
    plan = devkit("up", "--offline", "--plan", "--output", "json").data["plan"]
    texts = {row["step"]: row["text"] for row in plan if not row["skipped"]}
    assert "stand-ins" in texts["tunnel"]
    assert "webhook" in texts["Stripe app and webhook"]
    assert list(devkit.folder.iterdir()) == []


def test_only_the_webhook_of_the_app_passes_the_tunnel(offline: Outsider) -> None:
    url = offline.said()["tunnel"]["url"]
    app = offline.said()["webhook"]["app"]
    for path in ("/", "/api/v1/meters", "/api/v1/apps", f"/api/v1/apps/{app}x/stripe/webhook", "/_devkit/instance"):
        assert httpx.get(f"{url}{path}", trust_env=False).status_code == 404
        assert httpx.post(f"{url}{path}", content=b"{}", trust_env=False).status_code == 404
    unsigned = httpx.post(f"{url}/api/v1/apps/{app}/stripe/webhook", content=b"{}", trust_env=False)
    assert unsigned.status_code == 400


def test_tunnel_status_says_where_it_leads(offline: Outsider) -> None:
    data = offline("tunnel", "status", "--output", "json").data
    said = offline.said()
    assert (data["url"], data["offline"], data["problem"]) == (said["tunnel"]["url"], True, "")
    assert data["webhook"] == said["webhook"]["url"]
    assert f"{said['tunnel']['url']} leads to instance default (ngrok's stand-in)" in offline("tunnel", "status").out


def test_a_restart_of_the_tunnel_keeps_the_address_and_the_webhook(offline: Outsider) -> None:
    before = offline.said()["tunnel"]["url"]
    (agent,) = offline.ngroks()
    data = offline("tunnel", "restart", "--output", "json").data
    assert data["url"] == before
    assert [each.pid for each in offline.ngroks()] != [agent.pid]
    assert offline.right()


def test_stripe_status_is_fine_and_sync_has_an_event_come_back(offline: Outsider) -> None:
    data = offline("stripe", "status", "--output", "json").data
    assert {each["level"] for each in data["findings"]} == {"ok"}
    assert data["webhook"]["verified_at"]
    done = offline("stripe", "sync", "--output", "json").data
    assert done["repairs"] == []
    assert done["verified_seconds"] is not None
    assert "an event came back from Stripe" in offline("stripe", "sync").out


def test_gc_leaves_the_living_instance_alone(offline: Outsider) -> None:
    (endpoint,) = offline.endpoints()
    assert offline("stripe", "gc", "--output", "json").data == {"removed": [], "found": []}
    assert "nothing of a dead instance" in offline("stripe", "gc", "--older-than", "0h").out
    assert [each["id"] for each in offline.endpoints()] == [endpoint["id"]]


def test_gc_takes_what_a_dead_instance_left(offline: Outsider) -> None:
    owner = {**offline.endpoints()[0]["metadata"], "devkit_instance": "0123456789abcdef", "devkit_name": "gone"}
    with offline.stripe() as client:
        left = client.v1.webhook_endpoints.create(
            {"url": "https://gone.example.com/x", "enabled_events": ["invoice.paid"], "metadata": owner}
        )
    shown = offline("stripe", "gc", "--dry-run").out
    assert shown.strip() == f"would remove webhook endpoint {left.id} of instance gone"
    removed = offline("stripe", "gc", "--output", "json").data["removed"]
    assert [each["id"] for each in removed] == [left.id]
    assert len(offline.endpoints()) == 1


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"disabled": True}, "enabled"),
        ({"url": "https://elsewhere.example.com/x"}, "address-updated"),
        ({"enabled_events": ["charge.failed"]}, "events-updated"),
    ],
)
def test_what_somebody_changed_by_hand_is_found_and_repaired_in_place(
    offline: Outsider, change: dict[str, Any], kind: str
) -> None:
    (endpoint,) = offline.endpoints()
    with offline.stripe() as client:
        client.v1.webhook_endpoints.update(endpoint["id"], change)  # type: ignore[arg-type]
    assert offline("stripe", "status", "--output", "json", code=1).data["hint"] == "devkit stripe sync repairs it"
    done = offline("stripe", "sync", "--output", "json").data
    assert [each["kind"] for each in done["repairs"]] == [kind]
    assert done["endpoint"] == endpoint["id"]
    assert done["verified_seconds"] is not None
    assert offline.right()
    assert any("disabled" in line or "endpoint" in line for line in offline.said()["webhook"]["repairs"])


def test_a_deleted_endpoint_is_made_again(offline: Outsider) -> None:
    (endpoint,) = offline.endpoints()
    with offline.stripe() as client:
        client.v1.webhook_endpoints.delete(endpoint["id"])
    answer = offline("stripe", "status", code=1)
    assert "OpenMeter hears of no payment" in answer.out
    assert "hint: devkit stripe sync" in answer.err
    done = offline("stripe", "sync", "--output", "json").data
    assert done["endpoint"] != endpoint["id"]
    assert done["verified_seconds"] is not None
    assert offline.right()
    assert offline("stripe", "status").code == 0


def test_doctor_knows_all_of_it(offline: Outsider) -> None:
    rows = {row["check"]: row for row in offline("doctor", "--output", "json", code=None).data}
    mine = {name: row["level"] for name, row in rows.items() if name.endswith(" of default")}
    assert set(mine) == {f"{name} of default" for name in (
        "tunnel", "stripe key", "stripe app", "stripe webhook", "webhook address", "webhook disabled",
        "webhook events", "webhook version", "webhook owner",
    )}  # fmt: skip
    assert set(mine.values()) == {"ok"}


def test_its_secrets_are_in_one_file_for_its_owner_alone(offline: Outsider) -> None:
    folder = offline.instance.folder
    key = offline.secrets()["offline_key"]
    token = offline.said()["token"]
    for path in (each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        if key.encode() in content or token.encode() in content:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600 or "data" in path.relative_to(folder).parts, path
        assert path.name != "agent.log" or key.encode() not in content
    shown = offline("up", "--output", "json").out + offline("stripe", "status", "--output", "json").out
    lines = [" ".join(each.cmdline()) for each in (offline.agent(), *offline.ngroks())]
    assert not [text for text in (shown, *lines) if key in text or token in text]


@pytest.mark.parametrize("content", [b"{", b""])
def test_a_damaged_state_file_does_not_forget_the_stand_ins(offline: Outsider, content: bytes) -> None:
    before = offline.said()
    (offline.instance.state_file).write_bytes(content)
    data = offline.up()
    assert data["pid"] == before["process"]["pid"]
    assert data["tunnel"]["url"] == before["tunnel"]["url"]
    assert data["stripe"]["repairs"] == []
    assert offline.state()["wish"]["offline"] is True


def test_an_invoice_is_paid_by_a_webhook_through_the_tunnel(offline: Outsider) -> None:
    data = offline("stripe", "trigger", "invoice.paid", "--output", "json").data
    with offline.openmeter() as client:
        invoice = client.call("getInvoice", path={"invoiceId": data["ids"]["invoice"]})
    assert invoice["status"] == "paid"


def test_without_a_tunnel_it_says_why_and_ends_the_stand_ins(devkit: Outsider) -> None:
    devkit("up", "--offline")
    (ngrok,) = devkit.ngroks()
    url = devkit.said()["tunnel"]["url"]
    answer = devkit("up", "--tunnel", "none")
    assert "not wanted (--tunnel none)" in answer.err
    assert "restarted, without stand-ins for Stripe and ngrok" in answer.err
    assert not ngrok.is_running()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    for words in (["tunnel", "status"], ["tunnel", "restart"], ["stripe", "status"], ["stripe", "sync"]):
        refused = devkit(*words, code=1)
        assert "has no tunnel" in refused.err
        assert "hint: devkit up --offline" in refused.err
    assert "STRIPE_API_KEY is not set" in devkit("up").err  # it stays without
    again = devkit.up("--offline")
    assert again["tunnel"]["url"] == url
    assert again["stripe"]["repairs"] == []


def test_after_stop_and_up_address_app_and_endpoint_are_the_same(devkit: Outsider) -> None:
    first = devkit.up("--offline")
    (ngrok,) = devkit.ngroks()
    agent = process_of(first["pid"])
    assert agent is not None
    devkit("stop")
    assert not is_alive(agent)
    assert not ngrok.is_running()
    assert not devkit.ngrok_file.exists()
    for words in (["tunnel", "status"], ["stripe", "sync"]):
        assert "hint: devkit up" in devkit(*words, code=1).err
    second = devkit.up()
    assert second["pid"] != first["pid"]
    assert second["tunnel"] == first["tunnel"]
    assert [second["stripe"][name] for name in ("app", "endpoint", "url", "profile")] == [
        first["stripe"][name] for name in ("app", "endpoint", "url", "profile")
    ]
    assert second["stripe"]["repairs"] == []
    devkit("destroy", "--yes")
    assert not (devkit.folder / ".devkit").exists()
    assert devkit.ngroks() == []


def test_two_instances_have_each_their_own_way(devkit: Outsider) -> None:
    one = devkit.up("--offline")
    two = devkit.up("--offline", "--name", "two")
    assert one["tunnel"]["url"] != two["tunnel"]["url"]
    assert one["stripe"]["app"] != two["stripe"]["app"]
    for name in ("default", "two"):
        assert devkit("stripe", "sync", "--name", name, "--output", "json").data["repairs"] == []
    app = two["stripe"]["app"]
    wrong = httpx.post(f"{one['tunnel']['url']}/api/v1/apps/{app}/stripe/webhook", content=b"{}", trust_env=False)
    assert wrong.status_code == 404


def test_taken_ports_are_passed_over_and_remembered(devkit: Outsider) -> None:
    from devkit.core.ports import bind

    first = first_of_free_block()
    devkit = replace(devkit, port=first)
    with bind(first + 7), bind(first + 8), bind(first + 9):
        made = devkit.up("--offline")
        said = devkit.said()
    assert {said["gateway"], said["stripe"]}.isdisjoint({first + 7, first + 8})
    assert devkit.right()
    devkit("stop")
    again = devkit.up()
    assert again["tunnel"] == made["tunnel"]
    assert devkit.said()["stripe"] == said["stripe"]


def test_offline_and_another_provider_is_a_contradiction(devkit: Outsider) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    answer = devkit("up", "--offline", "--tunnel", "static", "--tunnel-url", url, code=2)
    assert "error: --offline opens a stand-in of ngrok, not static" in answer.err
    assert "hint: " in answer.err
    assert not devkit.instance.state_file.exists()


def test_the_smoke_checks_have_an_invoice_paid_through_the_tunnel(offline: Outsider) -> None:
    data = offline("smoke", "--tag", "App: Stripe", "--output", "json").data
    results = {row["name"]: row["status"] for row in data["checks"]}
    assert results["app_stripe/invoice-is-paid-at-stripe"] == "passed"
    assert set(results.values()) == {"passed"}
    assert data["skipped"] == 0
    assert offline.right()  # what is there stays as it was
    assert not offline.up()["changed"]
