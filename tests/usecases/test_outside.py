"""What an instance wants of the outside: flags, then the environment, then what it had; refused before it starts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devkit.core.errors import DevkitError, MissingToolError, UsageError
from devkit.core.instance import prepare_folder
from devkit.core.machine import is_alive
from devkit.core.outside import Outside, TunnelReport, Wish, read_outside, write_outside
from devkit.core.processes import Process, this_process
from devkit.core.secrets_file import read_secrets
from devkit.core.state import State, read_state, write_state
from devkit.standins.ngrok.executable import write_executable
from devkit.usecases.outside import opened, running_outside, with_wish, with_wish_remembered, without_tunnel
from devkit.usecases.recall import open_session, with_memory
from devkit.usecases.session import Session

OFFLINE = Wish("ngrok", offline=True)
PUBLIC = "https://me.example.com"
STATIC = Wish("static", PUBLIC)
NGROK = Wish("ngrok")
NONE = Wish()
KEY = {"STRIPE_API_KEY": "sk_test_devkit"}
TOKEN = {"NGROK_AUTHTOKEN": "2token"}
NO_KEY = "STRIPE_API_KEY is not set"

Wishing = Callable[..., Session]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the one who runs the tests counts."""
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def ngrok(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has the agent of ngrok."""
    return {"DEVKIT_NGROK_PATH": str(write_executable(tmp_path / "ngrok"))}


@pytest.fixture
def wishing(tmp_path: Path, ngrok: dict[str, str]) -> Wishing:
    """Decides: wishing(kept, environment, **flags), for an instance that had the wish `kept`, None for a new one."""

    def decide(kept: Wish | None = None, environment: dict[str, str] | None = None, **flags: Any) -> Session:
        session = session_of(tmp_path / "project", kept, environment or {}, **{"backend": "embedded", **flags})
        return with_wish(session, {"PATH": "", **ngrok, **(environment or {})})

    return decide


def session_of(root: Path, kept: Wish | None, environment: dict[str, str], **flags: Any) -> Session:
    root.mkdir(exist_ok=True)
    session = open_session(root, environment, flags)
    prepare_folder(session.instance)
    if kept is not None:
        state = State(backend="embedded", token="t", ports={"openmeter": 2}, url="http://127.0.0.1:2", wish=kept)
        write_state(session.instance, state)
    return with_memory(session) if kept is not None else session


@pytest.mark.parametrize(
    ("kept", "environment", "flags", "wish"),
    [
        # an instance of which nothing is known
        (None, {}, {}, NONE),
        (None, KEY, {}, NONE),
        (None, TOKEN, {}, NONE),
        (None, {**KEY, **TOKEN}, {}, NGROK),
        (None, KEY, {"tunnel_url": PUBLIC}, STATIC),
        (None, {}, {"tunnel": "static", "tunnel_url": PUBLIC}, STATIC),
        (None, TOKEN, {"tunnel": "ngrok"}, NGROK),
        (None, {}, {"tunnel": "ngrok"}, NGROK),  # the agent of ngrok itself may know a token
        (None, TOKEN, {"tunnel": "ngrok", "tunnel_url": "me.ngrok.app"}, Wish("ngrok", "me.ngrok.app")),
        (None, {**KEY, **TOKEN}, {"tunnel": "none"}, NONE),
        (None, {"DEVKIT_TUNNEL": "static", "DEVKIT_TUNNEL_URL": PUBLIC}, {}, STATIC),
        (None, {**KEY, **TOKEN, "DEVKIT_TUNNEL": "none"}, {}, NONE),
        # offline, however it is said
        (None, {}, {"offline": True}, OFFLINE),
        (None, {"DEVKIT_OFFLINE": "1"}, {}, OFFLINE),
        (None, {**KEY, **TOKEN}, {"offline": True}, OFFLINE),
        (None, {}, {"offline": True, "tunnel": "ngrok"}, OFFLINE),
        (STATIC, {}, {"offline": True}, OFFLINE),
        (None, {"DEVKIT_OFFLINE": "1"}, {"offline": False}, NONE),
        # what nobody says stays
        (OFFLINE, {}, {}, OFFLINE),
        (OFFLINE, {**KEY, **TOKEN}, {}, OFFLINE),
        (STATIC, {}, {}, STATIC),
        (NGROK, {}, {}, NGROK),
        (NGROK, KEY, {}, NGROK),
        (NONE, {}, {}, NONE),
        # what somebody says counts more
        (OFFLINE, {}, {"offline": False}, NONE),
        (OFFLINE, {}, {"tunnel": "none"}, NONE),
        (OFFLINE, {**KEY, **TOKEN}, {"offline": False}, NGROK),
        (OFFLINE, {}, {"tunnel": "static", "tunnel_url": PUBLIC}, STATIC),
        (STATIC, {}, {"tunnel": "none"}, NONE),
        (STATIC, TOKEN, {"tunnel": "ngrok"}, NGROK),
        (NGROK, KEY, {"tunnel_url": PUBLIC}, STATIC),
    ],
)
def test_what_it_wants_is_decided(
    wishing: Wishing, kept: Wish | None, environment: dict[str, str], flags: dict[str, Any], wish: Wish
) -> None:
    assert wishing(kept, environment, **flags).wish == wish


@pytest.mark.parametrize(
    ("environment", "flags", "reason"),
    [
        ({}, {}, NO_KEY),
        (TOKEN, {}, NO_KEY),
        (KEY, {}, "NGROK_AUTHTOKEN is not set and no public address is given"),
        (KEY, {"tunnel": "none"}, "not wanted (--tunnel none)"),
    ],
)
def test_why_it_has_none_is_said(
    wishing: Wishing, environment: dict[str, str], flags: dict[str, Any], reason: str
) -> None:
    assert (without_tunnel(wishing(None, environment, **flags)) or "").startswith(reason)


def test_a_tunnel_that_is_wanted_is_not_left_out(wishing: Wishing) -> None:
    assert without_tunnel(wishing(None, {}, offline=True)) is None


def test_a_stand_in_of_stripe_is_remembered_with_the_tunnel(wishing: Wishing) -> None:
    base = "http://127.0.0.1:12111"
    environment = {**KEY, "DEVKIT_STRIPE_API_BASE": base}
    found = wishing(None, environment, tunnel="static", tunnel_url="http://127.0.0.1:1")
    assert found.wish == Wish("static", "http://127.0.0.1:1", stripe_base=base)
    assert wishing(found.wish, {}).wish == found.wish


@pytest.mark.parametrize("key", ["sk_live_planted", "rk_live_planted", "pk_test_planted", "planted"])
@pytest.mark.parametrize("flags", [{"tunnel": "static", "tunnel_url": PUBLIC}, {"tunnel": "ngrok"}, {}])
def test_a_key_that_is_not_of_the_test_mode_is_refused_and_kept_nowhere(
    wishing: Wishing, key: str, flags: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match="not one of the test mode") as refused:
        wishing(STATIC, {"STRIPE_API_KEY": key}, **flags)
    assert "planted" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(
    ("environment", "flags", "message"),
    [
        ({}, {"tunnel": "static"}, "the tunnel static has no address"),
        ({}, {"tunnel": "static", "tunnel_url": "http://127.0.0.1:1"}, r"Stripe cannot reach 127\.0\.0\.1"),
        ({}, {"offline": True, "tunnel": "static", "tunnel_url": PUBLIC}, "--offline opens a stand-in of ngrok"),
        ({}, {"offline": True, "tunnel": "none"}, "--offline opens a stand-in of ngrok"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_way_out(
    wishing: Wishing, environment: dict[str, str], flags: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        wishing(None, environment, **flags)
    assert refused.value.hint


def test_an_ngrok_that_was_asked_for_and_is_not_there_is_missing(wishing: Wishing, tmp_path: Path) -> None:
    with pytest.raises(MissingToolError) as refused:
        wishing(None, {**TOKEN, "DEVKIT_NGROK_PATH": str(tmp_path / "nowhere")}, tunnel="ngrok")
    assert refused.value.hint


def test_an_ngrok_that_nobody_asked_for_and_is_not_there_is_a_reason(wishing: Wishing, tmp_path: Path) -> None:
    found = wishing(None, {**KEY, **TOKEN, "DEVKIT_NGROK_PATH": str(tmp_path / "nowhere")})
    assert found.wish == NONE
    assert "no program" in found.wish_reason


@pytest.mark.parametrize("flags", [{"offline": True}, {"tunnel": "ngrok"}, {"tunnel": "static"}])
def test_a_server_elsewhere_needs_no_tunnel_from_here(wishing: Wishing, flags: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="runs elsewhere") as refused:
        wishing(None, {}, backend="remote", url="https://openmeter.example.com", **flags)
    assert refused.value.hint
    found = wishing(None, KEY, backend="remote", url="https://openmeter.example.com")
    assert (found.wish, found.wish_reason) == (NONE, "OpenMeter runs elsewhere")


def test_what_was_decided_is_written_down_with_its_secrets(wishing: Wishing) -> None:
    session = with_wish_remembered(wishing(NONE, {**KEY, **TOKEN}))
    state, secrets = read_state(session.instance), read_secrets(session.instance)
    assert state is not None
    assert (state.wish, state.identity) == (NGROK, secrets.identity)
    assert (secrets.stripe_key, secrets.ngrok_token) == ("sk_test_devkit", "2token")
    assert is_alive(secrets.identity)
    later = with_wish_remembered(wishing(NGROK))
    assert read_secrets(later.instance) == secrets


def test_with_stand_ins_no_key_of_the_user_s_is_kept(wishing: Wishing) -> None:
    session = with_wish_remembered(wishing(NONE, {**KEY, **TOKEN}, offline=True))
    secrets = read_secrets(session.instance)
    assert (secrets.stripe_key, secrets.ngrok_token) == ("", "")
    assert secrets.offline_key.startswith("sk_test_")
    assert session.known.identity == secrets.identity


def test_one_that_wants_nothing_has_no_secrets(wishing: Wishing) -> None:
    session = with_wish_remembered(wishing(STATIC, {}, tunnel="none"))
    assert session.known.wish == NONE
    assert read_secrets(session.instance).identity == ""


def test_a_copy_of_a_project_is_somebody_else_at_stripe(tmp_path: Path, ngrok: dict[str, str]) -> None:
    def decided(name: str) -> Session:
        session = session_of(tmp_path / name, NONE, {**KEY, **TOKEN}, backend="embedded")
        return with_wish_remembered(with_wish(session, {"PATH": "", **ngrok}))

    first = decided("one")
    second = session_of(tmp_path / "two", NONE, {}, backend="embedded").instance
    (second.folder / "secrets.json").write_bytes((first.instance.folder / "secrets.json").read_bytes())
    assert read_secrets(decided("two").instance).identity != read_secrets(first.instance).identity


def said(session: Session, process: Process, tunnel: TunnelReport, control: int = 1) -> None:
    write_outside(session.instance, Outside(wish=NGROK, process=process, control=control, tunnel=tunnel))


def test_only_the_running_agent_counts(wishing: Wishing) -> None:
    session = wishing(NGROK)
    assert running_outside(session) is None
    said(session, Process(2**22, 1.0), TunnelReport(PUBLIC))
    assert running_outside(session) is None
    said(session, this_process(), TunnelReport(PUBLIC), control=0)
    assert running_outside(session) is None
    said(session, this_process(), TunnelReport(PUBLIC))
    assert running_outside(session) == read_outside(session.instance)
    assert opened(session).tunnel.url == PUBLIC


def test_a_tunnel_that_does_not_open_is_told_with_its_kind_and_way_out(wishing: Wishing) -> None:
    session = wishing(NGROK)
    said(session, this_process(), TunnelReport(None, "no token", "set one", 1, exit_code=MissingToolError.exit_code))
    with pytest.raises(MissingToolError, match="no token") as refused:
        opened(session)
    assert refused.value.hint == "set one"
    said(session, this_process(), TunnelReport(None, "it fell", attempt=3))
    with pytest.raises(DevkitError, match="it fell") as fallen:
        opened(session)
    assert fallen.value.hint


def test_an_agent_that_has_ended_is_not_waited_for(wishing: Wishing) -> None:
    session = wishing(NGROK)
    said(session, Process(2**22, 1.0), TunnelReport())
    with pytest.raises(DevkitError, match="the agent has ended"):
        opened(session)
