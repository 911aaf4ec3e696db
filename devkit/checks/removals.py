"""What a check may have created on the server, and how it is removed again."""

from collections.abc import Iterator, Mapping
from typing import Any

# By the operation that creates: the one that removes, and the field that names each item of the body.
REMOVALS = {
    "createMeter": ("deleteMeter", "slug"),
    "upsertSubject": ("deleteSubject", "key"),
    "createCustomer": ("deleteCustomer", "key"),
    "createFeature": ("deleteFeature", "key"),
}


class Removals:
    """The removals that are due: an operation and the name or id of one thing. Only names with the token are ours."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._due: list[tuple[str, str]] = []

    def expect(self, operation: str, body: Any) -> None:
        """Notes what a request may create before it is sent: an answer that gets lost leaves nothing behind."""
        for removal, name, item in self._items(operation, body):
            # A customer brings the subjects that it names.
            subjects = item.get("usageAttribution", {}).get("subjectKeys", ())
            for one in [*(("deleteSubject", key) for key in subjects), (removal, name)]:
                if one not in self._due:
                    self._due.append(one)

    def learn(self, operation: str, body: Any) -> None:
        """Once the answer tells the ids, things are removed by these: a name may be used again or not be accepted."""
        for removal, name, item in self._items(operation, body):
            if "id" in item:
                known = (removal, str(item["id"]))
                self._due = [one for one in self._due if one not in ((removal, name), known)]
                self._due.append(known)

    def take(self) -> list[tuple[str, str]]:
        """All of them, the newest first; none is due afterwards."""
        due, self._due = self._due[::-1], []
        return due

    def _items(self, operation: str, body: Any) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        if operation not in REMOVALS:
            return
        removal, naming = REMOVALS[operation]
        for item in body if isinstance(body, list) else [body]:
            if isinstance(item, Mapping) and self._token in str(item.get(naming)):
                yield removal, str(item[naming]), item
