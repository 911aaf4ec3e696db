from datetime import UTC, datetime, timedelta

from devkit.embedded.domain.events import Event
from devkit.embedded.http.pipeline import Application
from devkit.embedded.store.store import Store
from tests.embedded.asgi import ask

HEADER = """\
# HELP openmeter_events Number of ingested events
# TYPE openmeter_events counter
# UNIT openmeter_events events
"""


def event(number: int, subject: str, time: datetime) -> Event:
    return Event(str(number), "s", "t", subject, int(time.timestamp()), "")


def test_without_events_there_is_only_the_header(app: Application) -> None:
    answer = ask(app, "GET", "/api/v1/debug/metrics")
    assert answer.headers["content-type"] == "text/plain"
    assert answer.body.decode() == HEADER


def test_events_from_midnight_on_are_counted_by_subject(app: Application, store: Store) -> None:
    midnight = datetime.combine(datetime.now(UTC).date(), datetime.min.time(), UTC)
    second, year = timedelta(seconds=1), timedelta(days=365)
    times = [("alice", midnight), ("alice", midnight + year), ("bob", midnight - second), ('o"d\\d\n', midnight)]
    store.events.append([event(number, *known) for number, known in enumerate(times)])
    expected = 'openmeter_events_total{subject="alice"} 2.0\nopenmeter_events_total{subject="o\\"d\\\\d\\n"} 1.0\n'
    assert ask(app, "GET", "/api/v1/debug/metrics").body.decode() == HEADER + expected


def test_many_are_written_as_go_writes_doubles(app: Application, store: Store) -> None:
    now = datetime.now(UTC) + timedelta(days=1)
    store.events.append([event(number, "alice", now) for number in range(1_000_000)])
    assert 'subject="alice"} 1e+06\n' in ask(app, "GET", "/api/v1/debug/metrics").body.decode()
