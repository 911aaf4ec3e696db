"""Defaults < devkit.yaml < environment < flags, and every value knows where it came from."""

from pathlib import Path

import pytest

from devkit.core.errors import InputError, UsageError
from devkit.core.settings import SETTINGS, Value, resolve


def write(folder: Path, text: str) -> None:
    (folder / "devkit.yaml").write_text(text)


def test_without_anything_the_defaults_hold(tmp_path):
    settings = resolve(tmp_path, {}, {})
    assert (settings.name, settings.backend, settings.port, settings.seed, settings.smoke) == (
        "default", "auto", 48888, (), False,
    )  # fmt: skip
    assert {value.origin for value in settings.values.values()} == {"default"}


def test_each_layer_wins_over_the_one_below_and_leaves_its_name(tmp_path):
    write(tmp_path, "port: 1001\nname: file\nsmoke: true\nbackend: embedded\n")
    settings = resolve(tmp_path, {"DEVKIT_PORT": "1002", "DEVKIT_NAME": "environment"}, {"port": 1003, "smoke": None})
    origins = {key: (value.value, value.origin) for key, value in settings.values.items()}
    assert origins == {
        "name": ("environment", "DEVKIT_NAME"),
        "backend": ("embedded", "devkit.yaml:4:10"),
        "port": (1003, "--port"),
        "seed": ((), "default"),
        "smoke": (True, "devkit.yaml:3:8"),
        "images-from": ("", "default"),
        "url": ("", "default"),
        "token": ("", "default"),
        "tunnel": ("auto", "default"),
        "tunnel-url": ("", "default"),
        "offline": (False, "default"),
        "stripe-default": (False, "default"),
        "stripe-api-key": ("", "default"),
        "stripe-api-base": ("", "default"),
        "ngrok-authtoken": ("", "default"),
    }


def test_a_file_of_images_is_meant_from_the_settings_file_and_a_secret_is_not_shown(tmp_path):
    write(tmp_path, "images-from: images.lock\n")
    settings = resolve(tmp_path, {"DEVKIT_TOKEN": "hush"}, {"url": "https://there.example/"})
    assert settings.images_from == tmp_path / "images.lock"
    assert (settings.url, settings.token) == ("https://there.example", "hush")
    assert settings.shown()["token"] == Value("(secret)", "DEVKIT_TOKEN")
    assert resolve(tmp_path, {"DEVKIT_IMAGES_FROM": "x"}, {}).images_from == Path("x")


def test_the_usual_names_of_secrets_count_and_devkit_s_own_names_count_more(tmp_path):
    usual = {"STRIPE_API_KEY": "sk_test_usual", "NGROK_AUTHTOKEN": "usual"}
    settings = resolve(tmp_path, usual, {})
    assert (settings.stripe_key, settings.ngrok_token) == ("sk_test_usual", "usual")
    assert settings.shown()["stripe-api-key"] == Value("(secret)", "STRIPE_API_KEY")
    both = resolve(tmp_path, {**usual, "DEVKIT_STRIPE_API_KEY": "sk_test_own"}, {})
    assert both.values["stripe-api-key"] == Value("sk_test_own", "DEVKIT_STRIPE_API_KEY")


@pytest.mark.parametrize("secret", ["hush\nhush", "hush\x1b[2J"])
def test_a_secret_that_cannot_be_one_is_refused_without_being_shown(tmp_path, secret):
    with pytest.raises(UsageError) as refused:
        resolve(tmp_path, {"NGROK_AUTHTOKEN": secret}, {})
    assert "hush" not in str(refused.value)
    assert "NGROK_AUTHTOKEN must be text in one line" in str(refused.value)


@pytest.mark.parametrize("url", ["there.example", "ftp://there", "https://", ""])
def test_a_url_must_be_one(tmp_path, url):
    with pytest.raises(UsageError, match="--url must be a URL such as"):
        resolve(tmp_path, {}, {"url": url})


def test_an_empty_file_and_an_empty_variable_say_nothing(tmp_path):
    write(tmp_path, "# nothing\n")
    assert resolve(tmp_path, {"DEVKIT_PORT": ""}, {"seed": []}).port == 48888


def test_packs_are_a_list_or_one_or_separated_by_commas(tmp_path):
    write(tmp_path, "seed: [minimal, ./own.yaml]\n")
    assert resolve(tmp_path, {}, {}).seed == ("minimal", str(tmp_path / "own.yaml"))
    write(tmp_path, "seed: minimal\n")
    assert resolve(tmp_path, {}, {}).seed == ("minimal",)
    assert resolve(tmp_path, {"DEVKIT_SEED": "a, b"}, {}).seed == ("a", "b")


def test_an_unknown_key_names_its_place_and_the_nearest_one(tmp_path):
    write(tmp_path, "name: x\nbackand: auto\n")
    with pytest.raises(InputError, match=r"devkit\.yaml:2:1: backand is no setting") as caught:
        resolve(tmp_path, {}, {})
    assert caught.value.hint == "did you mean backend?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("port: many", "devkit.yaml:1:7: port must be a port number"),
        ("port: 70000", "devkit.yaml:1:7: port must be a port number"),
        ("port: true", "devkit.yaml:1:7: port must be a port number"),
        ("smoke: maybe", "devkit.yaml:1:8: smoke must be true or false"),
        ("backend: podman", "devkit.yaml:1:10: backend must be one of"),
        ("name: [a]", "devkit.yaml:1:7: name must be text"),
        ("seed: {a: b}", "devkit.yaml:1:7: seed must be a seed pack or a list"),
        ("- port", "devkit.yaml:1:1: settings are keys and values"),
        ("a: ]", "devkit.yaml:1:4"),
        ("port: 1\nport: 2", "devkit.yaml:2:1"),
    ],
)
def test_a_bad_file_says_where_and_what(tmp_path, text, message):
    write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        resolve(tmp_path, {}, {})
    assert message in str(caught.value)


def test_a_bad_variable_and_a_bad_flag_are_named(tmp_path):
    with pytest.raises(UsageError, match="DEVKIT_PORT must be a port number from 1 to 65535, not 'x'"):
        resolve(tmp_path, {"DEVKIT_PORT": "x"}, {})
    with pytest.raises(UsageError, match="--backend must be one of"):
        resolve(tmp_path, {}, {"backend": "x"})


def test_every_setting_says_what_it_means():
    assert all(setting.meaning for setting in SETTINGS.values())
