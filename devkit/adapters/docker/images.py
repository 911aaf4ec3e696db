"""Images: how they are named, and the lock file that pins them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from devkit.core.errors import InputError, Place, UsageError

_DIGEST = r"^sha256:[0-9a-f]{64}$"


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    image: str
    digest: str | None = None


@dataclass(frozen=True)
class Image:
    """A pinned image: `name:tag`, and its digest where it is known."""

    tag: str
    digest: str = ""

    @property
    def reference(self) -> str:
        """What an engine is asked for."""
        return f"{self.tag}@{self.digest}" if self.digest else self.tag

    @property
    def repository(self) -> str:
        """The name without tag; a colon before the last slash belongs to a registry's port."""
        head, colon, tail = self.tag.rpartition(":")
        return head if colon and "/" not in tail else self.tag

    @property
    def version(self) -> str:
        """The tag alone."""
        return self.tag[len(self.repository) + 1 :] or "latest"


def read_lock(path: Path) -> dict[str, Image]:
    """The images of a lock file by service. Raises InputError with the place, UsageError where it cannot be read."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError as error:
        raise InputError("the file is not UTF-8", place=Place(str(path))) from error
    try:
        entries = msgspec.convert(tomllib.loads(text), dict[str, _Entry])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(
            f"{error}", place=Place(str(path)), hint='an image is [service] with image = "name:tag"'
        ) from error
    return {service: _image(path, service, entry) for service, entry in entries.items()}


def merged(images: Mapping[str, Image], other: Mapping[str, Image], *, origin: str) -> dict[str, Image]:
    """The images with some of them replaced. Raises UsageError for a service that is not there."""
    if unknown := sorted(set(other) - set(images)):
        raise UsageError(
            f"{origin}: there is no image {', '.join(unknown)}", hint=f"the images are {', '.join(sorted(images))}"
        )
    return {**images, **other}


def with_recorded(images: Mapping[str, Image], recorded: Mapping[str, Image]) -> dict[str, Image]:
    """Digests that earlier pulls brought, for the very same tags whose digest the lock does not know."""
    return {
        service: replace(image, digest=known.digest)
        if not image.digest and (known := recorded.get(service)) and known.tag == image.tag
        else image
        for service, image in images.items()
    }


def lock_text(images: Mapping[str, Image]) -> str:
    """A lock file with these images."""
    rows = []
    for service, image in sorted(images.items()):
        rows += [
            f"[{service}]",
            f'image = "{image.tag}"',
            *([f'digest = "{image.digest}"'] if image.digest else []),
            "",
        ]
    return "\n".join(rows)


def _image(path: Path, service: str, entry: _Entry) -> Image:
    import re

    tag, _, digest = entry.image.partition("@")
    digest = entry.digest or digest
    place = Place(str(path))
    if not tag or any(letter.isspace() or letter in "\"'\\" for letter in tag):
        raise InputError(f"{service}: {entry.image!r} is no name of an image", place=place)
    if digest and not re.match(_DIGEST, digest):
        raise InputError(
            f"{service}: {digest!r} is no digest", place=place, hint="a digest is sha256: and 64 hex digits"
        )
    return Image(tag, digest)
