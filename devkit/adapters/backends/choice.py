"""Which backend an instance gets, and why. One that exists keeps its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.adapters.backends import backend_named, with_data
from devkit.adapters.backends.base import Backend
from devkit.core.errors import DevkitError, UsageError
from devkit.core.findings import Finding
from devkit.core.instance import Instance
from devkit.core.settings import Settings
from devkit.core.state import State


@dataclass(frozen=True)
class Choice:
    """A backend, why it was taken (empty where the user named it), and what its preflight found, where it was done."""

    backend: Backend
    reason: str = ""
    findings: Sequence[Finding] | None = None


def choose(instance: Instance, state: State | None, settings: Settings) -> Choice:
    """The backend of the settings; `auto` keeps that of an instance that exists, else takes the best that is there.

    Raises UsageError where another one was named than the instance has.
    """
    images = settings.images_from
    kept, wanted = kept_backend(instance, state), settings.backend
    if state is not None and images is None and state.images_from:
        images = Path(state.images_from)
    if kept not in (None, "remote", wanted) and wanted != "auto":
        raise UsageError(
            f"instance {instance.name} is on the {kept} backend, not on {wanted}",
            hint=f"devkit destroy removes it with its data; --name NAME makes another one on {wanted}",
        )
    if kept and wanted == "auto":
        return Choice(backend_named(kept, images))
    if wanted != "auto":
        return Choice(backend_named(wanted, images))
    if settings.url:
        return Choice(backend_named("remote"), f"auto: {settings.values['url'].origin} names a server")
    return _best(instance, settings)


def kept_backend(instance: Instance, state: State | None) -> str | None:
    """The backend of an instance that exists: it ran, or there is data."""
    if state is not None and (state.started_at or state.process or state.backend == "remote"):
        return state.backend
    found = [backend.name for backend in with_data(instance)]
    if state is not None and state.backend in found:
        return state.backend
    return found[0] if found else None


def _best(instance: Instance, settings: Settings) -> Choice:
    embedded = backend_named("embedded")
    if not _may_answer():
        return Choice(embedded, "auto: no Docker engine answers")
    compose = backend_named("compose", settings.images_from)
    try:
        findings = compose.preflight(instance)
    except UsageError:
        raise
    except DevkitError as error:
        return Choice(embedded, f"auto: {error.message}")
    against = next((finding for finding in findings if finding.level == "failure"), None)
    if against:
        return Choice(embedded, f"auto: {against.detail}")
    engine = next((finding.detail for finding in findings if finding.check == "engine"), "an engine")
    return Choice(compose, f"auto: {engine} answers", findings)


def _may_answer() -> bool:
    """Whether it is worth asking: nobody listens at a socket that is not there."""
    import os
    import sys

    from devkit.adapters.docker.endpoints import endpoints

    found = endpoints(os.environ, Path.home(), windows=sys.platform == "win32")
    return any(
        not each.host.startswith("unix://") or Path(each.host.removeprefix("unix://")).exists() for each in found
    )
