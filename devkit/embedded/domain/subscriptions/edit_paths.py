"""What an operation of an edit is about, as a path; keys in it may be of any form, and some do not fit."""

from devkit.embedded.domain.subscriptions.refusals import invalid_edit

#: Segments that stand for themselves: their number in a path of so many segments, and what they are called.
_FIXED = {4: (2, "third", "items"), 6: (4, "fifth", "idx")}


def of_phase(key: str) -> str:
    return f"/phases/{key}"


def of_item(phase_key: str, key: str) -> str:
    return f"{of_phase(phase_key)}/items/{key}"


def check(path: str) -> None:
    """Raises Plain for a path that is none."""
    segments = path.split("/")[1:]
    if len(segments) not in (2, 4, 6):
        raise invalid_edit(f"invalid path: {path}, should have 2, 4 or 6 segments, has {len(segments)}")
    if len(segments) in _FIXED:
        number, called, word = _FIXED[len(segments)]
        if segments[number] != word:
            raise invalid_edit(f"invalid path: {path}, {called} segment should be {word}")
    if "" in segments:
        raise invalid_edit(f"invalid path: {path}, segments should not be empty")
