"""The log never grows without end."""

import logging

from devkit.agent.logs import KEPT, LARGEST, close_log, open_log


def test_a_full_log_is_rotated_and_the_oldest_part_goes(tmp_path):
    handler = open_log(tmp_path / "agent.log")
    try:
        for number in range((KEPT + 3) * 2):
            logging.getLogger("devkit.agent").warning("%d %s", number, "x" * (LARGEST // 2))
    finally:
        close_log(handler)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["agent.log", *(f"agent.log.{number}" for number in range(1, KEPT + 1))]
    assert all(path.stat().st_size <= LARGEST for path in tmp_path.iterdir())


def test_times_are_utc_and_the_logger_is_named(tmp_path):
    handler = open_log(tmp_path / "agent.log")
    try:
        logging.getLogger("devkit.agent").info("hello")
    finally:
        close_log(handler)
    moment, level, name, message = (tmp_path / "agent.log").read_text().split()
    assert moment.endswith("Z")
    assert (level, name, message) == ("INFO", "devkit.agent:", "hello")
