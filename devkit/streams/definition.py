"""A stream as a pack defines it: its shape in YAML, and what is read from it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devkit.core.shapes import Fields, ListOf, MapOf, Number, Problems, Text
from devkit.core.yaml_source import Tree
from devkit.streams.property_shape import PropertyShape
from devkit.streams.rhythm import RHYTHMS

MOST_EVENTS = 1_000_000_000
_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}


def duration(text: str) -> int:
    """Seconds of `30d`, `12h`, `90m` or `4w`. Raises ValueError for anything else."""
    match = re.fullmatch(r"([1-9][0-9]{0,5})([mhdw])", text)
    if not match:
        raise ValueError(f"{text!r} is no duration such as 30d, 12h or 90m")
    return int(match[1]) * _UNITS[match[2]]


def instant(text: str) -> int:
    """Epoch seconds of `2026-01-31` (midnight UTC) or `2026-01-31T12:00:00Z`. Raises ValueError for anything else."""
    try:
        moment = datetime.fromisoformat(f"{text}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{text!r} is no time such as 2026-01-31 or 2026-01-31T12:00:00Z")
    return int(moment.timestamp() // 1)


def _wrong_duration(text: str) -> str | None:
    return _message(duration, text)


def _wrong_instant(text: str) -> str | None:
    return _message(instant, text)


def _message(parse: Any, text: str) -> str | None:
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None


STREAM = Fields(
    about="Synthetic events of one type. The same seed always gives the same events under the same ids.",
    required=("name", "eventType", "events", "data"),
    fields={
        "name": Text(
            "Names the stream; its event ids begin with it.",
            pattern=r"[a-z0-9]+(?:-[a-z0-9]+)*",
            pattern_says="made of lower-case letters, digits and single -",
            longest=40,
        ),
        "about": Text("What the events are."),
        "eventType": Text("The type of the events. Each stream of a pack has its own."),
        "source": Text("The source of the events.", pattern=r"[A-Za-z0-9._~:/-]+", pattern_says="a plain name or URI"),
        "events": Number("How many events.", whole=True, least=1, most=MOST_EVENTS),
        "seed": Number("Another seed gives other events.", whole=True, least=0),
        "over": Text("How far back they reach from the start of today (UTC): 30d, 12h, 90m.", check=_wrong_duration),
        "from": Text("Where the range begins, with `to`, in place of `over`.", check=_wrong_instant),
        "to": Text("Where the range ends; with `over` or `from`.", check=_wrong_instant),
        "rhythm": Text("When in the day and the week things happen.", choices=tuple(RHYTHMS)),
        "subjects": Fields(
            {
                "keys": ListOf(Text(), "Their keys, the busiest first; the pack's subjects where missing.", fewest=1),
                "zipf": Number("How unequal they are: 0 all alike, 1 the first twice the second.", least=0, most=10),
            },
            about="Who uses.",
        ),
        "data": MapOf(
            PropertyShape(), "The event's data: a value, or how to draw one, for each property.", key=".+", fewest=1
        ),
    },
    elsewhere={"type": "did you mean 'eventType'?", "subject": "did you mean 'subjects'?"},
)


@dataclass(frozen=True)
class Stream:
    """One stream. `over`, `start` and `end` (epoch seconds) as the pack gives them, None where it does not."""

    name: str
    event_type: str
    source: str
    events: int
    seed: int
    over: int | None
    start: int | None
    end: int | None
    rhythm: str
    subjects: tuple[str, ...]
    zipf: float
    data: Mapping[str, Any]

    def fingerprint(self, *more: object) -> str:
        """Eight characters that stand for everything that decides what the events are like."""
        decides = [self.event_type, self.source, self.seed, self.subjects, self.zipf, self.data, *more]
        text = json.dumps(decides, sort_keys=False, ensure_ascii=True)
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def read_stream(raw: Mapping[str, Any], subjects: Sequence[str]) -> Stream:
    """A stream out of what STREAM read. subjects: the pack's, for a stream that names none."""
    who = raw.get("subjects") or {}
    over, start, end = raw.get("over"), raw.get("from"), raw.get("to")
    return Stream(
        name=raw["name"],
        event_type=raw["eventType"],
        source=raw.get("source", "devkit"),
        events=raw["events"],
        seed=raw.get("seed", 1),
        over=duration(over) if over else None,
        start=instant(start) if start else None,
        end=instant(end) if end else None,
        rhythm=raw.get("rhythm", "business"),
        subjects=tuple(who.get("keys") or subjects),
        zipf=float(who.get("zipf", 1)),
        data=raw["data"],
    )


def check_streams(tree: Tree, subjects: Sequence[str], problems: Problems) -> None:
    """Adds what the shape alone cannot see. tree: the whole pack."""
    seen: dict[tuple[str, str], int] = {}
    listed = tree.at("streams").value
    for index, stream in enumerate(listed if isinstance(listed, tuple) else ()):
        if not isinstance(stream.value, Mapping):
            continue
        path = f"streams[{index}]"
        for name in ("name", "eventType"):
            child = stream.value.get(name)
            text = child.value if child else None
            if child and isinstance(text, str):
                first = seen.setdefault((name, text), child.place.line)
                if first != child.place.line:
                    message = f"a second stream with the {name} {text!r}; the first is in line {first}"
                    problems.add(child.place, f"{path}.{name}", message)
        _check_range(stream, path, problems)
        if not subjects and not isinstance(stream.at("subjects", "keys").value, tuple):
            problems.add(stream.place, path, "has no subjects", "give the pack subjects, or the stream subjects.keys")


def _check_range(stream: Tree, path: str, problems: Problems) -> None:
    given = stream.value if isinstance(stream.value, Mapping) else {}
    if "over" in given and "from" in given:
        problems.add(stream.keys["from"], f"{path}.from", "over and from exclude each other")
    elif "over" not in given and "from" not in given:
        problems.add(stream.place, path, "over is missing", "such as over: 30d")
    if "from" in given and "to" not in given:
        problems.add(stream.keys["from"], f"{path}.from", "from needs to")
