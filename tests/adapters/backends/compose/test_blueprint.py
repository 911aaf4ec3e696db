"""What an instance should look like: its variables, its fingerprints, and the Compose file they belong to."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from devkit.adapters.backends.compose.blueprint import Blueprint, Offline, Wishes, blueprint, project_of
from devkit.adapters.backends.compose.credentials import new_credentials
from devkit.adapters.backends.compose.fingerprints import differences, fingerprint, summed_up
from devkit.adapters.backends.compose.services import IMAGES, OFFLINE, OPENMETER, PORTS, SERVICES
from devkit.adapters.certificates import AUTHORITY_LINK
from devkit.adapters.docker.images import Image
from devkit.core.data import data_path
from devkit.core.instance import Instance

CREDENTIALS = new_credentials()
WISHES = Wishes(
    {purpose: 48888 + offset for purpose, offset in PORTS.items()},
    "http://127.0.0.1:48888",
    {name: Image(f"test/{name}:1") for name in IMAGES},
    {},
)
OVER_THERE = Offline("-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n", 48895)
DOCUMENT = yaml.safe_load(data_path("compose/compose.yaml").read_text())
LONG_RUNNING = [name for name, service in SERVICES.items() if service.kind != "job"]


def made(wishes: Wishes = WISHES, root: Path = Path("/w")) -> Blueprint:
    return blueprint(Instance(root, "a"), wishes, CREDENTIALS)


def changed(wishes: Wishes) -> dict[str, list[str]]:
    before, now = made(), made(wishes)
    return {
        name: differences(before.inputs[name], inputs)
        for name, inputs in now.inputs.items()
        if fingerprint(inputs) != fingerprint(before.inputs[name])
    }


def test_the_compose_file_has_the_services_that_devkit_knows():
    assert list(DOCUMENT["services"]) == list(SERVICES)


def test_two_checkouts_never_share_a_project_nor_do_two_names():
    names = {project_of(Instance(Path(root), name)).name for root in ("/w", "/v") for name in ("a", "b")}
    assert len(names) == 4


def test_nothing_changes_where_nothing_changed():
    assert changed(WISHES) == {}


def test_one_key_of_the_configuration_concerns_only_its_readers():
    assert changed(replace(WISHES, changes={"sink": {"minCommitCount": 1}})) == {
        "sink-worker": ["configuration sink.minCommitCount changed"]
    }
    assert set(changed(replace(WISHES, changes={"portal": {"tokenExpiration": "2h"}}))) == {"openmeter"}
    assert set(changed(replace(WISHES, changes={"novelty": 1}))) == set(OPENMETER)


def test_a_new_public_address_concerns_those_that_hand_it_out():
    assert set(changed(replace(WISHES, public_url="https://t.example"))) == {"openmeter", "billing-worker", "jobs"}


def test_an_image_concerns_the_services_that_run_it():
    images = {**WISHES.images, "redis": Image("test/redis:2")}
    assert changed(replace(WISHES, images=images)) == {"redis": ["image changed"]}


def test_a_port_concerns_the_service_that_is_published_there():
    ports = {**WISHES.ports, "sink-worker": 50000}
    assert changed(replace(WISHES, ports=ports)) == {"sink-worker": ["ports[0] changed"]}


def test_every_variable_of_the_compose_file_is_set():
    text = data_path("compose/compose.yaml").read_text()
    wanted = _variables(text) - {"DEVKIT_PROBE_GRACE"}
    assert wanted == set(made().variables)


def test_no_input_shows_a_secret():
    text = json.dumps(made().inputs) + repr(made()) + repr(CREDENTIALS)
    for secret in (CREDENTIALS.postgres_password, CREDENTIALS.portal_token_secret, CREDENTIALS.svix_api_key):
        assert secret not in text


def test_reasons_are_few_and_say_how_many_more_there_are():
    assert summed_up(["a", "b"]) == "a, b"
    assert summed_up(list("abcde")) == "a, b, c and 2 more"
    assert differences({"a": "1", "b": "2"}, {"a": "2", "c": "3"}) == ["a changed", "c is new", "b is gone"]


@pytest.mark.parametrize("service", list(SERVICES))
def test_a_service_is_local_bounded_and_stays_down_after_a_reboot(service):
    definition = DOCUMENT["services"][service]
    assert definition["restart"] == ("no" if SERVICES[service].kind == "job" else "on-failure")
    assert definition["mem_limit"].endswith(("m", "g"))
    assert all(port.startswith("127.0.0.1:") for port in definition.get("ports", ()))
    assert "ulimits" not in definition
    assert definition["pull_policy"] == "never"
    assert all(not str(volume).startswith((".", "/", "~")) for volume in definition.get("volumes", ()))
    assert ("healthcheck" in definition) == (SERVICES[service].kind == "server")


def test_all_memory_limits_together_fit_a_laptop_of_8_gb():
    sizes = {"m": 1, "g": 1024}
    limits = [DOCUMENT["services"][name]["mem_limit"] for name in LONG_RUNNING]
    assert sum(int(limit[:-1]) * sizes[limit[-1]] for limit in limits) < 7 * 1024


def test_quick_probes_cover_exactly_the_services_with_a_health_check():
    overlay = yaml.safe_load(data_path("compose/quick-probes.yaml").read_text())["services"]
    assert set(overlay) == {name for name, service in SERVICES.items() if service.kind == "server"}
    assert [file.name for file in made(replace(WISHES, quick_probes=True)).project.files] == [
        "compose.yaml",
        "quick-probes.yaml",
    ]


def test_offline_adds_the_forwarder_and_lets_those_who_call_stripe_trust_it():
    trusting = ["environment.SSL_CERT_DIR is new", "file offline-ca is new"]
    before, now = made(), made(replace(WISHES, offline=OVER_THERE))
    assert set(now.inputs) - set(before.inputs) == set(OFFLINE) == {"stripe"}
    assert {
        name: sorted(differences(before.inputs[name], now.inputs[name]))
        for name in before.inputs
        if before.inputs[name] != now.inputs[name]
    } == {"openmeter": trusting, "billing-worker": trusting, "jobs": trusting}


def test_without_offline_nothing_of_it_is_there():
    blueprint = made()
    assert not any("OFFLINE" in name or "STRIPE" in name for name in blueprint.variables)
    assert [file.name for file in blueprint.project.files] == ["compose.yaml"]


def test_those_who_trust_the_stand_in_are_those_who_have_the_apps():
    readers = yaml.safe_load(data_path("compose/readers.yaml").read_text())
    overlay = yaml.safe_load(data_path("compose/offline.yaml").read_text())
    assert set(overlay["services"]) == {*OFFLINE, *readers["sections"]["apps"]}


def test_the_authority_stands_where_openssl_looks_for_it():
    overlay = yaml.safe_load(data_path("compose/offline.yaml").read_text())
    (config,) = overlay["services"]["openmeter"]["configs"]
    folder, _, name = config["target"].rpartition("/")
    assert name == AUTHORITY_LINK
    assert overlay["services"]["openmeter"]["environment"]["SSL_CERT_DIR"].split(":") == ["/etc/ssl/certs", folder]


def test_a_new_port_of_the_stand_in_concerns_the_forwarder_and_a_new_authority_those_who_trust_it():
    offline = replace(WISHES, offline=OVER_THERE)
    before = made(offline)
    moved = made(replace(offline, offline=replace(OVER_THERE, port=48905)))
    assert [name for name in before.inputs if before.inputs[name] != moved.inputs[name]] == ["stripe"]
    renewed = made(replace(offline, offline=replace(OVER_THERE, authority="another")))
    assert differences(before.inputs["jobs"], renewed.inputs["jobs"]) == ["file offline-ca changed"]
    assert before.inputs["stripe"] == renewed.inputs["stripe"]


def test_every_variable_of_the_offline_file_is_set_and_quick_probes_cover_its_service():
    variables = made(replace(WISHES, offline=OVER_THERE, quick_probes=True))
    wanted = _variables(data_path("compose/offline.yaml").read_text()) - {"DEVKIT_PROBE_GRACE"}
    assert wanted <= set(variables.variables)
    quick = yaml.safe_load(data_path("compose/offline-quick-probes.yaml").read_text())["services"]
    assert set(quick) == set(OFFLINE)
    assert [file.name for file in variables.project.files] == [
        "compose.yaml",
        "offline.yaml",
        "quick-probes.yaml",
        "offline-quick-probes.yaml",
    ]


def test_the_forwarder_is_bounded_published_nowhere_and_stays_down_after_a_reboot():
    definition = yaml.safe_load(data_path("compose/offline.yaml").read_text())["services"]["stripe"]
    assert definition["restart"] == "on-failure"
    assert definition["pull_policy"] == "never"
    assert definition["mem_limit"] == "64m"
    assert "ports" not in definition
    assert "healthcheck" in definition


def test_nothing_stands_in_the_file_that_a_mirror_would_have_to_change():
    assert all(definition["image"].startswith("${DEVKIT_IMAGE_") for definition in DOCUMENT["services"].values())


def _variables(text: str) -> set[str]:
    import re

    return set(re.findall(r"\$\{(DEVKIT_[A-Z_]+)", text)) | set(re.findall(r"environment: (DEVKIT_[A-Z_]+)", text))
