"""What has to be there before services start: images with the right digests, secrets, the user's configuration."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from devkit.adapters.backends.compose.blueprint import CHANGES_FILE
from devkit.adapters.backends.compose.credentials import (
    Credentials,
    credentials_file,
    new_credentials,
    read_credentials,
    write_credentials,
)
from devkit.adapters.backends.compose.stack import Stack, engine_errors
from devkit.adapters.docker.images import Image, lock_text, merged, read_lock, with_recorded
from devkit.adapters.docker.pulls import digest_of, local, missing, pull_all
from devkit.adapters.docker.resources import volumes
from devkit.core.atomic import write_atomically
from devkit.core.data import data_path
from devkit.core.errors import DevkitError, InputError
from devkit.core.instance import Instance, cannot_write
from devkit.core.yaml_source import load

Tell = Callable[..., None]


def chosen_images(instance: Instance, images_from: Path | None) -> dict[str, Image]:
    """The lock file's images, those of the user's file in their place, with the digests that earlier pulls brought."""
    images = read_lock(data_path("compose/images.lock"))
    if images_from is not None:
        images = merged(images, read_lock(images_from), origin=str(images_from))
    recorded = recorded_file(instance)
    return with_recorded(images, read_lock(recorded)) if recorded.is_file() else images


def recorded_file(instance: Instance) -> Path:
    """Where the digests stand that first pulls brought."""
    return instance.folder / "images.lock"


def bring_images(stack: Stack, images: Mapping[str, Image], tell: Tell) -> dict[str, Image]:
    """Pulls what is missing and gives the images with every digest that is known then; new ones are remembered.

    tell: called with image, bytes done and bytes in all. Raises DevkitError where an image cannot be had.
    """
    client = stack.engine.client
    with engine_errors():
        absent = missing(client, images)
        if absent:
            pull_all(client, absent.values(), lambda tag, done, total: tell(tag, done=done, total=total, unit="bytes"))
        found = {service: _with_digest(stack, image) for service, image in images.items()}
    if fresh := {service: image for service, image in found.items() if image != images[service]}:
        _record(stack.instance, fresh)
    return found


def secrets_of(stack: Stack) -> Credentials:
    """The secrets of the instance, made at its first start.

    Raises DevkitError where there is data and the passwords to it are gone.
    """
    known = read_credentials(stack.instance)
    if known is not None:
        return known
    with engine_errors():
        left = volumes(stack.engine.client, stack.project.name)
    if left:
        raise DevkitError(
            f"there is data of an earlier instance, but {credentials_file(stack.instance)} with its passwords is gone",
            evidence=[f"volume {name}" for name in left],
            hint="devkit destroy removes that data; restoring the file keeps it",
        )
    fresh = new_credentials()
    write_credentials(stack.instance, fresh)
    return fresh


def user_changes(instance: Instance) -> Mapping[str, Any]:
    """The user's changes to OpenMeter's configuration. Raises InputError with the place of what cannot be used."""
    path = instance.root / CHANGES_FILE
    if not path.is_file():
        return {}
    tree = load(path, name=CHANGES_FILE)
    plain = tree.plain()
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise InputError("OpenMeter's configuration is made of sections, such as `sink:`", place=tree.place)
    return plain


def _with_digest(stack: Stack, image: Image) -> Image:
    came = local(stack.engine.client, image)
    return replace(image, digest=digest_of(came, image)) if came else image


def _record(instance: Instance, fresh: Mapping[str, Image]) -> None:
    path = recorded_file(instance)
    known = read_lock(path) if path.is_file() else {}
    try:
        write_atomically(path, lock_text({**known, **fresh}).encode())
    except OSError as error:
        raise cannot_write(path, error) from error
