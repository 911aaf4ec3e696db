"""Whose an object at Stripe is: devkit writes it into the metadata of everything that it makes there."""

from collections.abc import Mapping
from dataclasses import dataclass

_INSTANCE, _MACHINE, _NAME = "devkit_instance", "devkit_machine", "devkit_name"


@dataclass(frozen=True)
class Owner:
    """An instance of devkit, as strangers may see it.

    instance: drawn when the instance was made; machine: drawn once for each user of a machine; name: for people
    """

    instance: str
    machine: str
    name: str = "default"

    def metadata(self) -> dict[str, str]:
        """What is written into an object's metadata."""
        return {_INSTANCE: self.instance, _MACHINE: self.machine, _NAME: self.name}

    def owns(self, metadata: Mapping[str, str] | None) -> bool:
        """Whether the object with this metadata is this instance's."""
        found = owner_in(metadata)
        return found is not None and found.instance == self.instance


def owner_in(metadata: Mapping[str, str] | None) -> Owner | None:
    """The owner that an object's metadata names, None where devkit did not make it."""
    found = dict(metadata or {})
    if not found.get(_INSTANCE):
        return None
    return Owner(found[_INSTANCE], found.get(_MACHINE, ""), found.get(_NAME, ""))
