"""The background process of an instance, from its start to its end."""

import errno
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import devkit
from devkit.agent.logs import close_log, open_log
from devkit.agent.serving import OpenServer, Server
from devkit.core.agent_files import PORT_TAKEN, Marker, write_marker
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance
from devkit.core.ports import bind
from devkit.core.processes import this_process
from devkit.core.state import State, read_state, timestamp

_POLL_SECONDS = 0.5  # a wait without an end would not be woken by a signal on Windows

_log = logging.getLogger("devkit.agent")


def run_agent(instance: Instance, open_server: OpenServer) -> int:
    """Serves the instance until SIGTERM and returns the exit code.

    open_server: opens the data folder and gives what serves it and knows the instance's token; left in the end
    """
    handler = open_log(instance.log_file)
    try:
        return _run(instance, open_server)
    except DevkitError as error:
        _log.error("%s", error.message)
        return error.exit_code
    except Exception:  # noqa: BLE001 - nobody sees a traceback of this process but in its log
        _log.exception("the agent ends because of an error")
        return 1
    finally:
        close_log(handler)


def _run(instance: Instance, open_server: OpenServer) -> int:
    state = read_state(instance)
    if state is None:
        raise DevkitError(f"{instance.state_file} is missing; devkit up writes it")
    try:
        return _serve(instance, state, open_server) if state.backend == "embedded" else _stay(instance, state)
    finally:
        instance.agent_file.unlink(missing_ok=True)
        _log.info("stopped")


def _serve(instance: Instance, state: State, open_server: OpenServer) -> int:
    """The embedded backend: OpenMeter itself is here, too."""
    port = state.ports["openmeter"]
    try:
        listener = bind(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        _log.warning("port %d is taken", port)
        return PORT_TAKEN
    _outlive_the_terminal(lambda: None)
    with (
        listener,
        open_server(instance.data_folder, state.token) as server,
        _outside(instance, state, server),
    ):
        server.serve(listener, lambda: _ready(instance, state))
    return 0


def _stay(instance: Instance, state: State) -> int:
    """OpenMeter is elsewhere; only the outside is looked after, until a signal."""
    ended = threading.Event()
    _outlive_the_terminal(ended.set)
    with _outside(instance, state, None):
        _ready(instance, state)
        while not ended.wait(_POLL_SECONDS):
            pass
    return 0


@contextmanager
def _outside(instance: Instance, state: State, server: Server | None) -> Iterator[None]:
    """server: OpenMeter, where it is in this very process"""
    if not state.wish.anything:
        yield
        return
    # Loaded only where it is wanted: it takes as long as the server.
    from devkit.agent.outside import OutsideWork

    with OutsideWork(instance, state, server):
        yield


def _ready(instance: Instance, state: State) -> None:
    process, version, port = this_process(), devkit.__version__, state.ports["openmeter"]
    marker = Marker(process=process, port=port, token=state.token, version=version, started_at=timestamp())
    write_marker(instance, marker)
    _log.info("devkit %s, instance %s, pid %d, listening on %s", version, instance.name, process.pid, state.url)


def _outlive_the_terminal(end: Callable[[], None]) -> None:
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # uvicorn raises the signal again that ended it; then it has done its work, and the exit code is a clean one.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: end())
