"""What the engine and Compose say when it goes wrong, in devkit's words: a cause, what shows it, a way out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from devkit.core.errors import DevkitError, MissingToolError, UnreachableError
from devkit.core.ports import PortTakenError

_LINES = 8


@dataclass(frozen=True)
class Failure:
    """A known failure. pattern: in what was said; cause: may name its groups; kind: which error it is."""

    pattern: re.Pattern[str]
    cause: str
    hint: str
    kind: type[DevkitError] = DevkitError


def _failure(pattern: str, cause: str, hint: str, kind: type[DevkitError] = DevkitError) -> Failure:
    return Failure(re.compile(pattern, re.IGNORECASE), cause, hint, kind)


_MOVE = "devkit up moves to free ports"
_START = "start Docker and repeat the command: it carries on; or use --backend embedded"
_MIRROR = "devkit up --images-from FILE names a mirror or images that are there"
DISK_FULL = _failure(
    r"no space left on device|disk quota exceeded", "the engine's disk is full", "docker system prune frees space"
)
# What a service's own log may show. The rest is the engine's: a server's "connection refused" means something else.
IN_LOGS = (DISK_FULL,)
FAILURES = (
    _failure(
        r"cannot connect to the docker daemon|error during connect",
        "the Docker engine does not answer",
        _START,
        UnreachableError,
    ),
    _failure(
        r"permission denied.*docker(\.sock|_engine| daemon)",
        "you may not use the Docker engine",
        "add your user to the docker group and log in again, or use --backend embedded",
        MissingToolError,
    ),
    DISK_FULL,
    _failure(
        r":(?P<port>\d+) failed: port is already allocated",
        "port {port} is taken by another container",
        _MOVE,
        PortTakenError,
    ),
    _failure(
        r":(?P<port>\d+)\b.*(address already in use|ports are not available|forbidden by its access permissions)",
        "port {port} is taken by another process",
        _MOVE,
        PortTakenError,
    ),
    _failure(
        r"toomanyrequests|rate limit",
        "the registry refuses more pulls for now",
        "docker login raises the limit; " + _MIRROR,
    ),
    _failure(
        r"unauthorized|authentication required|denied: ", "the registry wants a login", "docker login; or " + _MIRROR
    ),
    _failure(
        r"manifest (for .* )?(unknown|not found)|not found: manifest", "the registry does not have this image", _MIRROR
    ),
    _failure(r"no matching manifest for (?P<platform>\S+)", "there is no such image for {platform}", _MIRROR),
    _failure(
        r"pull access denied|repository does not exist",
        "the registry does not have this image, or not for you",
        _MIRROR,
    ),
    _failure(
        r"no such host|server misbehaving|temporary failure in name resolution",
        "the registry's name is not known here",
        "look at the network connection and the proxy settings of Docker; " + _MIRROR,
        UnreachableError,
    ),
    _failure(
        r"connection refused|i/o timeout|tls handshake timeout|connection reset|network is unreachable"
        r"|context deadline exceeded|request canceled while waiting",
        "the registry does not answer",
        "look at the network connection and the proxy settings of Docker; " + _MIRROR,
        UnreachableError,
    ),
    _failure(r"no such image", "an image is missing", "devkit up pulls it; " + _MIRROR),
    _failure(
        r"service \"(?P<service>[^\"]+)\" didn't complete successfully: exit (?P<code>\d+)",
        "{service} failed (exit code {code})",
        "",
    ),
    _failure(r"dependency failed to start: container (?P<name>\S+) is unhealthy", "{name} is not healthy", ""),
    _failure(
        r"dependency failed to start: container (?P<name>\S+) exited \((?P<code>\d+)\)",
        "{name} ended (exit code {code})",
        "",
    ),
    _failure(
        r'exec: "(?P<program>[^"]+)": executable file not found',
        "the image has no program {program}",
        "take the images of devkit's own lock file, or ones made like them (--offline wants a Postgres on Alpine)",
    ),
    _failure(
        r"error setting rlimits?.*operation not permitted",
        "the engine may not raise the number of open files",
        "an override file asks for more than the engine may give",
    ),
    _failure(r"required variable (?P<name>\S+) is missing", "the Compose file's variable {name} is not set", ""),
    _failure(
        r"validating .*: |yaml: |additional property",
        "Compose does not understand the file",
        "install a newer Docker Compose",
    ),
    _failure(
        r"no such network|network .* not found", "the network of the instance is gone", "devkit down, then devkit up"
    ),
    _failure(
        r"unexpected eof|broken pipe|remotedisconnected|connection aborted",
        "the Docker engine went away",
        _START,
        UnreachableError,
    ),
)


def explained(said: Sequence[str], *, what: str = "", hint: str = "") -> DevkitError:
    """The error that these lines tell of. what: put before the cause. The last lines are the evidence."""
    lines = [line for line in said if line.strip()][-_LINES:]
    if (failure := known(lines)) is None:
        message = what or "Docker Compose failed"
        return DevkitError(message, hint=hint or "devkit doctor looks for the cause", evidence=lines)
    message = f"{what}: {failure.cause}" if what else failure.cause
    return failure.kind(message, hint=hint or failure.hint or None, evidence=lines)


def known(lines: Sequence[str], table: Sequence[Failure] = FAILURES) -> Failure | None:
    """The known failure that these lines tell of, its cause with names filled in. The table's order decides."""
    for failure in table:
        for line in reversed(lines):
            if match := failure.pattern.search(line):
                return replace(failure, cause=failure.cause.format(**match.groupdict()))
    return None
