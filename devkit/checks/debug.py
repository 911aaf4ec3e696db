"""Checks of the tag Debug."""

import re

from devkit.checks import expect
from devkit.checks.calls import Answer
from devkit.checks.registry import check
from devkit.checks.scene import Scene

HEADER = (
    "# HELP openmeter_events Number of ingested events",
    "# TYPE openmeter_events counter",
    "# UNIT openmeter_events events",
)
_SAMPLE = re.compile(r'openmeter_events_total\{subject="(.*)"\} (\S+)')


@check("the metrics count today's events of each subject", operations=("getDebugMetrics",))
def metrics_count_todays_events(scene: Scene) -> None:
    alice = scene.name("alice")
    expect.equal("the counter before any event", _counter(scene.call("getDebugMetrics"), alice), None)
    # A moment ahead, so that midnight passing during the check changes nothing.
    times = [scene.ago(minutes=-30), scene.ago(minutes=-31), "2024-01-01T00:00:00Z"]
    scene.ingest([scene.event(scene.name("request"), alice, time=time) for time in times])
    scene.ingest([scene.event(scene.name("another"), alice, time=times[0])])
    expect.equal("the counter of three events of today", _counter(scene.call("getDebugMetrics"), alice), 3)


def _counter(answer: Answer, subject: str) -> float | None:
    """The subject's sample, None where it has none. Fails where a line is no OpenMetrics of this shape."""
    expect.equal("the content type", answer.media_type, "text/plain")
    lines = answer.text.splitlines()
    expect.equal("the header", lines[: len(HEADER)], HEADER)
    counters: dict[str, float] = {}
    for line in lines[len(HEADER) :]:
        sample = _SAMPLE.fullmatch(line)
        expect.true(f"a line of the metrics is no sample: {line!r}", sample)
        if sample:
            counters[sample[1]] = float(sample[2])
    return counters.get(subject)
