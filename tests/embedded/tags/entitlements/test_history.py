"""Histories: windows over the segments of the engine."""

from typing import Any

import pytest

from tests.embedded.tags.entitlements.scene import METERED, V1, V2, Scene


@pytest.fixture
def used(scene: Scene) -> Scene:
    scene.made(V2, {**METERED, "measureUsageFrom": "2024-01-01T10:10:00Z"})
    for amount, effective in ((20, "2024-01-01T10:10:00Z"), (30, "2024-01-02T12:00:00Z")):
        scene.made(f"{V2}/calls/grants", {"amount": amount, "effectiveAt": effective, "priority": amount})
    for time, amount in (("2024-01-01T10:15:00Z", 5), ("2024-01-01T11:15:00Z", 3), ("2024-01-03T00:00:00Z", 20)):
        scene.use(time, amount)
    return scene


def history(scene: Scene, query: str) -> dict[str, Any]:
    found: dict[str, Any] = scene.get(f"{V2}/calls/history?{query}").json
    return found


def test_windows_run_down_and_begin_anew_with_each_segment(used: Scene) -> None:
    found = history(used, "windowSize=DAY&from=2024-01-02T00:00:00Z&to=2024-01-04T00:00:00Z")
    windows = [
        (window["period"]["from"][8:10], window["usage"], window["balanceAtStart"])
        for window in found["windowedHistory"]
    ]
    assert windows == [("02", 0, 12), ("03", 20, 42)]
    first, second = found["burndownHistory"]
    assert (first["balanceAtStart"], first["balanceAtEnd"], first["period"]["to"]) == (12, 12, "2024-01-02T12:00:00Z")
    assert [usage["usage"] for usage in second["grantUsages"]] == [12, 8]
    assert (second["usage"], second["balanceAtEnd"]) == (20, 22)


def test_windows_before_the_start_of_measurement_are_left_out(used: Scene) -> None:
    found = history(used, "windowSize=HOUR&from=2024-01-01T10:10:00Z&to=2024-01-01T12:00:00Z")
    assert [(window["period"]["from"][11:16], window["usage"]) for window in found["windowedHistory"]] == [("11:00", 3)]
    assert [segment["usage"] for segment in found["burndownHistory"]] == [8]


def test_usage_of_a_window_counts_inside_the_range_alone(used: Scene) -> None:
    found = history(used, "windowSize=HOUR&from=2024-01-01T11:30:00Z&to=2024-01-01T12:30:00Z")
    assert [window["usage"] for window in found["windowedHistory"]] == [0, 0]
    assert found["burndownHistory"][0]["period"] == {"from": "2024-01-01T11:00:00Z", "to": "2024-01-01T12:30:00Z"}


def test_days_are_those_of_the_offset_that_was_sent_and_usage_is_found_where_the_zone_has_the_same(used: Scene) -> None:
    query = "windowSize=DAY&from=2024-01-02T00:00:00%2B01:00&to=2024-01-04T00:00:00%2B01:00"
    plain = history(used, query)["windowedHistory"]
    zoned = history(used, f"{query}&windowTimeZone=Europe/Budapest")["windowedHistory"]
    assert [window["usage"] for window in plain] == [0, 0]
    assert [window["usage"] for window in zoned] == [0, 20]
    assert plain[1]["period"] == {"from": "2024-01-02T23:00:00Z", "to": "2024-01-03T23:00:00Z"}
    assert zoned[1]["period"]["from"] == "2024-01-03T00:00:00+01:00"


def test_an_empty_range_has_an_empty_segment(used: Scene) -> None:
    found = history(used, "windowSize=DAY&from=2024-01-02T00:00:00Z&to=2024-01-02T00:00:00Z")
    assert found["windowedHistory"] == []
    assert [(segment["usage"], segment["balanceAtEnd"]) for segment in found["burndownHistory"]] == [(0, 12)]


def test_an_unknown_zone_is_refused_by_the_second_version_and_fails_in_the_first(used: Scene) -> None:
    made = used.get(f"{V2}/calls").json
    query = "history?windowSize=DAY&windowTimeZone=Mars/Phobos"
    assert used.detail(f"{V2}/calls/{query}", None, "GET") == (400, "unknown time zone Mars/Phobos")
    assert used.detail(f"{V1}/{made['id']}/{query}", None, "GET") == (500, None)


def test_there_are_only_so_many_windows(scene: Scene) -> None:
    scene.made(V2, METERED)
    query = "windowSize=MINUTE&from=2024-01-01T00:00:00Z&to=2026-01-01T00:00:00Z"
    status, detail = scene.detail(f"{V2}/calls/history?{query}", None, "GET")
    assert (status, detail) == (400, "validation error: the range has more than 600000 windows")
