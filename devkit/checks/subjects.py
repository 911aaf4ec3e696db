"""Checks of the tag Subjects."""

from typing import Any

from devkit.checks import expect
from devkit.checks.expect import ABSENT
from devkit.checks.registry import check
from devkit.checks.scene import Scene

STRIPE = "cus_JMOlctsKV8"


@check("an upsert creates subjects and changes what it names", operations=("upsertSubject", "getSubject"))
def upsert_creates_and_changes(scene: Scene) -> None:
    alice, bob = scene.name("alice"), scene.name("bob")
    full = {"key": alice, "displayName": "Alice", "metadata": {"plan": "pro", "seats": 5}, "stripeCustomerId": STRIPE}
    created = expect.array("the subjects", scene.call("upsertSubject", body=[full, {"key": bob}]).body)
    expect.equal("the keys in the order of the request", expect.fields("the subjects", created, "key"), [alice, bob])
    expect.contains("the first subject", created[0], full)
    least = {"metadata": {}, "displayName": ABSENT, "stripeCustomerId": ABSENT}
    expect.contains("the second subject", created[1], least)

    changed = scene.call("upsertSubject", body=[{"key": alice, "displayName": "Alice B."}]).body[0]
    expect.contains("the changed subject", changed, full | {"displayName": "Alice B.", "id": created[0]["id"]})
    cleared = {"key": alice, "displayName": None, "metadata": {"plan": "free"}, "stripeCustomerId": None}
    emptied = scene.call("upsertSubject", body=[cleared]).body[0]
    expect.contains("the cleared subject", emptied, least | {"metadata": {"plan": "free"}})
    for identity in (alice, created[0]["id"]):
        expect.equal(f"the subject read by {identity}", scene.call("getSubject", identity).body, emptied)
    _missing(scene, "getSubject", scene.name("nobody"))


@check("a deleted subject is found by id only and frees its key", operations=("deleteSubject", "getSubject"))
def deleted_subject_frees_its_key(scene: Scene) -> None:
    alice = scene.name("alice")
    first = scene.setup("upsertSubject", body=[{"key": alice}])[0]["id"]
    scene.call("deleteSubject", alice, status=204)
    _missing(scene, "getSubject", alice)
    deleted = scene.call("getSubject", first).body
    expect.equal("the key of the deleted subject", deleted["key"], alice)
    expect.true("the deleted subject has no deletedAt", deleted.get("deletedAt"))
    _missing(scene, "deleteSubject", alice)
    scene.call("deleteSubject", first, status=204)
    second = scene.setup("upsertSubject", body=[{"key": alice}])[0]["id"]
    expect.true(f"the new subject has the deleted one's id {first}", second != first)
    expect.equal("the id behind the key", scene.call("getSubject", alice).body["id"], second)


@check("the list has our subjects in the order of their creation", operations=("listSubjects",))
def subjects_are_listed(scene: Scene) -> None:
    keys = [scene.name(what) for what in ("carol", "alice", "bob")]
    for key in keys:
        scene.setup("upsertSubject", body=[{"key": key}])

    def own() -> list[Any]:
        listed = expect.fields("the subjects", scene.call("listSubjects").body, "key")
        return [key for key in listed if scene.token in key]

    expect.equal("our subjects", own(), keys)
    scene.setup("deleteSubject", keys[1], status=204)
    expect.equal("our subjects without the deleted one", own(), [keys[0], keys[2]])


@check("subjects that cannot be are refused, and none of them is stored", operations=("upsertSubject",))
def impossible_subjects_are_refused(scene: Scene) -> None:
    key = scene.name("alice")
    scene.call("upsertSubject", body=[{"key": key, "metadata": {}}])
    schema = "request body has an error: doesn't match schema: "
    bob, twice = scene.name("bob"), scene.name("twice")
    refusals: list[tuple[Any, int, str]] = [
        ([{}], 400, f'{schema}Error at "/0/key": property "key" is missing'),
        ([{"key": ""}], 400, "validation error: key is required"),
        ([{"key": 5}], 400, f'{schema}Error at "/0/key": value must be a string'),
        ({"key": bob}, 400, f"{schema}value must be an array"),
        ([{"key": twice}, {"key": twice}], 409, f"conflict error: subject with key already exists: {twice}"),
    ]
    for body, status, detail in refusals:
        scene.refused("upsertSubject", body=body, status=status, detail=detail)
    stripe = [{"key": bob}, {"key": scene.name("carol"), "stripeCustomerId": "bad"}]
    prefix = "stripeCustomerId must start with cus_ when set"
    scene.refused("upsertSubject", body=stripe, status=400, part=True, detail=prefix)
    scene.setup("getSubject", bob, status=404)


def _missing(scene: Scene, operation: str, key: str) -> None:
    detail = f"not found error: subject not found [namespace=default subject.idOrKey={key}]"
    scene.refused(operation, key, status=404, detail=detail)
