"""What Stripe's failures become, from the stand-in's faults."""

import socket

import pytest

from devkit.adapters.openmeter import ApiError
from devkit.adapters.stripe import StripeAccess
from devkit.core.errors import DevkitError, UnreachableError
from devkit.core.redaction import redacted
from devkit.stripe_app import failures
from devkit.stripe_app.account import Account
from devkit.stripe_app.failures import StripeFailureError, asked
from tests.stripe_app.app_place import Scene


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_FIRST_PAUSE", 0.01)


def faulty(scene: Scene, **fault: object) -> Account:
    scene.account.control("faults", method="GET", path="/v1/account", **fault)
    return Account(scene.place.access)


@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 500}, {"status": 503}, {"drop": True}])
def test_what_passes_by_itself_is_tried_again(scene: Scene, fault: dict[str, object]) -> None:
    assert faulty(scene, times=3, **fault).id().startswith("acct_")


def at_most(account: Account, seconds: float) -> str:
    return asked(lambda: account._v1.accounts.retrieve_current().id, "ask", within=seconds)


@pytest.mark.parametrize(
    ("status", "said"),
    [(429, "too many requests"), (500, "a failure of its own"), (403, "is not allowed"), (401, "not accept the key")],
)
def test_what_does_not_pass_is_one_sentence_and_a_way_out(scene: Scene, status: int, said: str) -> None:
    account = faulty(scene, times=1000, status=status, message=f"no, {scene.account.key} may not")
    with pytest.raises(StripeFailureError, match=said) as raised:
        at_most(account, 0.05)
    assert raised.value.status == status
    assert raised.value.hint
    assert scene.account.key not in raised.value.message
    assert "\n" not in raised.value.message


def test_a_connection_that_drops_each_time_is_unreachable(scene: Scene) -> None:
    account = faulty(scene, times=1000, drop=True)
    with pytest.raises(UnreachableError, match="cannot be reached") as raised:
        at_most(account, 0.05)
    assert "--offline" in (raised.value.hint or "")


def test_a_network_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        account = Account(StripeAccess("sk_test_nothing", f"http://127.0.0.1:{closed.getsockname()[1]}"))
        with pytest.raises(UnreachableError) as raised:
            at_most(account, 0.05)
    assert "sk_test_" not in raised.value.message


def test_what_the_caller_did_wrong_is_not_tried_again() -> None:
    import stripe

    calls: list[int] = []

    def refused() -> None:
        calls.append(1)
        raise stripe.InvalidRequestError(  # type: ignore[no-untyped-call]
            "No such thing", "id", http_status=404, code="resource_missing"
        )

    with pytest.raises(StripeFailureError) as raised:
        asked(refused, "look")
    assert (len(calls), raised.value.code) == (1, "resource_missing")


@pytest.mark.parametrize(
    "secret", ["sk_test_51Abc", "rk_test_xyz.1", "sk_live_abc", "whsec_0123abcd", "sk_test_devkit_123_ab.001"]
)
def test_no_secret_stays_in_a_text(secret: str) -> None:
    assert secret not in redacted(f"Invalid API Key provided: {secret}, or '{secret}'.")


def test_what_openmeter_refuses_has_a_way_out_too(alone: Scene) -> None:
    first = alone.sync()
    alone.profile(first.app)
    alone.account.delete(f"webhook_endpoints/{first.endpoint}")
    refusal = ApiError("createBillingProfile", 500, {"title": f"about {alone.account.key}"})
    call = alone.openmeter.call

    def refused(operation: str, **request: object) -> object:
        if operation == "createBillingProfile":
            raise refusal
        return call(operation, **request)

    alone.openmeter.call = refused  # type: ignore[method-assign]
    with pytest.raises(DevkitError, match="could not be made right: createBillingProfile") as raised:
        alone.sync(first.app)
    assert raised.value.hint
    assert alone.account.key not in raised.value.message


def test_an_address_that_stripe_does_not_send_to_has_a_way_out(scene: Scene) -> None:
    first = scene.sync()
    scene.with_(public_url="ftp://example.org")
    with pytest.raises(StripeFailureError, match="refuses the address") as raised:
        scene.sync(first.app)
    assert "--tunnel" in (raised.value.hint or "")


@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 500}, {"drop": True}])
def test_a_repair_outlives_what_stripe_does_now_and_then(scene: Scene, fault: dict[str, object]) -> None:
    first = scene.sync()
    path = f"/v1/webhook_endpoints/{first.endpoint}"
    scene.account.post(f"webhook_endpoints/{first.endpoint}", "disabled=true")
    scene.account.control("faults", method="POST", path=path, times=2, **fault)
    assert [repair.kind for repair in scene.sync(first.app).repairs] == ["enabled"]


def test_an_install_that_stripe_fails_is_told_in_a_sentence(scene: Scene) -> None:
    scene.account.fail("POST", "webhook_endpoints", 403)
    with pytest.raises(DevkitError, match="could not install the Stripe app") as raised:
        scene.sync()
    assert raised.value.hint
    assert scene.account.key not in raised.value.message
    assert scene.endpoints() == []
