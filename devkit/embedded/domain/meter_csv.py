"""Usage as CSV, in the columns of OpenMeter."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC

from devkit.embedded.domain.timestamps import Timestamp, format_seconds
from devkit.embedded.domain.usage import CUSTOMER, SUBJECT, UsageQuery, UsageRow, window_of
from devkit.embedded.domain.windows import bound

_SPECIAL = frozenset('",\r\n')


def meter_csv(query: UsageQuery, rows: Sequence[UsageRow], display_names: Mapping[str, str]) -> str:
    """RFC 4180 with `\\n`. display_names: by key, of those returned subjects that exist; may be empty."""
    return "".join(",".join(map(_field, record)) + "\n" for record in _records(query, rows, display_names))


def _records(query: UsageQuery, rows: Sequence[UsageRow], display_names: Mapping[str, str]) -> Iterator[list[str]]:
    keys = [key for key in query.group_by if key != SUBJECT]
    by_subject = SUBJECT in query.group_by
    titles = ["subject", "subject_display_name"] if display_names else ["subject"]
    yield ["window_start", "window_end", *(titles if by_subject else []), *keys, "value"]
    for row in rows:
        record = [_moment(query, moment) for moment in window_of(query, row)]
        if by_subject:
            subject = row.groups[SUBJECT]
            record += [subject, display_names.get(subject, "")] if display_names else [subject]
        # OpenMeter leaves the column of customers empty.
        record += ["" if key == CUSTOMER else row.groups[key] for key in keys]
        yield [*record, f"{row.value:.6f}"]


def _moment(query: UsageQuery, moment: int | Timestamp) -> str:
    if isinstance(moment, Timestamp):
        return format_seconds(moment)
    return bound(query.zone if query.window_size else UTC, moment)


def _field(text: str) -> str:
    """As Go's encoding/csv quotes it."""
    if text and (_SPECIAL & {*text} or text[0].isspace() or text == "\\."):
        return '"' + text.replace('"', '""') + '"'
    return text
