"""The webhook stays right without being asked: after a new address, a suspension, and from time to time."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as changed

from devkit.agent.keeper import Keeper, Pace
from devkit.agent.saying import Saying
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance, prepare_folder
from devkit.core.outside import Outside, TunnelReport, WebhookReport, Wish, read_outside
from devkit.core.processes import this_process
from devkit.stripe_app.place import Place
from tests.stripe_app.app_place import Scene, app_place

RARELY = Pace(look=1000, shortest=1000, longest=1000, tick=0.01, gap=1000)
OFTEN = replace(RARELY, look=0.05, shortest=0.05)


class Kept:
    """A keeper between real servers, and what it does. clock: what it takes for the time."""

    def __init__(self, scene: Scene, instance: Instance) -> None:
        self.scene = scene
        self.saying = Saying(instance, Outside(wish=Wish("ngrok"), process=this_process()))
        self.instance = instance
        self.clock = 0.0
        self.looks = 0
        self.failure: Exception | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        self.came = 0
        self.came_by_itself = True
        self.asked: Callable[[], None] = lambda: None

    def keeper(self, pace: Pace = RARELY) -> Keeper:
        return Keeper(self.saying, self._place, self._taken, pace, lambda: self.clock)

    @contextmanager
    def _place(self, url: str) -> Iterator[Place]:
        self.looks += 1
        if self.failure:
            raise self.failure
        self.meanwhile()
        yield replace(self.scene.place, public_url=url)

    def _taken(self, _app: str) -> int:
        self.asked()
        self.came += int(self.came_by_itself)  # as if an event came between any two looks
        return self.came

    def at(self, url: str) -> None:
        self.saying.change(tunnel=TunnelReport(url))

    def installed(self) -> str:
        """The app of a first sync, as if an earlier agent had made it."""
        standing = self.scene.sync()
        self.saying.change(webhook=WebhookReport(standing.app, standing.account, standing.endpoint, standing.url))
        self.looks = 0
        return standing.endpoint

    def url_of(self, endpoint: str) -> str:
        return str(self.scene.endpoint(endpoint)["url"])


def wait_for(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 30
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)
    return found


@pytest.fixture
def kept(url_with_stripe: str, stripe_address: str, tmp_path: Path) -> Iterator[Kept]:
    prepare_folder(Instance(tmp_path))
    with app_place(url_with_stripe, stripe_address) as scene:
        found = Kept(scene, Instance(tmp_path))
        found.at(scene.place.public_url)
        yield found


def test_nothing_is_installed_before_a_first_sync(kept: Kept) -> None:
    with kept.keeper(OFTEN) as keeper:
        keeper.look_now()
        time.sleep(0.2)  # an absence cannot be waited for; four looks would have been made
    assert kept.looks == 0
    assert kept.scene.endpoints() == []


def test_a_sync_installs_and_has_an_event_arrive_and_a_second_one_does_neither(kept: Kept) -> None:
    with kept.keeper() as keeper:
        first = keeper.sync({})
        second = keeper.sync({})
        third = keeper.sync({"verify": True})
    assert first["repairs"][0]["kind"] == "installed"
    assert first["verified_seconds"] is not None
    assert (second["repairs"], second["verified_seconds"]) == ([], None)
    assert third["verified_seconds"] is not None
    assert second["app"] == first["app"]
    said = kept.saying.last.webhook
    assert (said.app, said.endpoint, said.url) == (first["app"], first["endpoint"], first["url"])
    assert said.verified_at
    assert read_outside(kept.instance) == kept.saying.last


def test_a_sync_without_a_tunnel_says_what_is_wrong_with_it(kept: Kept) -> None:
    kept.saying.change(tunnel=TunnelReport(problem="it fell", hint="open it"))
    with pytest.raises(DevkitError, match="it fell") as refused:
        kept.keeper().sync({})
    assert refused.value.hint == "open it"
    kept.saying.change(tunnel=TunnelReport())
    with pytest.raises(DevkitError, match="the tunnel is not open yet") as refused:
        kept.keeper().sync({})
    assert refused.value.hint


def test_a_tunnel_that_falls_while_an_event_is_awaited_is_waited_for(kept: Kept) -> None:
    url = kept.scene.place.public_url
    kept.came_by_itself = False
    reports = [TunnelReport(problem="it fell"), TunnelReport(url, since="later")]

    def fall() -> None:
        if reports:
            kept.saying.change(tunnel=reports.pop(0))
        else:
            kept.came_by_itself = True

    kept.asked = fall
    done = kept.keeper().sync({})
    assert done["repairs"][0]["kind"] == "installed"
    assert done["verified_seconds"] is not None
    assert kept.saying.last.webhook.verified_at


def test_a_tunnel_that_falls_again_and_again_ends_the_sync(kept: Kept) -> None:
    kept.came_by_itself = False
    numbers = iter(range(1000))
    kept.asked = lambda: kept.at(f"https://{next(numbers)}.example.com")
    with pytest.raises(DevkitError, match="the tunnel does not stay open") as refused:
        kept.keeper().sync({})
    assert refused.value.hint
    assert kept.saying.last.webhook.verified_at == ""


def test_a_new_address_is_in_the_endpoint_at_once(kept: Kept) -> None:
    endpoint = kept.installed()
    with kept.keeper() as keeper:
        wait_for(lambda: kept.looks)  # what the earlier agent left is looked at first
        kept.at("https://new.example.com")
        keeper.look_now()
        wait_for(lambda: kept.url_of(endpoint).startswith("https://new.example.com/"))
        wait_for(lambda: kept.saying.last.webhook.url.startswith("https://new.example.com/"))
    assert kept.saying.last.webhook.verified_at == ""
    assert "leads to https://new.example.com/" in kept.saying.last.webhook.repairs[-1]


def test_an_address_that_changes_during_a_look_is_not_missed(kept: Kept) -> None:
    endpoint = kept.installed()
    keeper = kept.keeper()

    def move_once() -> None:
        kept.meanwhile = lambda: None
        kept.at("https://second.example.com")
        keeper.look_now()

    kept.meanwhile = move_once
    with keeper:
        wait_for(lambda: kept.url_of(endpoint).startswith("https://second.example.com/"))
    assert kept.looks == 2


def test_an_address_that_changes_during_a_sync_is_not_missed(kept: Kept) -> None:
    endpoint = kept.installed()
    keeper = kept.keeper()
    with keeper:
        wait_for(lambda: kept.saying.last.webhook.looked_at)

        def move_once() -> None:
            kept.meanwhile = lambda: None
            kept.at("https://second.example.com")
            keeper.look_now()

        kept.saying.change(webhook=changed(kept.saying.last.webhook, verified_at="2026-01-01T00:00:00Z"))
        kept.meanwhile = move_once
        assert keeper.sync({})["verified_seconds"] is None
        wait_for(lambda: kept.url_of(endpoint).startswith("https://second.example.com/"))


def test_a_jump_of_the_clock_is_a_suspension(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.installed()

    def looked_after(jump: float) -> None:
        before = kept.looks

        def looked() -> bool:
            kept.clock += jump  # again and again: the keeper may be at work at the first one
            return kept.looks > before

        wait_for(looked)

    with caplog.at_level(logging.INFO, "devkit.agent"), kept.keeper(replace(RARELY, gap=5)):
        wait_for(lambda: kept.saying.last.webhook.looked_at)
        looked_after(60)
        assert "this machine was suspended" in caplog.text
        looked_after(-3600)


def test_a_look_that_takes_long_is_no_suspension(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.installed()

    def take_long() -> None:
        kept.clock += 60

    kept.meanwhile = take_long
    with caplog.at_level(logging.INFO, "devkit.agent"), kept.keeper(replace(RARELY, gap=5)) as keeper:
        wait_for(lambda: kept.looks == 1)
        keeper.look_now()
        wait_for(lambda: kept.looks == 2)
    assert "suspended" not in caplog.text
    assert kept.looks == 2


def test_it_looks_from_time_to_time_and_repairs_what_somebody_did_by_hand(kept: Kept) -> None:
    endpoint = kept.installed()
    with kept.keeper(OFTEN):
        kept.scene.account.post(f"webhook_endpoints/{endpoint}", "disabled=true")
        wait_for(lambda: kept.scene.endpoint(endpoint)["status"] == "enabled")
        kept.scene.account.post(f"webhook_endpoints/{endpoint}", "url=https://elsewhere.example.com/x")
        wait_for(lambda: "elsewhere" not in kept.url_of(endpoint))


def test_repairs_are_logged_and_the_last_twenty_kept(kept: Kept, caplog: pytest.LogCaptureFixture) -> None:
    kept.installed()
    before = kept.saying.last.webhook
    kept.saying.change(webhook=changed(before, repairs=tuple(str(number) for number in range(20))))
    kept.at("https://new.example.com")
    with caplog.at_level(logging.INFO, "devkit.agent"), kept.keeper():
        wait_for(lambda: kept.saying.last.webhook.repairs[0] == "1")
    assert len(kept.saying.last.webhook.repairs) == 20
    assert "leads to https://new.example.com/" in kept.saying.last.webhook.repairs[-1]
    assert "Stripe: the webhook endpoint" in caplog.text


@pytest.mark.parametrize(
    ("failure", "problem"),
    [(DevkitError("no key", hint="set one"), "no key"), (RuntimeError("a bug"), "a bug in devkit")],
)
def test_a_failure_is_reported_logged_once_and_over_when_a_look_goes_well(
    kept: Kept, failure: Exception, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept.installed()
    kept.failure = failure
    with caplog.at_level(logging.WARNING, "devkit.agent"), kept.keeper(OFTEN):
        wait_for(lambda: kept.saying.last.webhook.problem == problem)
        wait_for(lambda: kept.looks > 2)
        assert kept.saying.last.webhook.hint
        assert kept.saying.last.webhook.app
        assert caplog.text.count("the webhook is not as it should be") == 1
        kept.failure = None
        wait_for(lambda: kept.saying.last.webhook.problem == "")


def test_a_sync_that_fails_is_reported_too(kept: Kept) -> None:
    kept.failure = DevkitError("no key", hint="set one")
    with pytest.raises(DevkitError, match="no key"):
        kept.keeper().sync({})
    said = kept.saying.last.webhook
    assert (said.problem, said.hint, said.app) == ("no key", "set one", "")
    assert said.looked_at


def test_after_a_failure_it_looks_ever_more_rarely_until_something_happens(kept: Kept) -> None:
    keeper = kept.keeper(Pace(shortest=2, longest=60))
    pauses = []
    for _ in range(8):
        keeper._failed("it fails")
        pauses.append(round(keeper._due - time.monotonic()))
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    keeper.look_now()
    keeper._failed("it fails")
    assert round(keeper._due - time.monotonic()) == 2


def test_a_look_waits_for_a_sync_that_is_under_way(kept: Kept) -> None:
    kept.installed()
    at_work = threading.Semaphore(0)
    go_on = threading.Event()
    inside: list[int] = []

    def slow() -> None:
        inside.append(1)
        assert len(inside) == 1
        at_work.release()
        assert go_on.wait(30)
        inside.clear()

    with kept.keeper() as keeper:
        wait_for(lambda: kept.saying.last.webhook.looked_at)
        kept.meanwhile = slow
        asking = threading.Thread(target=keeper.sync, args=({},))
        asking.start()
        assert at_work.acquire(timeout=30)
        keeper.look_now()
        go_on.set()
        asking.join(30)
        wait_for(lambda: kept.looks >= 3)
    assert not asking.is_alive()
    assert kept.saying.last.webhook.problem == ""


def test_its_end_does_not_wait_for_a_look_that_hangs(kept: Kept) -> None:
    kept.installed()
    go_on = threading.Event()
    kept.meanwhile = lambda: go_on.wait(30) or None  # type: ignore[assignment]
    try:
        with kept.keeper() as keeper:
            wait_for(lambda: kept.looks == 1)
        assert keeper._thread.is_alive()
    finally:
        go_on.set()
        keeper._thread.join(30)
