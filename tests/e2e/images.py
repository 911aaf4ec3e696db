"""Makes the images of the tests on the spot: real Postgres and Redis from Debian, devkit's own server for OpenMeter.

Nothing is pulled from a registry. Each layer's tag holds the hash of what it is made of, so that a second run finds it.
"""

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import docker
from docker.errors import ImageNotFound

Files = dict[str, bytes]
ROOT = Path(__file__).resolve().parents[2]
STANDIN = Path(__file__).parent / "standin"
MACHINE = platform.machine()
PREFIX = "devkit-test"
SUITE = "bookworm"
PYTHON = "3.11"  # of that suite
_PACKAGES = (
    "bash", "busybox", "coreutils", "dash", "grep", "libc-bin", "postgresql-15", "python3", "redis-server", "sed",
    "util-linux", "wget",
)  # fmt: skip
# Dependencies that nothing here runs; half of the download. apt is told that they are there.
_NEEDLESS = (
    "adduser", "debconf", "libllvm14", "libperl5.36", "libz3-4", "locales", "openssl", "perl", "perl-base",
    "perl-modules-5.36", "postgresql-client-common", "postgresql-common", "ssl-cert",
)  # fmt: skip
_WITHOUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/lib/postgresql/15/lib/bitcode")
# Packages are only unpacked, so what their scripts would have made is made here.
_USERS = {
    "etc/passwd": "root:x:0:0::/root:/bin/bash\npostgres:x:101:101::/tmp:/bin/bash\n",
    "etc/group": "root:x:0:\npostgres:x:101:\n",
}
_COMMANDS = {
    "kafka": ("kafka",),
    "clickhouse": ("clickhouse",),
    "svix": ("svix-server",),
    "redis": (),
    "openmeter": (),
}
_PROGRAMS = (
    "openmeter", "openmeter-sink-worker", "openmeter-balance-worker", "openmeter-billing-worker",
    "openmeter-notification-service", "openmeter-jobs", "kafka", "kafka-consumer-groups", "clickhouse",
    "clickhouse-client", "svix-server",
)  # fmt: skip
_LINKS = {"psql": "/usr/lib/postgresql/15/bin/psql", "nc": "/bin/busybox", **dict.fromkeys(_PROGRAMS, "standin.py")}


def build_all(client: docker.DockerClient) -> dict[str, str]:
    """The image of each service, by its name in the lock file."""
    base = _base(client)
    tools = _layer(client, "tools", base, _tools_lines(), made_of=_standin_files(), make=_standin_files)
    site = _layer(client, "site", tools, ["COPY site /app"], made_of=_requirements(), make=_site_files)
    app = _layer(client, "app", site, ["COPY app /app"], made_of=_sources(), make=_app_files)
    images = {name: _with_command(client, name, tools, command) for name, command in _COMMANDS.items()}
    images["openmeter"] = _with_command(client, "openmeter", app, ())
    images["postgres"] = _named(
        client, "postgres", tools, ['ENTRYPOINT ["postgres-entrypoint"]', 'ENV PATH="/usr/lib/postgresql/15/bin:$PATH"']
    )
    return images


def _base(client: docker.DockerClient) -> str:
    tag = f"{PREFIX}/unpacked:{_hash([repr((SUITE, _PACKAGES, _NEEDLESS, _WITHOUT, _USERS)).encode()])}"
    if _there(client, tag):
        return tag
    if shutil.which("mmdebstrap") is None:
        raise RuntimeError("mmdebstrap is missing, which makes the base of the test images (.ci/engine installs it)")
    with tempfile.TemporaryDirectory() as folder:
        target = _unpacked(Path(folder))
        with target.open("rb") as tar:
            client.api.import_image_from_data(tar, repository=tag.partition(":")[0], tag=tag.partition(":")[2])
    return tag


def _unpacked(folder: Path) -> Path:
    """An archive of the packages' files. Without their scripts this takes a third of the time."""
    target, left_out, users = folder / "base.tar", folder / "status", folder / "users"
    left_out.write_text("".join(map(_as_if_installed, _NEEDLESS)))
    for name, lines in _USERS.items():
        (users / name).parent.mkdir(parents=True, exist_ok=True)
        (users / name).write_text(lines)
    exclude = " ".join(f'"$1"/{path}' for path in _WITHOUT)
    subprocess.run(
        [
            "mmdebstrap", "--quiet", "--variant=extract", f"--include={','.join(_PACKAGES)}",
            '--aptopt=Apt::Install-Recommends "false"', f'--setup-hook=cat {left_out} >> "$1/var/lib/dpkg/status"',
            f'--extract-hook=cp -r {users}/. "$1" && rm -rf {exclude}', SUITE, str(target),
        ],
        check=True,
    )  # fmt: skip
    return target


