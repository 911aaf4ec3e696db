"""Stripe on the compose backend, as users have it: through the tunnel's stand-in to OpenMeter in its container.

One instance for all, from an empty folder to nothing: each test finds it as the one before leaves it.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker
import psutil
import pytest

from devkit.adapters.backends.compose.backend import project_name
from devkit.adapters.backends.compose.webhook_secret import renew_webhook
from devkit.adapters.docker.containers import FOLDER_LABEL, PROJECT_LABEL
from devkit.adapters.docker.images import Image, lock_text
from devkit.core.agent_files import agent_of
from devkit.core.errors import DevkitError
from tests.cli.outside import NOBODY, Outsider, wait_for
from tests.e2e.conftest import free_block

pytestmark = pytest.mark.docker

# Those that hand out the public address, and with --offline call Stripe's stand-in.
READERS = ("openmeter", "billing-worker", "jobs")
APP, ENDPOINT, SECRET = "01G65Z755AFWAKHE12NY0CQ9FH", "we_0123456789", "whsec_planted_9f8e7d6c5b4a"
OTHERS = f"""
INSERT INTO app_stripes VALUES
  ('{APP}', 'default', now(), 'yesterday', NULL, 'acct_1', false, 'key', 'we_old', 'whsec_old', 'sk_***'),
  ('{APP[:-1]}J', 'default', now(), now(), NULL, 'acct_2', false, 'key', 'we_other', 'whsec_other', 'sk_***'),
  ('{APP[:-1]}K', 'default', now(), now(), now(), 'acct_3', false, NULL, 'we_gone', NULL, 'sk_***');
