"""Brings images: which are missing, pulls with progress, and the digest of what came."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound

from devkit.adapters.docker.failures import explained
from devkit.adapters.docker.images import Image
from devkit.core.errors import DevkitError

_AT_ONCE = 3
Progress = Callable[[str, float, float], None]


@dataclass(frozen=True)
class Local:
    """An image that the engine has. digests: of the registries that it came from; none for one made here."""

    id: str
    digests: frozenset[str]


@dataclass
class Layers:
    """How far a pull is, put together from what the engine says of each layer."""

    done: dict[str, float] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any]) -> tuple[float, float] | None:
        """Bytes done and bytes in all so far; None where the row says nothing of it. Extracting is not counted."""
        layer, status = row.get("id"), str(row.get("status", ""))
        detail = row.get("progressDetail") or {}
        if not layer:
            return None
        if status == "Downloading" and detail.get("total"):
            self.total[layer] = float(detail["total"])
            self.done[layer] = float(detail.get("current") or 0)
        elif status in ("Download complete", "Pull complete") and layer in self.total:
            self.done[layer] = self.total[layer]
        else:
            return None
        return sum(self.done.values()), sum(self.total.values())


def local(client: docker.DockerClient, image: Image) -> Local | None:
    """The image in the engine, None where it is missing. A known digest must be that of the image."""
    try:
        data = client.images.get(image.reference).attrs
    except (ImageNotFound, APIError) as error:
        if isinstance(error, APIError) and not isinstance(error, ImageNotFound) and error.status_code != 404:
            raise explained([str(error.explanation or error)]) from error
        return None
    repository = data.get("RepoDigests") or []
    return Local(str(data["Id"]), frozenset(str(each).partition("@")[2] for each in repository))


def missing(client: docker.DockerClient, images: Mapping[str, Image]) -> dict[str, Image]:
    """Those that the engine lacks, by service."""
    return {service: image for service, image in images.items() if local(client, image) is None}


def pull_all(client: docker.DockerClient, images: Iterable[Image], progress: Progress) -> None:
    """Pulls them, some at a time. progress: image, bytes done, bytes in all. Raises what the first failure raised."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="pull") as pool:
        tasks = [pool.submit(pull, client, image, progress) for image in dict.fromkeys(images)]
        try:
            for task in tasks:
                task.result()
        except BaseException:
            for task in tasks:
                task.cancel()
            raise


def pull(client: docker.DockerClient, image: Image, progress: Progress) -> Local:
    """Pulls one image and gives what came. Raises DevkitError, also where another image came than the lock names."""
    layers = Layers()
    try:
        for row in client.api.pull(image.repository, tag=image.digest or image.version, stream=True, decode=True):
            if text := row.get("error"):
                raise _refused(image, str(text))
            if counted := layers.add(row):
                progress(image.tag, *counted)
        if image.digest:
            # Pulled by digest, the image has no name yet that people would recognise.
            client.api.tag(f"{image.repository}@{image.digest}", image.repository, image.version, force=True)
    except DockerException as error:
        raise _refused(image, str(getattr(error, "explanation", None) or error)) from error
    came = local(client, image)
    if came is None:
        raise DevkitError(
            f"{image.tag} was pulled, but the engine does not have it with digest {image.digest}",
            hint="another platform's image may have come; devkit up --images-from FILE names others",
        )
    return came


def digest_of(came: Local, image: Image) -> str:
    """The digest to remember: the known one, else the one that the registry gave; empty for an image made here."""
    return image.digest or next(iter(sorted(came.digests)), "")


def _refused(image: Image, text: str) -> DevkitError:
    return explained([text], what=f"cannot pull {image.reference}")
