"""Whether an engine can carry what is to run: versions, memory, disk and processor, all looked at at once.

Memory, disk and processor are those *inside* the engine: Docker Desktop and Colima run it in a machine of their own.
"""

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.errors import DockerException

from devkit.adapters.docker.engine import LEAST_ENGINE, Engine
from devkit.adapters.docker.images import Image
from devkit.adapters.docker.pulls import local
from devkit.core.findings import Finding

GIB = 1024**3


@dataclass(frozen=True)
class Needs:
    """What is to run asks of the engine, in bytes. disk: when all images are there; images: what they take unpacked."""

    least_memory: int = 5 * GIB // 2
    good_memory: int = 4 * GIB
    disk: int = 1 * GIB
    images: int = 5 * GIB


def examine(engine: Engine, images: Mapping[str, Image], needs: Needs = Needs()) -> list[Finding]:
    """All checks at once, in a fixed order. An image that the engine has lends itself for a look inside."""
    info: Mapping[str, Any] = engine.client.info()
    present = {service: found.id for service, image in images.items() if (found := local(engine.client, image))}
    inside = _Inside(engine, info, tuple(present.values()))
    absent = [image.tag for service, image in images.items() if service not in present]
    checks: Sequence[Callable[[], Finding]] = (
        lambda: engine_version(engine.version, str(engine)),
        lambda: memory(int(info.get("MemTotal") or 0), needs),
        lambda: disk(inside.free_bytes(), needs, all_present=not absent),
        lambda: processor(str(info.get("Architecture", "")), inside.cpuinfo()),
        lambda: images_present(absent, needs),
    )
    with ThreadPoolExecutor(len(checks), thread_name_prefix="preflight") as pool:
        return [task.result() for task in [pool.submit(check) for check in checks]]


def engine_version(version: tuple[int, ...], text: str) -> Finding:
    least = ".".join(map(str, LEAST_ENGINE))
    if version < LEAST_ENGINE and "Podman" not in text:
        return Finding("engine", "failure", f"{text} is too old", f"install Docker {least} or later")
    return Finding("engine", "ok", text)


def memory(total: int, needs: Needs) -> Finding:
    text = f"{total / GIB:.1f} GB of memory in the engine"
    hint = "give Docker's machine more memory (Docker Desktop: Settings, Resources; Colima: colima start --memory 6)"
    if total < needs.least_memory:
        return Finding("memory", "failure", f"{text}, {needs.least_memory / GIB:g} GB are needed", hint)
    if total < needs.good_memory:
        return Finding("memory", "warning", f"{text}, {needs.good_memory / GIB:g} GB are better", hint)
    return Finding("memory", "ok", text)


def disk(free: int | None, needs: Needs, *, all_present: bool) -> Finding:
    """free: bytes, None where it cannot be seen."""
    if free is None:
        return Finding("disk", "ok", "the engine's free disk space cannot be seen before an image is there")
    wanted = needs.disk + (0 if all_present else needs.images)
    text = f"{free / GIB:.1f} GB free on the engine's disk"
    if free < wanted:
        return Finding("disk", "failure", f"{text}, {wanted / GIB:g} GB are needed", "docker system prune frees space")
    return Finding("disk", "ok", text)


def processor(architecture: str, cpuinfo: str | None) -> Finding:
    """ClickHouse needs SSE 4.2 on x86 and the atomic instructions of ARM v8.1 (a Raspberry Pi 4 lacks them)."""
    needed = {"x86_64": "sse4_2", "amd64": "sse4_2", "aarch64": "atomics", "arm64": "atomics"}.get(architecture)
    if needed is None:
        return Finding("processor", "failure", f"there are no images for {architecture or 'this processor'}", _EMBEDDED)
    if cpuinfo is not None and needed not in cpuinfo.split():
        return Finding("processor", "failure", f"ClickHouse needs {needed}, which this {architecture} lacks", _EMBEDDED)
    return Finding("processor", "ok", architecture)


def images_present(absent: Sequence[str], needs: Needs) -> Finding:
    """How large an image is says only its registry; what all of them take together is known."""
    if not absent:
        return Finding("images", "ok", "all images are there")
    missing = list(dict.fromkeys(absent))
    room = f"all of them together take up to {needs.images / GIB:g} GB on the engine's disk"
    return Finding("images", "ok", f"to be pulled ({room}): {', '.join(missing)}", "--backend embedded needs no images")


_EMBEDDED = "use --backend embedded, which runs anywhere"


@dataclass(frozen=True)
class _Inside:
    """A look into the machine of the engine: ours where it runs here, else through a container of an image it has."""

    engine: Engine
    info: Mapping[str, Any]
    image_ids: Sequence[str]

    def free_bytes(self) -> int | None:
        root = Path(str(self.info.get("DockerRootDir") or "/var/lib/docker"))
        if self._is_here(root):
            return shutil.disk_usage(root).free
        rows = (self._run(["df", "-Pk", "/"]) or "").splitlines()
        fields = rows[-1].split() if len(rows) > 1 else []
        return int(fields[3]) * 1024 if len(fields) > 3 and fields[3].isdigit() else None

    def cpuinfo(self) -> str | None:
        path = Path("/proc/cpuinfo")
        if self._is_here(Path(str(self.info.get("DockerRootDir") or "/var/lib/docker"))) and path.exists():
            return path.read_text("utf-8", "replace")
        return self._run(["cat", "/proc/cpuinfo"])

    def _is_here(self, root: Path) -> bool:
        """Whether the engine's files are on this machine; its name tells those apart that hide in one."""
        try:
            hostname = Path("/proc/sys/kernel/hostname").read_text().strip()
            same = self.info.get("Name") == hostname and root.is_dir()
        except OSError:
            return False
        return same and self.engine.endpoint.host.startswith("unix://")

    def _run(self, command: list[str]) -> str | None:
        for image in self.image_ids[:1]:
            try:
                said = self.engine.client.containers.run(
                    image, entrypoint=command[0], command=command[1:], remove=True, network_mode="none"
                )
            except DockerException:
                return None
            return bytes(said).decode("utf-8", "replace")
        return None
