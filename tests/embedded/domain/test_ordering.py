"""The order of lists."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from devkit.embedded.domain.ordering import by
from devkit.embedded.domain.timestamps import format_instant

MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants it naive


@given(st.lists(MOMENTS))
def test_instants_sort_as_such_though_their_fractions_are_trimmed(moments: list[datetime]) -> None:
    documents = [{"createdAt": format_instant(moment)} for moment in moments]
    sorted_texts = [document["createdAt"] for document in sorted(documents, key=by("createdAt"))]
    assert sorted_texts == [format_instant(moment) for moment in sorted(moments)]


def test_everything_else_sorts_by_its_characters() -> None:
    names = [{"name": name} for name in ("b", "B", "a")]
    assert [document["name"] for document in sorted(names, key=by("name"))] == ["B", "a", "b"]