"""


@pytest.fixture(scope="module")
def empty(
    engine: docker.DockerClient, images: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Outsider]:
    """devkit on the compose backend in a folder in which it never ran; nothing is left of it in the end."""
    folder = tmp_path_factory.mktemp("stripe").resolve()
    project = folder / "project"
    project.mkdir()
    (folder / "images.lock").write_text(lock_text({name: Image(tag) for name, tag in images.items()}))
    homes = {"HOME": str(folder / "home"), "XDG_STATE_HOME": str(folder / "state")}
    chosen = {"DEVKIT_BACKEND": "compose", "DEVKIT_IMAGES_FROM": str(folder / "images.lock")}
    program = Outsider(project, free_block()["openmeter"], {**NOBODY, **homes, **chosen})
    yield program
    program("destroy", "--yes")


@pytest.fixture(scope="module")
def planned(empty: Outsider) -> list[str]:
    """What the plan says before anything is there."""
    said = _planned(empty, "--offline", "--seed", "minimal")
    assert list(empty.folder.iterdir()) == []
    return said


@pytest.fixture(scope="module")
def first(empty: Outsider, planned: list[str]) -> Any:
    """What the first `up` answers."""
    return empty.up("--offline", "--seed", "minimal")


@pytest.fixture(scope="module")
def devkit(empty: Outsider, first: Any) -> Outsider:
    """devkit with the instance up."""
    assert first["changed"]
    return empty


def _planned(devkit: Outsider, *words: str) -> list[str]:
    plan = devkit("up", "--plan", *words, "--output", "json").data["plan"]
    return _told(next(row for row in plan if row["step"] == "start services")["changes"])


def _told(changes: list[dict[str, str]]) -> list[str]:
    return [f"{row['action']} {row['service']}: {row['reason']}" for row in changes]


def _doctor(devkit: Outsider, code: int = 0) -> dict[str, str]:
    """The level of each check."""
    return {
        row["check"]: row["level"] for row in json.loads(devkit("doctor", "--output", "json", code=code).out)["data"]
    }


def _containers(devkit: Outsider, engine: docker.DockerClient) -> dict[str, Any]:
    wanted: dict[str, str | list[str] | bool] = {"label": f"{FOLDER_LABEL}={devkit.instance.folder}"}
    found = engine.containers.list(all=True, filters=wanted)
    return {each.labels["com.docker.compose.service"]: each for each in found}


def _started(devkit: Outsider, engine: docker.DockerClient) -> dict[str, str]:
    return {name: each.attrs["State"]["StartedAt"] for name, each in _containers(devkit, engine).items()}


def _left(devkit: Outsider, engine: docker.DockerClient) -> dict[str, list[str]]:
    """What the engine has of the instance, by kind."""
    label = {"label": f"{PROJECT_LABEL}={project_name(devkit.instance)}"}
    return {
        "containers": [each.name or "" for each in engine.containers.list(all=True, filters=dict(label))],
        "volumes": [each.name for each in engine.volumes.list(filters=dict(label))],
        "networks": [each.name or "" for each in engine.networks.list(filters=dict(label))],
    }


def _gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def _sync(devkit: Outsider) -> Any:
    return devkit("stripe", "sync", "--output", "json").data


def test_one_command_brings_all_up_as_the_plan_said(planned: list[str], first: Any, devkit: Outsider) -> None:
    assert _told(first["changes"]) == planned
    assert planned[0] == "start agent: it does not run"
    assert {"create openmeter: it is not there", "create stripe: it is not there"} < set(planned)
    assert first["backend"] == "compose"
    assert first["stripe"]["url"].startswith(f"{first['tunnel']['url']}/api/v1/apps/{first['stripe']['app']}/")
    assert first["stripe"]["verified_seconds"] is not None
    assert devkit.right()
    assert "apps.baseURL=" + first["tunnel"]["url"] in devkit("logs", "openmeter").out


def test_a_second_up_changes_nothing(devkit: Outsider, engine: docker.DockerClient) -> None:
    before, state, agent = _started(devkit, engine), devkit.state(), devkit.agent().pid
    again = devkit.up("--seed", "minimal")
    assert (again["changed"], again["changes"], again["stripe"]["repairs"]) == (False, [], [])
    assert _planned(devkit) == []
    assert (_started(devkit, engine), devkit.state(), devkit.agent().pid) == (before, state, agent)


def test_what_runs_is_shown(devkit: Outsider) -> None:
    url = devkit.said()["tunnel"]["url"]
    status = devkit("status", "--output", "json").data
    assert (status["condition"], status["public_url"]) == ("running", url)
    assert "as it should be" in status["webhook"]
    assert {row["service"] for row in status["services"] if row["well"]} >= {"openmeter", "stripe"}
    assert devkit("logs", "stripe").err == ""
    assert f"reached at {url}" in devkit("logs", "agent").out
    assert "agent | " in devkit("logs").out
    rows = _doctor(devkit)
    mine = {level for name, level in rows.items() if name.endswith(" of default")}
    assert rows["tunnel of default"] == rows["stripe webhook of default"] == "ok"
    assert mine == {"ok"}


def test_smoke_proves_all_operations_and_a_paid_invoice(devkit: Outsider) -> None:
    report = devkit("smoke", "--output", "json").data
    assert report["coverage"]["exercised"] == report["coverage"]["operations"] == 153
    results = {each["name"]: each["status"] for each in report["checks"]}
    assert set(results.values()) == {"passed"}
    assert results["app_stripe/invoice-is-paid-at-stripe"] == "passed"
    assert devkit.right()


def test_triggers_tunnel_and_stripe_do_as_on_the_embedded_backend(devkit: Outsider) -> None:
    before = devkit.said()
    assert devkit("tunnel", "status", "--output", "json").data["problem"] == ""
    assert devkit("tunnel", "restart", "--output", "json").data["url"] == before["tunnel"]["url"]
    found = devkit("stripe", "status", "--output", "json").data["findings"]
    assert {each["level"] for each in found} == {"ok"}
    done = _sync(devkit)
    assert (done["repairs"], done["endpoint"]) == ([], before["webhook"]["endpoint"])
    paid = devkit("stripe", "trigger", "invoice.paid", "--output", "json").data
    with devkit.openmeter() as client:
        assert client.call("getInvoice", path={"invoiceId": paid["ids"]["invoice"]})["status"] == "paid"


def test_an_endpoint_deleted_by_hand_is_made_anew_for_the_same_app_with_its_invoices(devkit: Outsider) -> None:
    before = devkit.said()["webhook"]
    with devkit.stripe() as client:
        client.v1.webhook_endpoints.delete(before["endpoint"])
    done = _sync(devkit)
    assert "had OpenMeter take its secret" in devkit.said()["webhook"]["repairs"][-1]
    assert done["app"] == before["app"]
    assert done["endpoint"] != before["endpoint"]
    assert done["verified_seconds"] is not None
    assert devkit.right()


def test_a_killed_agent_is_missed_and_comes_back_alone(devkit: Outsider, engine: docker.DockerClient) -> None:
    before, started, agent = devkit.said(), _started(devkit, engine), devkit.agent()
    agent.kill()
    wait_for(lambda: _gone(agent))
    assert "the agent has ended" in devkit("status").out
    for words in (["tunnel", "status"], ["stripe", "status"]):
        assert "the agent of instance default has ended" in devkit(*words, code=1).err
    assert _doctor(devkit, code=1)["tunnel of default"] == "fail"
    assert _planned(devkit) == ["start agent: it does not run"]

    again = devkit.up()

    assert _told(again["changes"]) == ["start agent: it does not run"]
    assert _started(devkit, engine) == started
    same = ("gateway", "stripe", "stripe_outside")
    assert {name: devkit.said()[name] for name in same} == {name: before[name] for name in same}
    assert again["tunnel"]["url"] == before["tunnel"]["url"]
    assert (again["stripe"]["endpoint"], again["stripe"]["repairs"]) == (before["webhook"]["endpoint"], [])
    assert _sync(devkit)["verified_seconds"] is not None


def test_a_moved_address_is_in_the_endpoint_soon_and_recreates_its_readers_alone(
    devkit: Outsider, engine: docker.DockerClient
) -> None:
    before, started = devkit.said(), _started(devkit, engine)
    devkit.tell_ngrok("move")
    wait_for(lambda: devkit.said()["tunnel"]["url"] not in (None, before["tunnel"]["url"]))
    wait_for(devkit.right)
    assert _sync(devkit)["endpoint"] == before["webhook"]["endpoint"]
    wanted = [f"recreate {name}: configuration apps.baseURL changed" for name in READERS]
    assert _planned(devkit) == wanted

    again = devkit.up()

    assert _told(again["changes"]) == wanted
    assert {name for name, moment in _started(devkit, engine).items() if moment != started[name]} == set(READERS)
    assert again["tunnel"]["url"] == devkit.said()["tunnel"]["url"]
    assert again["stripe"]["app"] == before["webhook"]["app"]
    assert f"apps.baseURL={again['tunnel']['url']}" in devkit("logs", "openmeter").out
    assert devkit.up()["changed"] is False


def test_another_endpoints_secret_reaches_openmeters_database_and_nothing_else(
    devkit: Outsider, engine: docker.DockerClient
) -> None:
    postgres = _containers(devkit, engine)["postgres"]

    def ask(statement: str) -> str:
        done = postgres.exec_run(["psql", "-qtA", "-U", "openmeter", "-d", "openmeter", "-c", statement])
        assert done.exit_code == 0, done.output
        return str(done.output.decode().strip())

    ask("ALTER TABLE app_stripes RENAME TO elsewhere")
    with pytest.raises(DevkitError, match="does not take the webhook endpoint's new secret") as failed:
        renew_webhook(devkit.instance, APP, ENDPOINT, SECRET)
    ask("ALTER TABLE elsewhere RENAME TO app_stripes")
    assert "app_stripes" in "".join(failed.value.evidence)
    assert SECRET not in "".join(failed.value.evidence)
    ask(OTHERS)
    renew_webhook(devkit.instance, APP, ENDPOINT, SECRET)
    columns = "stripe_webhook_id || ' ' || webhook_secret"
    assert ask(
        f"SELECT {columns} FROM app_stripes WHERE deleted_at IS NULL AND id LIKE '{APP[:-1]}%' ORDER BY id"
    ).splitlines() == [
        f"{ENDPOINT} {SECRET}",
        "we_other whsec_other",
    ]
    assert ask(f"SELECT updated_at > created_at - interval '1 hour' FROM app_stripes WHERE id = '{APP}'") == "t"
    for app in (APP[:-1] + "K", APP[:-1] + "M"):  # removed, and never there
        with pytest.raises(DevkitError, match="has no Stripe app"):
            renew_webhook(devkit.instance, app, ENDPOINT, SECRET)
    assert SECRET not in devkit("logs", "postgres").out


def test_the_secret_is_in_no_command_line_while_it_is_written(devkit: Outsider, engine: docker.DockerClient) -> None:
    postgres = _containers(devkit, engine)["postgres"]
    psql = ["psql", "-qtA", "-U", "openmeter", "-d", "openmeter", "-c"]
    lock = "BEGIN; LOCK TABLE app_stripes IN EXCLUSIVE MODE; SELECT pg_sleep(60)"
    postgres.exec_run([*psql, lock], detach=True)
    with ThreadPoolExecutor(1) as pool:
        locked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        wait_for(lambda: postgres.exec_run([*psql, locked]).output.decode().strip() == "1")
        writing = pool.submit(renew_webhook, devkit.instance, APP, "we_later", SECRET)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        wait_for(lambda: postgres.exec_run([*psql, waiting]).output.decode().strip() == "1")
        lines = [" ".join(row) for row in postgres.top(ps_args="-eo pid,args")["Processes"]]
        postgres.exec_run([*psql, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"])
        writing.result(60)
    assert any("psql --quiet" in line for line in lines)
    assert not [line for line in lines if SECRET in line]


def test_without_a_tunnel_agent_and_forwarder_end_and_it_says_why(
    devkit: Outsider, engine: docker.DockerClient
) -> None:
    agent, ngroks = devkit.agent(), devkit.ngroks()
    planned = _planned(devkit, "--tunnel", "none")
    assert agent.is_running()
    ended = devkit.up("--tunnel", "none")
    assert _told(ended["changes"]) == planned
    assert planned[0] == "stop agent: no tunnel is wanted any more"
    assert planned[-1] == "remove stripe: only --offline needs it"
    assert [line.split(":")[0] for line in planned[1:-1]] == [f"recreate {name}" for name in READERS]
    assert agent_of(devkit.instance) is None
    assert all(map(_gone, (agent, *ngroks)))
    assert "stripe" not in _containers(devkit, engine)
    assert _planned(devkit) == []


def test_offline_again_has_the_same_app_and_what_ends_it_leaves_nothing(
    devkit: Outsider, first: Any, engine: docker.DockerClient
) -> None:
    planned = _planned(devkit, "--offline")
    again = devkit.up("--offline")
    assert _told(again["changes"]) == planned
    assert planned[0] == "start agent: it does not run"
    assert planned[-1] == "create stripe: it is not there"
    assert again["stripe"]["app"] == first["stripe"]["app"]
    assert devkit.right()
    processes = [devkit.agent(), *devkit.ngroks()]

    devkit("stop")
    assert all(map(_gone, processes))
    assert {each.status for each in _containers(devkit, engine).values()} == {"exited"}
    devkit("down")
    left = _left(devkit, engine)
    assert (left["containers"], left["networks"]) == ([], [])
    assert left["volumes"]
    devkit("destroy", "--yes")
    assert not any(_left(devkit, engine).values())
    assert not (devkit.folder / ".devkit").exists()
    assert (agent_of(devkit.instance), devkit.ngroks()) == (None, [])
