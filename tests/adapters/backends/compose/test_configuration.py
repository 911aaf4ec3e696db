"""OpenMeter's configuration: the user's changes and what each process gets of it."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from devkit.adapters.backends.compose.configuration import configuration_of, filled, flattened, overlaid
from devkit.adapters.backends.compose.services import OPENMETER
from devkit.core.data import data_path
from devkit.core.errors import DevkitError

TEMPLATE = yaml.safe_load(data_path("compose/openmeter.yaml").read_text())
READERS = yaml.safe_load(data_path("compose/readers.yaml").read_text())
DOCUMENTS = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), DOCUMENTS, max_size=3)


def of(process: str, changes: dict[str, object] | None = None) -> dict[str, object]:
    return configuration_of(process, TEMPLATE, READERS, changes or {})


@given(OBJECTS)
def test_no_change_changes_nothing(document):
    assert overlaid(document, {}) == document
    assert overlaid({}, document) == document
    assert overlaid(document, document) == document


@given(OBJECTS, OBJECTS)
def test_a_leaf_of_the_changes_is_a_leaf_of_the_result(base, changes):
    result = flattened(overlaid(base, changes))
    for name, leaf in flattened(changes).items():
        if name and leaf != {}:
            assert result[name] == leaf


def test_keys_are_the_same_whatever_their_case():
    assert overlaid({"sink": {"minCommitCount": 500}}, {"Sink": {"mincommitcount": 1}}) == {
        "sink": {"minCommitCount": 1}
    }


def test_each_process_gets_what_it_reads():
    assert "sink" in of("sink-worker")
    assert "sink" not in of("openmeter")
    assert "portal" in of("openmeter")
    assert "portal" not in of("billing-worker")
    assert all("postgres" in of(process) for process in OPENMETER)


def test_a_section_that_devkit_does_not_know_goes_to_all():
    assert all(of(process, {"novelty": {"on": True}})["novelty"] == {"on": True} for process in OPENMETER)


def test_only_the_migrator_gets_a_database_url_without_the_pools_size():
    urls = {process: of(process)["postgres"]["url"] for process in OPENMETER}  # type: ignore[index]
    assert [process for process, url in urls.items() if "pool_max_conns" not in url] == ["migrate"]


def test_readers_name_only_processes_that_there_are():
    assert {process for processes in READERS["sections"].values() for process in processes} <= set(OPENMETER)


def test_every_place_of_the_template_is_filled():
    values = dict.fromkeys(
        ("base_url", "postgres_password", "clickhouse_password", "portal_token_secret", "svix_api_key"), "x"
    )
    assert "${" not in repr(filled(TEMPLATE, values))


def test_a_place_without_a_value_is_refused():
    with pytest.raises(DevkitError, match="portal_token"):
        filled({"a": ["${portal_token}"]}, {})


def test_leaves_are_named_by_their_path():
    assert flattened({"a": {"b": [1, {"c": 2}]}, "d": {}}) == {"a.b[0]": 1, "a.b[1].c": 2, "d": {}}
