"""Debug: the events of today per subject, as OpenMetrics text without its end mark."""

from datetime import UTC, datetime

from devkit.embedded.domain.go_numbers import general
from devkit.embedded.http.calls import Call, Reply
from devkit.embedded.http.routing import Route
from devkit.embedded.store.events.listing import count_by_subject

_HEADER = """\
# HELP openmeter_events Number of ingested events
# TYPE openmeter_events counter
# UNIT openmeter_events events
"""
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", '"': '\\"'})


def get_debug_metrics(call: Call) -> Reply:
    """Counts from midnight UTC on by the time of the events, those of the future included."""
    midnight = datetime.combine(call.store.now().astimezone(UTC).date(), datetime.min.time(), UTC)
    with call.store.events.reading() as cursor:
        counts = count_by_subject(cursor, int(midnight.timestamp()))
    lines = (f'openmeter_events_total{{subject="{name.translate(_ESCAPES)}"}} {_value(n)}\n' for name, n in counts)
    return Reply(200, _HEADER + "".join(lines), media_type="text/plain")


def _value(count: int) -> str:
    text = general(float(count))
    return text if "e" in text or "." in text else f"{text}.0"


ROUTES = (Route("getDebugMetrics", get_debug_metrics),)
