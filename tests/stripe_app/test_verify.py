"""A real event goes from the stand-in of Stripe to a real OpenMeter."""

import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from devkit.core.errors import DevkitError
from devkit.stripe_app.account import Account
from devkit.stripe_app.proof import prove
from devkit.stripe_app.verify import verify
from tests.stripe_app.app_place import Scene


def delivered(scene: Scene, app: str) -> list[int | None]:
    """The statuses of what was delivered to an app."""
    found = scene.account.control("state")["deliveries"]
    return [one["status"] for one in found if f"/{app}/" in one["url"]]


def intents(scene: Scene) -> list[str]:
    """What became of the objects that were made for it."""
    found = scene.account.get("events?type=setup_intent.requires_action&limit=100")["data"]
    ids = [one["data"]["object"]["id"] for one in found]
    return [scene.account.get(f"setup_intents/{id_}")["status"] for id_ in ids]


def test_the_event_is_accepted_and_what_it_was_about_is_cancelled(scene: Scene) -> None:
    app = scene.sync().app
    assert 0 < verify(scene.place, app) < 30
    assert delivered(scene, app) == [201]
    assert intents(scene) == ["canceled"]


def test_where_openmeter_counts_stripe_need_not_say_it(scene: Scene) -> None:
    app = scene.sync().app
    # Another endpoint of the account refuses everything, so Stripe goes on waiting.
    form = "url=http://127.0.0.1:9&enabled_events[]=*"
    scene.make_endpoint(form=form)
    verify(scene.place, app, arrived=lambda: delivered(scene, app).count(201))
    with pytest.raises(DevkitError, match="was not accepted within"):
        verify(scene.place, app, 0.3)


def test_the_place_may_count_too(scene: Scene) -> None:
    app = scene.sync().app
    scene.make_endpoint(form="url=http://127.0.0.1:9&enabled_events[]=*")
    scene.with_(taken=lambda asked: delivered(scene, asked).count(201))
    assert verify(scene.place, app) > 0


def test_a_refusal_that_is_counted_ends_the_waiting(scene: Scene) -> None:
    app = scene.sync().app
    # The app's endpoint cannot take it, and another one with a secret of its own leads to the app.
    scene.account.post(f"webhook_endpoints/{scene.endpoints()[0]['id']}", "disabled=true")
    form = f"url={scene.place.webhook_url(app)}&enabled_events[]=*&api_version=2024-09-30.acacia"
    scene.make_endpoint(form=form)
    counts = {"arrived": lambda: delivered(scene, app).count(201), "refused": lambda: delivered(scene, app).count(400)}
    started = time.monotonic()
    outcome = prove(Account(scene.place.access), scene.place.owner, 600, **counts)
    assert outcome.seconds is None
    assert time.monotonic() - started < 300


def test_a_dead_address_is_named(scene: Scene) -> None:
    scene.with_(public_url="http://127.0.0.1:9")
    app = scene.sync().app
    with pytest.raises(DevkitError, match=r"http://127.0.0.1:9\S* cannot be reached"):
        verify(scene.place, app, 0.3)
    assert intents(scene) == ["canceled"]


def test_an_address_of_something_else_is_named(scene: Scene, stripe_address: str) -> None:
    scene.with_(public_url=stripe_address)
    app = scene.sync().app
    with pytest.raises(DevkitError, match="answers 40"):
        verify(scene.place, app, 0.3)


def test_a_secret_that_is_another_endpoints_is_refused(scene: Scene) -> None:
    first = scene.sync()
    scene.account.delete(f"webhook_endpoints/{first.endpoint}")
    events = scene.place.webhook_url(first.app)
    form = f"url={events}&api_version=2024-09-30.acacia&enabled_events[]=setup_intent.requires_action"
    scene.make_endpoint(form=form, om_app_id=first.app)
    scene.sync(first.app)  # it cannot see that: it only looks
    with pytest.raises(DevkitError, match="refused, or Stripe is slow"):
        verify(scene.place, first.app, 0.5)
    assert set(delivered(scene, first.app)) == {400}


def test_what_stripe_delivered_elsewhere_did_not_arrive(scene: Scene) -> None:
    app = scene.sync().app
    with pytest.raises(DevkitError, match="but not to this OpenMeter"):
        verify(scene.place, app, 1.0, arrived=lambda: 0)


def test_an_endpoint_that_is_not_right_is_not_even_tried(scene: Scene) -> None:
    standing = scene.sync()
    scene.account.post(f"webhook_endpoints/{standing.endpoint}", "disabled=true")
    with pytest.raises(DevkitError, match="it is disabled"):
        verify(scene.place, standing.app)
    scene.account.delete(f"webhook_endpoints/{standing.endpoint}")
    with pytest.raises(DevkitError, match="has no webhook endpoint"):
        verify(scene.place, standing.app)
    assert intents(scene) == []


def test_an_address_that_never_answers_does_not_hold_anybody_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devkit.stripe_app.proof._LOOK_SECONDS", 0.2)
    ended = threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            ended.wait(20)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - a name of the base class
            pass

    server = HTTPServer(("127.0.0.1", 0), Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        scene.with_(public_url=f"http://127.0.0.1:{server.server_address[1]}")
        app = scene.sync().app
        started = time.monotonic()
        with pytest.raises(DevkitError, match="does not answer within"):
            verify(scene.place, app, 0.3)
        assert time.monotonic() - started < 20
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
