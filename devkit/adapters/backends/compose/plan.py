"""What `up` would do to each service, and why. Pure: from what is wanted and what the engine shows."""

from collections.abc import Mapping

from devkit.adapters.backends.base import Change
from devkit.adapters.backends.compose.fingerprints import Inputs, differences, fingerprint, summed_up
from devkit.adapters.backends.compose.services import EVERY, OFFLINE
from devkit.adapters.docker.containers import Container


def changes(
    wanted: Mapping[str, Inputs], before: Mapping[str, Inputs], observed: Mapping[str, Container]
) -> list[Change]:
    """What is to be done, in the order of the services, then those that are there and not wanted.

    wanted: what each service reads now; before: what it read when it was last made, for the reasons
    """
    found = [_change(name, inputs, before.get(name, {}), observed.get(name)) for name, inputs in wanted.items()]
    needless = [
        Change(name, "remove", "only --offline needs it") for name in OFFLINE if name in {*observed} - {*wanted}
    ]
    return [*(change for change in found if change), *needless]


def _change(service: str, wanted: Inputs, before: Inputs, container: Container | None) -> Change | None:
    if container is None:
        return Change(service, "create", "it is not there")
    if container.doubles:
        return Change(service, "recreate", "an earlier change of it was cut short")
    if container.fingerprint != fingerprint(wanted):
        names = differences(before, wanted)
        return Change(service, "recreate", summed_up(names) if names else "it was made by another devkit")
    if EVERY[service].kind == "job":
        return None if container.state == "exited" and container.exit_code == 0 else _again(service, container)
    if container.health == "unhealthy" and container.up:
        return Change(service, "restart", f"it is not healthy{f' ({container.probe})' if container.probe else ''}")
    return None if container.up else _again(service, container)


def _again(service: str, container: Container) -> Change:
    if container.state == "running":
        return Change(service, "start", "it has not finished")
    if container.state == "created":
        return Change(service, "start", "it was made but never ran")
    if container.state == "restarting":
        return Change(service, "restart", f"it keeps ending (exit code {container.exit_code})")
    if container.state == "paused":
        return Change(service, "restart", "it is paused")
    why = "ran out of memory" if container.out_of_memory else f"ended with exit code {container.exit_code}"
    return Change(service, "start", f"it {why}")
