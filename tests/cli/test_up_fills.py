"""`devkit up` with seeds, streams and smoke checks: done once, then left alone."""

import httpx


def test_a_pack_is_applied_its_streams_are_sent_and_the_smoke_checks_pass_and_all_of_it_once(devkit):
    first = devkit("up", "--seed", "minimal", "--smoke", "--output", "json").data
    assert first["seeds"][0]["pack"] == "minimal"
    assert first["seeds"][0]["created"] > 0
    assert first["streams"][0]["events"] > 0
    assert first["smoke"]
    assert httpx.get(f"{first['url']}/api/v1/meters").json()
    again = devkit("up", "--seed", "minimal", "--output", "json").data
    assert again["changed"] is False
    assert again["seeds"][0]["created"] == 0
    assert again["streams"] == []
    assert devkit("status", "--output", "json").data["seeds"] == ["minimal"]


def test_a_pack_that_is_not_there_fails_before_anything_starts(devkit):
    answer = devkit("up", "--seed", "no-such-pack", code=2)
    assert "no-such-pack" in answer.err
    assert "hint: " in answer.err
    assert not devkit("status", "--output", "json").data["running"]


def test_a_malformed_pack_fails_with_its_place_before_anything_starts(devkit):
    (devkit.folder / "own.yaml").write_text("a: [1, 2\nb: 3\n")
    assert "own.yaml:2" in devkit("up", "--seed", "./own.yaml", code=2).err
    assert not devkit("status", "--output", "json").data["running"]


def test_the_pack_of_the_settings_file_is_meant_from_that_file(devkit):
    (devkit.folder / "devkit.yaml").write_text("seed: [./missing.yaml]\n")
    assert str(devkit.folder / "missing.yaml") in devkit("up", code=2).err


def test_a_meter_that_was_deleted_meanwhile_is_made_again(devkit):
    (devkit.folder / "own.yaml").write_text(
        "version: 1\nmeters: [{slug: calls, eventType: call, aggregation: COUNT}]\n"
        "features: [{key: calls, name: Calls, meterSlug: calls}]\n"
    )
    url = devkit("up", "--seed", "./own.yaml", "--output", "json").data["url"]
    assert httpx.delete(f"{url}/api/v1/features/calls").status_code == 204
    assert httpx.delete(f"{url}/api/v1/meters/calls").status_code == 204
    again = devkit("up", "--seed", "./own.yaml", "--output", "json").data
    assert again["changed"] is True
    assert again["seeds"][0]["created"] == 2  # the feature goes with its meter
