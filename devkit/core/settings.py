"""Settings: defaults < devkit.yaml < environment (DEVKIT_*) < flags. Each value remembers where it came from."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from devkit.core.errors import InputError, UsageError
from devkit.core.instance import SETTINGS_FILE
from devkit.core.redaction import hide

if TYPE_CHECKING:
    from devkit.core.yaml_source import Tree

BACKENDS = ("auto", "embedded", "compose", "remote")
TUNNELS = ("auto", "ngrok", "static", "none")
Parse = Callable[[Any], Any]


@dataclass(frozen=True)
class Value:
    """A value and its origin: `default`, `devkit.yaml:3:7`, `DEVKIT_PORT` or `--port`."""

    value: Any
    origin: str


@dataclass(frozen=True)
class Settings:
    """What holds for this command."""

    values: Mapping[str, Value]

    @property
    def name(self) -> str:
        return str(self.values["name"].value)

    @property
    def backend(self) -> str:
        return str(self.values["backend"].value)

    @property
    def port(self) -> int:
        return int(self.values["port"].value)

    @property
    def seed(self) -> tuple[str, ...]:
        return tuple(self.values["seed"].value)

    @property
    def smoke(self) -> bool:
        return bool(self.values["smoke"].value)

    @property
    def images_from(self) -> Path | None:
        return Path(self.values["images-from"].value) if self.values["images-from"].value else None

    @property
    def url(self) -> str:
        return str(self.values["url"].value)

    @property
    def token(self) -> str:
        return str(self.values["token"].value)

    @property
    def tunnel(self) -> str:
        return str(self.values["tunnel"].value)

    @property
    def tunnel_url(self) -> str:
        return str(self.values["tunnel-url"].value)

    @property
    def offline(self) -> bool:
        return bool(self.values["offline"].value)

    @property
    def stripe_default(self) -> bool:
        return bool(self.values["stripe-default"].value)

    @property
    def stripe_key(self) -> str:
        return str(self.values["stripe-api-key"].value)

    @property
    def stripe_base(self) -> str:
        return str(self.values["stripe-api-base"].value)

    @property
    def ngrok_token(self) -> str:
        return str(self.values["ngrok-authtoken"].value)

    def given(self, key: str) -> bool:
        """Whether somebody said it; what nobody said may stay as an instance has it."""
        return self.values[key].origin != "default"

    def shown(self) -> dict[str, Value]:
        """The values for people and programs to see: a secret only says that it is there."""
        hidden = {key: replace(value, value="(secret)") for key, value in self.values.items() if value.value}
        return {key: hidden.get(key, value) if SETTINGS[key].secret else value for key, value in self.values.items()}


def resolve(root: Path, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """The settings of a project.

    root:  the folder in which devkit.yaml may stand
    flags: by setting; None (and an empty list) is a flag that was not given
    Raises UsageError, for the file as InputError with line and column.
    """
    values = {key: Value(setting.default, "default") for key, setting in SETTINGS.items()}
    path = root / SETTINGS_FILE
    if path.is_file():
        values |= _from_file(path)
    values |= _from_environment(environment)
    given = {key.replace("_", "-"): value for key, value in flags.items() if value is not None and value != []}
    return Settings(values | {key: _given(key, value, f"--{key}") for key, value in given.items()})


def _from_file(path: Path) -> dict[str, Value]:
    from devkit.core.yaml_source import load

    tree = load(path, name=SETTINGS_FILE)
    if tree.value is None:
        return {}
    if not isinstance(tree.value, Mapping):
        raise InputError("settings are keys and values, such as `port: 48888`", place=tree.place)
    values = {key: _from_tree(key, child, tree) for key, child in tree.value.items()}
    if "seed" in values:
        packs = tuple(_beside(path.parent, pack) for pack in values["seed"].value)
        values["seed"] = Value(packs, values["seed"].origin)
    if "images-from" in values:
        values["images-from"] = replace(values["images-from"], value=str(path.parent / values["images-from"].value))
    return values


def _beside(folder: Path, pack: str) -> str:
    """A pack that is a path is meant from the file that names it, wherever devkit is called."""
    is_path = "/" in pack or "\\" in pack or pack.endswith((".yaml", ".yml"))
    return str(folder / pack) if is_path else pack


def _from_tree(key: str, child: "Tree", tree: "Tree") -> Value:
    if key not in SETTINGS:
        near = difflib.get_close_matches(key, SETTINGS, n=1)
        hint = f"did you mean {near[0]}?" if near else None
        message = f"{key} is no setting; there are {', '.join(SETTINGS)}"
        raise InputError(message, place=tree.keys[key], hint=hint)
    try:
        return _value(key, child.plain(), str(child.place))
    except ValueError as error:
        raise InputError(f"{key} must be {error}", place=child.place) from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, setting in SETTINGS.items():
        name = next((each for each in (own_variable(key), *setting.variables) if environment.get(each)), None)
        if name is not None:
            found[key] = _given(key, environment[name], name)
    return found


def own_variable(key: str) -> str:
    return f"DEVKIT_{key.upper().replace('-', '_')}"


def _given(key: str, raw: Any, origin: str) -> Value:
    try:
        return _value(key, raw, origin)
    except ValueError as error:
        # What stands before an @ in an address may be a password.
        shown = "" if SETTINGS[key].secret or "@" in str(raw) else f", not {raw!r}"
        raise UsageError(f"{origin} must be {error}{shown}") from error


def _value(key: str, raw: Any, origin: str) -> Value:
    """Raises ValueError that says what it must be."""
    if SETTINGS[key].secret:
        hide(str(raw))
    return Value(SETTINGS[key].parse(raw), origin)


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw:
        raise ValueError("text")
    return raw


def _url(raw: Any) -> str:
    parts = urlsplit(raw) if isinstance(raw, str) else None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a URL such as https://openmeter.example.com")
    return _address(raw).rstrip("/")


def names_a_user(address: str) -> bool:
    """Whether a name, perhaps with a password, stands before its host: it would be shown wherever the address is."""
    return "@" in address.rpartition("://")[2].partition("/")[0]


def _address(raw: Any) -> str:
    text = _text(raw)
    if names_a_user(text):
        raise ValueError("an address without a name or password in it")
    return text


def _backend(raw: Any) -> str:
    if raw not in BACKENDS:
        raise ValueError(f"one of {', '.join(BACKENDS)}")
    return str(raw)


def _tunnel(raw: Any) -> str:
    if raw not in TUNNELS:
        raise ValueError(f"one of {', '.join(TUNNELS)}")
    return str(raw)


def _secret(raw: Any) -> str:
    text = _text(raw).strip()
    if not text or not text.isprintable():
        raise ValueError("text in one line")
    return text


def _port(raw: Any) -> int:
    number = int(raw) if isinstance(raw, str) and raw.isascii() and raw.isdigit() else raw
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 65535:
        raise ValueError("a port number from 1 to 65535")
    return number


def _packs(raw: Any) -> tuple[str, ...]:
    items = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) and item.strip() for item in items):
        raise ValueError("a seed pack or a list of them")
    return tuple(item.strip() for item in items)


def _flag(raw: Any) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if isinstance(raw, bool):
        return raw
    if not isinstance(raw, str) or raw.lower() not in words:
        raise ValueError("true or false")
    return words[raw.lower()]


@dataclass(frozen=True)
class Setting:
    """One setting: its default, how a value is read (ValueError says what it must be) and what it means.

    variables: of the environment, by which others know it, beside devkit's own
    """

    default: Any
    parse: Parse
    meaning: str
    secret: bool = False
    variables: tuple[str, ...] = ()


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for processes that need none of its secrets."""
    return {name: value for name, value in environment.items() if name not in SECRET_VARIABLES}


