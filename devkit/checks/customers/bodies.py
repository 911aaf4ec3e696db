"""Customers as requests, and how an unknown one is refused."""

from typing import Any

from devkit.checks.scene import Scene

NO_ID = "01G65Z755AFWAKHE12NY0CQ9FH"
SCHEMA = "request body has an error: doesn't match schema #/components/schemas/"
ADDRESS = {"country": "HU", "postalCode": "1055", "city": "Budapest", "line1": "Kossuth tér 1"}

Body = dict[str, Any]


def customer(scene: Scene, what: str, **changes: Any) -> Body:
    """A customer with a key and no subject."""
    return {"key": scene.slug(what), "name": what, **changes}


def subjects(*keys: str) -> Body:
    return {"subjectKeys": list(keys)}


def refused_unknown(scene: Scene, operation: str, *path: str, **request: Any) -> None:
    """Calls an operation on a customer that there is not."""
    nobody = scene.slug("nobody")
    detail = f"not found error: customer with id or key {nobody} not found in default namespace"
    scene.refused(operation, nobody, *path, status=404, detail=detail, **request)


def refused_deleted(scene: Scene, operation: str, identity: str, *path: str, **request: Any) -> None:
    """Calls an operation on a customer that was deleted."""
    detail = f"precondition failed error: customer is deleted [namespace=default customer.id={identity}]"
    scene.refused(operation, identity, *path, status=412, detail=detail, **request)
