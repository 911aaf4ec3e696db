"""What the agent says is in its file at once, whole, and for its owner alone."""

import stat
import threading
from pathlib import Path

import pytest

from devkit.agent.saying import Saying
from devkit.core.instance import Instance, prepare_folder
from devkit.core.outside import Outside, TunnelReport, WebhookReport, Wish, outside_file, read_outside
from devkit.core.processes import this_process


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    prepare_folder(Instance(tmp_path))
    return Instance(tmp_path)


def saying_of(instance: Instance) -> Saying:
    return Saying(instance, Outside(wish=Wish("ngrok"), process=this_process(), token="a-token"))


def test_a_change_is_written_down_and_keeps_the_rest(instance: Instance) -> None:
    saying = saying_of(instance)
    saying.change(gateway=1)
    assert saying.change(control=2) == saying.last == read_outside(instance)
    assert (saying.last.gateway, saying.last.control, saying.last.token) == (1, 2, "a-token")
    assert stat.S_IMODE(outside_file(instance).stat().st_mode) == 0o600


def test_threads_that_change_different_things_lose_nothing(instance: Instance) -> None:
    saying = saying_of(instance)

    def tunnel() -> None:
        for number in range(50):
            saying.change(tunnel=TunnelReport(attempt=number))

    def webhook() -> None:
        for number in range(50):
            saying.change(webhook=WebhookReport(app=str(number)))

    threads = [threading.Thread(target=each) for each in (tunnel, webhook)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert saying.last == read_outside(instance)
    assert (saying.last.tunnel.attempt, saying.last.webhook.app) == (49, "49")


def test_a_folder_that_is_gone_is_logged_and_the_word_still_counts(
    instance: Instance, caplog: pytest.LogCaptureFixture
) -> None:
    saying = Saying(Instance(instance.root, "gone"), saying_of(instance).last)
    assert saying.change(gateway=3).gateway == 3
    assert saying.last.gateway == 3
    assert "cannot write down how the outside is" in caplog.text