SETTINGS: Mapping[str, Setting] = {
    "name": Setting("default", _text, "the instance"),
    "backend": Setting("auto", _backend, "what runs OpenMeter: auto, embedded, compose or remote"),
    "port": Setting(48888, _port, "the first port of the instance's block"),
    "seed": Setting((), _packs, "seed packs that up applies"),
    "smoke": Setting(False, _flag, "whether up ends with the smoke checks"),
    "images-from": Setting("", _text, "a file with images that take the place of the pinned ones (compose)"),
    "url": Setting("", _url, "where OpenMeter runs (remote)"),
    "token": Setting("", _text, "the API token that it wants (remote)", secret=True),
    "tunnel": Setting("auto", _tunnel, "how Stripe reaches this machine: auto, ngrok, static or none"),
    "tunnel-url": Setting("", _address, "the public address that leads here (static), or ngrok's reserved domain"),
    "offline": Setting(False, _flag, "whether stand-ins take the places of Stripe and ngrok"),
    "stripe-default": Setting(False, _flag, "whether the billing profile with the Stripe app is the default one"),
    "stripe-api-key": Setting("", _secret, "the key of Stripe's test mode", secret=True, variables=("STRIPE_API_KEY",)),
    "stripe-api-base": Setting("", _url, "where a stand-in of Stripe answers"),
    "ngrok-authtoken": Setting("", _secret, "ngrok's authtoken", secret=True, variables=("NGROK_AUTHTOKEN",)),
}

SECRET_VARIABLES = frozenset(
    name for key, setting in SETTINGS.items() if setting.secret for name in (own_variable(key), *setting.variables)
) | {"OPENMETER_TOKEN"}
