"""What a check may have created on the server, and how it is removed again."""

from collections.abc import Iterator, Mapping
from typing import Any

# By the operation that creates: those that remove, and the field that names each item of the body.
REMOVALS = {
    "createMeter": (("deleteMeter",), "slug"),
    "upsertSubject": (("deleteSubject",), "key"),
    "createCustomer": (("deleteCustomer",), "key"),
    "createFeature": (("deleteFeature",), "key"),
    "createPlan": (("archivePlan", "deletePlan"), "key"),
    "nextPlan": (("archivePlan", "deletePlan"), "key"),
    "createAddon": (("archiveAddon", "deleteAddon"), "key"),
    "createBillingProfile": (("deleteBillingProfile",), "name"),
    "createNotificationChannel": (("deleteNotificationChannel",), "name"),
    "createNotificationRule": (("deleteNotificationRule",), "name"),
    "createSubscription": (("unscheduleCancelation", "cancelSubscription", "deleteSubscription"), "name"),
}

# What removals send that need more than a path.
REQUESTS: Mapping[str, Mapping[str, Any]] = {"cancelSubscription": {"body": {"timing": "immediate"}}}

Removal = tuple[str, tuple[str, ...]]


class Removals:
    """The removals that are due: an operation and the path to one thing. Only names with the token are ours."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._due: list[Removal] = []

    def expect(self, operation: str, body: Any) -> None:
        """Notes what a request may create before it is sent: an answer that gets lost leaves nothing behind."""
        for removals, name, item in self._items(operation, body):
            # A customer brings the subjects that it names.
            subjects = item.get("usageAttribution", {}).get("subjectKeys", ())
            for removal, path in [*(("deleteSubject", key) for key in subjects), *_newest_last(removals, name)]:
                self.add(removal, path)

    def learn(self, operation: str, body: Any) -> None:
        """Once the answer tells the ids, things are removed by these: a name may be used again or not be accepted."""
        for removals, name, item in self._items(operation, body):
            if "id" in item:
                forgotten = [(removal, (path,)) for path in (name, str(item["id"])) for removal in removals]
                self._due = [one for one in self._due if one not in forgotten]
                for removal, path in _newest_last(removals, str(item["id"])):
                    self.add(removal, path)

    def add(self, operation: str, *path: str) -> None:
        """A removal that nothing else tells of."""
        if (operation, path) not in self._due:
            self._due.append((operation, path))

    def take(self) -> list[Removal]:
        """All of them, the newest first; none is due afterwards."""
        due, self._due = self._due[::-1], []
        return due

    def _items(self, operation: str, body: Any) -> Iterator[tuple[tuple[str, ...], str, Mapping[str, Any]]]:
        if operation not in REMOVALS:
            return
        removals, naming = REMOVALS[operation]
        for item in body if isinstance(body, list) else [body]:
            if isinstance(item, Mapping) and self._token in str(item.get(naming)):
                yield removals, str(item[naming]), item


def _newest_last(removals: tuple[str, ...], path: str) -> list[tuple[str, str]]:
    """The steps of one removal in the order in which they become due: the last one is taken first."""
    return [(removal, path) for removal in reversed(removals)]
