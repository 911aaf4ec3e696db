"""Streams on a real server: sent, compared, repeated, and told apart from what others sent."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from devkit.adapters.openmeter import OpenMeter
from devkit.core.errors import DevkitError, UsageError
from devkit.streams.planning import Wish
from devkit.streams.verification import Patience
from devkit.usecases.packs import LoadedPack, load_pack
from devkit.usecases.seed import SeedSummary, apply_pack
from devkit.usecases.stream import SendOptions, plan_streams, run_streams, send_pack_streams, streams_fingerprint
from devkit.usecases.stream_report import StreamReport, refuse_differences

AGGREGATIONS = ("SUM", "AVG", "MIN", "MAX", "UNIQUE_COUNT", "LATEST")
AT_ONCE = Patience(deadline=0)


@pytest.fixture
def client(embedded_url: str) -> Iterator[OpenMeter]:
    with OpenMeter(embedded_url) as opened:
        yield opened


@pytest.fixture
def pack(tmp_path: Path) -> str:
    """A pack of every aggregation whose slugs, types and subjects no other test uses."""
    mark = f"t{uuid4().hex[:10]}"
    meters = "".join(
        f"  - {{slug: {mark}_{each.lower()}, eventType: {mark}, aggregation: {each}, "
        "valueProperty: $.v, groupBy: {g: $.g}}\n"
        for each in AGGREGATIONS
    )
    path = tmp_path / f"{mark}.yaml"
    path.write_text(
        f"version: 1\nmeters:\n{meters}"
        f"  - {{slug: {mark}_count, eventType: {mark}, aggregation: COUNT}}\n"
        f"subjects: [{{key: {mark}-a}}, {{key: {mark}-b}}, {{key: {mark}-c}}]\n"
        f"streams:\n  - name: {mark}\n    eventType: {mark}\n    source: {mark}\n    events: 1200\n    over: 14d\n"
        "    data: {g: {choice: [x, y]}, v: {lognormal: {median: 3, sigma: 1, decimals: 2}}}\n"
    )
    return str(path)


def quiet(_message: str, _done: float | None, _total: float | None) -> None:
    pass


def seeded(client: OpenMeter, pack: str) -> LoadedPack:
    apply_pack(client, pack, quiet)
    return load_pack(pack)


def sent(client: OpenMeter, loaded: LoadedPack, batch: int = 1000) -> StreamReport:
    plans = plan_streams(loaded)
    (report,) = run_streams(client, loaded, plans, SendOptions(batch, patience=AT_ONCE), quiet)
    return report


def test_totals_of_every_aggregation_equal_what_the_server_answers(client: OpenMeter, pack: str) -> None:
    report = sent(client, seeded(client, pack), batch=100)
    assert report.sent == 1200
    assert not report.differing
    assert {comparison.aggregation for comparison in report.comparisons} == {*AGGREGATIONS, "COUNT"}
    assert [c.actual for c in report.comparisons if c.aggregation == "COUNT"] == [1200]
    assert sum(comparison.rows for comparison in report.comparisons) == 6 * (1 + 3 + 6) + 4


def test_sending_twice_counts_once(client: OpenMeter, pack: str) -> None:
    loaded = seeded(client, pack)
    sent(client, loaded)
    again = sent(client, loaded, batch=77)
    assert not again.differing


def test_verifying_sends_nothing_and_sees_what_is_missing(client: OpenMeter, pack: str) -> None:
    loaded = seeded(client, pack)
    before = sent(client, loaded, batch=0)
    assert before.sent == 0
    with pytest.raises(DevkitError, match="totals differ from what was generated") as caught:
        refuse_differences([before])
    assert any("expected 1,200, got nothing" in line for line in caught.value.evidence)
    sent(client, loaded)
    assert not sent(client, loaded, batch=0).differing


def test_events_of_others_are_named(client: OpenMeter, pack: str) -> None:
    loaded = seeded(client, pack)
    plan = sent(client, loaded).plan
    stream = plan.stream
    stranger = {
        "specversion": "1.0",
        "id": "stranger-1",
        "source": "elsewhere",
        "type": stream.event_type,
        "subject": stream.subjects[0],
        "time": "2026-01-01T00:00:00Z",
        "data": {"g": "x", "v": 1000},
    }
    client.ingest([stranger])
    assert not sent(client, loaded, batch=0).differing, "outside of the range"
    from devkit.streams.planning import utc

    client.ingest([{**stranger, "id": "stranger-2", "time": utc(plan.end - 1)}])
    report = sent(client, loaded, batch=0)
    assert [event["id"] for event in report.foreign] == ["stranger-2"]
    with pytest.raises(DevkitError) as caught:
        refuse_differences([report])
    assert any("stranger-2 from elsewhere" in line for line in caught.value.evidence)


def test_events_of_other_subjects_are_not_in_the_way(client: OpenMeter, pack: str) -> None:
    from devkit.streams.planning import utc

    loaded = seeded(client, pack)
    plan = sent(client, loaded).plan
    kind = plan.stream.event_type
    other = {"specversion": "1.0", "id": "o", "source": "o", "type": kind, "subject": "other", "data": {"v": 9}}
    client.ingest([{**other, "time": utc(plan.end - 1)}])
    report = sent(client, loaded, batch=0)
    assert not report.differing
    assert {c.aggregation for c in report.comparisons if c.actual is None} == {"AVG", "UNIQUE_COUNT", "LATEST"}


def test_a_changed_value_is_found_in_its_row(client: OpenMeter, pack: str) -> None:
    """The comparison can fail: the server holds the first value of an id, the generator expects another."""
    loaded = seeded(client, pack)
    (plan,) = plan_streams(loaded)
    from devkit.streams.generator import Generator

    first = next(Generator(plan).events())
    client.ingest([{**first, "data": {**first["data"], "v": 1_000_000}}])
    report = sent(client, loaded)
    differing = {comparison.aggregation for comparison in report.differing}
    assert {"SUM", "MAX", "AVG"} <= differing
    assert "COUNT" not in differing
    rows = {difference.subject for comparison in report.differing for difference in comparison.differences}
    assert rows <= {first["subject"], None}
    assert report.foreign == ()


def test_a_server_without_the_meters_is_told_before_anything_is_sent(client: OpenMeter, pack: str) -> None:
    loaded = load_pack(pack)
    with pytest.raises(DevkitError, match="lacks the meters") as caught:
        sent(client, loaded)
    assert caught.value.hint == f"devkit seed apply {pack}"
    seeded(client, pack)
    assert sent(client, loaded, batch=0).differing, "nothing had been sent"


def test_what_up_calls_seeds_sends_and_proves(client: OpenMeter, pack: str) -> None:
    told: list[tuple[str, float | None, float | None]] = []
    first = apply_pack(client, pack, lambda *one: told.append(one))
    assert first == SeedSummary(pack=Path(pack).stem, created=10, updated=0, unchanged=0)
    assert told[-1][1:] == (10, 10)
    assert not apply_pack(client, pack, quiet).changed
    summary = send_pack_streams(client, pack, lambda *one: told.append(one))
    assert (summary.streams, summary.events, summary.meters, summary.groups) == (1, 1200, 7, 64)
    assert summary.fingerprint == streams_fingerprint(pack)
    assert any(done == total == 1200 for _, done, total in told)


def test_a_number_of_events_is_shared_among_the_streams() -> None:
    plans = plan_streams(load_pack("ai-tokens"), wish=Wish(events=43))
    assert [plan.stream.events for plan in plans] == [39, 4]
    with pytest.raises(UsageError, match="2 streams need at least as many events"):
        plan_streams(load_pack("ai-tokens"), wish=Wish(events=1))


def test_an_unknown_stream_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        plan_streams(load_pack("ai-tokens"), names=["promts"])
    assert caught.value.hint == "did you mean 'prompts'?"
