"""devkit clock, and serve with a clock of its own."""

from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.servers import embedded_server


@pytest.fixture
def devkit(tmp_path: Path) -> Program:
    return Program(tmp_path.resolve(), 1)


def test_a_served_clock_starts_where_it_is_told_is_shown_and_moves(devkit: Program, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with embedded_server(data, "--clock", "2026-01-31T00:00:00Z") as url:
        shown = devkit("clock", "show", "--url", url, "--output", "json").data
        assert shown["now"].startswith("2026-01-31T00:")
        moved = devkit("clock", "advance", "P1M", "--url", url)
        assert moved.out.startswith("2026-02-28T00:")
        moved = devkit("clock", "advance", "2050-05-06T07:00:00+02:00", "--url", url)
        assert moved.out.startswith("2050-05-06T05:")
        assert "ahead of this machine" in moved.out
    with embedded_server(data) as url:
        assert devkit("clock", "show", "--url", url).out.startswith("2050-05-06T05:")


@pytest.mark.parametrize("wish", ["2020-01-01T00:00:00Z", "P", "next month", "P9999Y"])
def test_what_the_clock_cannot_do_is_a_wrong_command(devkit: Program, embedded_url: str, wish: str) -> None:
    refused = devkit("clock", "advance", wish, "--url", embedded_url, code=2)
    assert f"cannot move the clock to {wish}" in refused.err
    assert "hint: a duration such as P1M" in refused.err
    assert "Traceback" not in refused.err


def test_a_start_in_the_past_of_the_data_or_no_instant_is_said(devkit: Program, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with embedded_server(data):
        pass
    past = devkit("serve", "--port", "0", "--data", str(data), "--clock", "2020-01-01T00:00:00Z", code=1)
    assert "only moves forward" in past.err
    assert "--data" in past.err
    assert "no RFC 3339" in devkit("serve", "--port", "0", "--data", str(data), "--clock", "soon", code=2).err


def test_a_server_that_is_not_there_is_unreachable(devkit: Program) -> None:
    assert "no answer from" in devkit("clock", "show", "--url", "http://127.0.0.1:1", code=5).err


def test_smoke_checks_a_server_in_its_own_present(devkit: Program, tmp_path: Path) -> None:
    with embedded_server(tmp_path / "data", "--clock", "2031-03-31T12:00:00Z") as url:
        devkit("smoke", "--url", url, "--tag", "Events", "--tag", "Debug")
