"""What Compose is told, as argument lists. No secret ever stands in one: variables travel in the environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_AS_IT_IS = ("--detach", "--no-build", "--pull", "never")  # images are there before anything starts


@dataclass(frozen=True)
class Project:
    """A Compose project: its name, the files that describe it, and the folder that relative paths start from."""

    name: str
    files: tuple[Path, ...]
    folder: Path


def described(project: Project) -> list[str]:
    """For commands that read the file."""
    files = [word for file in project.files for word in ("--file", str(file))]
    return ["--project-name", project.name, *files, "--project-directory", str(project.folder)]


def by_name(project: Project) -> list[str]:
    """For commands that need only what runs: they work when the file or its variables are gone."""
    return ["--project-name", project.name]


def _plain() -> list[str]:
    return ["--ansi", "never", "--progress", "plain"]


def up(project: Project, services: Sequence[str], *, as_made: bool = False) -> list[str]:
    """Creates, makes anew or starts these, in the order in which they need one another, and touches no other.

    as_made: only starts them. Compose makes a container anew when it is named with others than it was made with.
    """
    options = ["--no-deps", "--remove-orphans", *(["--no-recreate"] if as_made else [])]
    return [*_plain(), *described(project), "up", *_AS_IT_IS, *options, *services]


def config(project: Project) -> list[str]:
    """Reads the file with its variables and says whether it is sound."""
    return [*described(project), "config", "--quiet"]


def stop(project: Project, services: Sequence[str] = (), *, grace: int) -> list[str]:
    """Ends these, or all where none is named."""
    return [*_plain(), *by_name(project), "stop", "--timeout", str(grace), *services]


def start(project: Project, services: Sequence[str]) -> list[str]:
    """Starts containers that are there."""
    return [*_plain(), *by_name(project), "start", *services]


def down(project: Project, *, grace: int, volumes: bool = False) -> list[str]:
    """Removes containers and networks of every profile, and on demand the volumes."""
    more = ["--volumes"] if volumes else []
    return [*_plain(), *by_name(project), "--profile", "*", "down", "--remove-orphans", "--timeout", str(grace), *more]


def restart(project: Project, services: Sequence[str], *, grace: int) -> list[str]:
    return [*_plain(), *by_name(project), "restart", "--timeout", str(grace), *services]


def logs(project: Project, services: Sequence[str], count: int) -> list[str]:
    """Follows the logs of these, or of all, from their last lines on."""
    return [*_plain(), *by_name(project), "logs", "--no-color", "--follow", "--tail", str(count), *services]
