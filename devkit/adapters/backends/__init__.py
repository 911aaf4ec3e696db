"""The backends by name. Each is loaded when it is asked for: Docker's client takes its time."""

from pathlib import Path

from devkit.adapters.backends.base import Backend
from devkit.adapters.backends.compose.credentials import credentials_file
from devkit.adapters.backends.embedded import Embedded
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance

NAMES = ("embedded", "compose", "remote")


def backend_named(name: str, images_from: Path | None = None) -> Backend:
    """Raises DevkitError for a name that this devkit does not know."""
    if name == "embedded":
        return Embedded()
    if name == "compose":
        from devkit.adapters.backends.compose.backend import Compose

        return Compose(images_from)
    if name == "remote":
        from devkit.adapters.backends.remote import Remote

        return Remote()
    raise DevkitError(f"there is no backend {name!r}", hint=f"the backends are {', '.join(NAMES)}")


def with_data(instance: Instance) -> list[Backend]:
    """The backends that keep, or may keep, data of the instance."""
    found = [backend_named("embedded")] if instance.data_folder.is_dir() else []
    # Asked by its file, so that an instance without containers needs no Docker client.
    return [*found, *([backend_named("compose")] if credentials_file(instance).exists() else [])]


def that_may_run(instance: Instance) -> list[Backend]:
    """The backends that may run for an instance of which nothing is remembered."""
    return [backend_named("embedded"), *(each for each in with_data(instance) if each.name == "compose")]