def _as_if_installed(package: str) -> str:
    return (
        f"Package: {package}\nStatus: install ok installed\nVersion: 99:1\nArchitecture: all\nMulti-Arch: foreign\n"
        "Maintainer: devkit\nDescription: left out\n\n"
    )


def _standin_files() -> Files:
    return {name: (STANDIN / name).read_bytes() for name in ("standin.py", "serve.py", "postgres-entrypoint")}


def _tools_lines() -> list[str]:
    links = " && ".join(f"ln -s {target} {name}" for name, target in _LINKS.items())
    return [
        "COPY standin.py postgres-entrypoint /usr/local/bin/",
        "COPY serve.py /usr/local/lib/",
        "RUN cd /usr/local/bin && sed -i '1i #!/usr/bin/python3 -S' standin.py && chmod 755 *",
        f"RUN cd /usr/local/bin && {links} && mkdir -p /docker-entrypoint-initdb.d /data /var/lib/openmeter",
    ]


def _site_files() -> Files:
    """The packages that devkit needs, for the image's own Python."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        wanted.write_bytes(_requirements()["wanted"])
        subprocess.run(
            [
                sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile",
                "--target", f"{folder}/site", "--python-version", PYTHON, "--only-binary=:all:",
                *(word for kind in ("_2_28", "2014") for word in ("--platform", f"manylinux{kind}_{MACHINE}")),
                "--requirement", str(wanted), "--constraint", str(ROOT / "constraints.txt"),
            ],
            check=True,
        )  # fmt: skip
        return _tree(Path(folder), ["site"])


def _requirements() -> Files:
    """What devkit needs to serve, and the versions that hold."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needless = ("pyngrok", "docker", "cryptography")
    wanted = [line for line in project["dependencies"] if not line.startswith(needless)]
    return {"wanted": "\n".join(wanted).encode(), "constraints": (ROOT / "constraints.txt").read_bytes()}


def _sources() -> Files:
    folders = ("devkit", "assets", "seeds", "compose")
    files = [path for name in folders for path in sorted((ROOT / name).rglob("*")) if path.is_file()]
    return {str(path.relative_to(ROOT)): path.read_bytes() for path in files if "__pycache__" not in path.parts}


def _app_files() -> Files:
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--disable-pip-version-check"]
        pinned = {**os.environ, "PIP_CONSTRAINT": str(ROOT / "constraints.txt")}
        subprocess.run([*build, "--wheel-dir", folder, str(ROOT)], check=True, env=pinned)
        shutil.unpack_archive(next(Path(folder).glob("*.whl")), f"{folder}/app", "zip")
        return _tree(Path(folder), ["app"])


def _with_command(client: docker.DockerClient, name: str, base: str, command: Iterable[str]) -> str:
    words = ", ".join(f'"{word}"' for word in command)
    return _named(client, name, base, [f"CMD [{words}]"] if words else [])


def _named(client: docker.DockerClient, name: str, base: str, lines: list[str]) -> str:
    tag = f"{PREFIX}/{name}:{_hash([base.encode(), *(line.encode() for line in lines)])}"
    return tag if _there(client, tag) else _build(client, tag, base, {}, lines)


def _layer(
    client: docker.DockerClient, name: str, base: str, lines: list[str], *, made_of: Files, make: Callable[[], Files]
) -> str:
    """A layer that is made only when something of what it is made of has changed."""
    contents = [part for path, content in sorted(made_of.items()) for part in (path.encode(), content)]
    tag = f"{PREFIX}/{name}:{_hash([base.encode(), *(line.encode() for line in lines), *contents])}"
    return tag if _there(client, tag) else _build(client, tag, base, make(), lines)


def _build(client: docker.DockerClient, tag: str, base: str, files: Files, lines: list[str]) -> str:
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, content in {**files, "Dockerfile": "\n".join([f"FROM {base}", *lines]).encode()}.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    context.seek(0)
    client.images.build(fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True)
    return tag


def _tree(root: Path, names: list[str]) -> Files:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for name in names
        for path in sorted((root / name).rglob("*"))
        if path.is_file()
    }


def _there(client: docker.DockerClient, tag: str) -> bool:
    try:
        client.images.get(tag)
    except ImageNotFound:
        return False
    return True


def _hash(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:12]
