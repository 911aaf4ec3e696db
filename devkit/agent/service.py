"""The background process of an instance, from its start to its end."""

import errno
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path

import devkit
from devkit.agent.logs import close_log, open_log
from devkit.core.agent_files import PORT_TAKEN, Marker, write_marker
from devkit.core.errors import DevkitError
from devkit.core.instance import Instance
from devkit.core.ports import bind
from devkit.core.processes import this_process
from devkit.core.state import State, read_state, timestamp

App = Callable[..., Awaitable[None]]  # an ASGI application
OpenApp = Callable[[Path, str], AbstractContextManager[App]]

_log = logging.getLogger("devkit.agent")


def run_agent(instance: Instance, open_app: OpenApp) -> int:
    """Serves the instance until SIGTERM and returns the exit code.

    open_app: opens the data folder and gives the ASGI app, which knows the instance's token; left when the agent ends
    """
    handler = open_log(instance.log_file)
    try:
        return _run(instance, open_app)
    except DevkitError as error:
        _log.error("%s", error.message)
        return error.exit_code
    except Exception:  # noqa: BLE001 - nobody sees a traceback of this process but in its log
        _log.exception("the agent ends because of an error")
        return 1
    finally:
        close_log(handler)


def _run(instance: Instance, open_app: OpenApp) -> int:
    state = read_state(instance)
    if state is None:
        raise DevkitError(f"{instance.state_file} is missing; devkit up writes it")
    port = state.ports["openmeter"]
    try:
        listener = bind(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        _log.warning("port %d is taken", port)
        return PORT_TAKEN
    with listener, open_app(instance.data_folder, state.token) as app:
        _serve(instance, state, app, listener)
    return 0


def _serve(instance: Instance, state: State, app: App, listener: socket.socket) -> None:
    """Answers requests until SIGTERM, then lets the ones under way finish."""
    process, version = this_process(), devkit.__version__
    port = state.ports["openmeter"]
    marker = Marker(process=process, port=port, token=state.token, version=version, started_at=timestamp())
    _outlive_the_terminal()
    _log.info("devkit %s, instance %s, pid %d, listening on %s", version, instance.name, process.pid, state.url)
    write_marker(instance, marker)
    try:
        _serve_http(app, listener)
    finally:
        instance.agent_file.unlink(missing_ok=True)
        _log.info("stopped")


def _serve_http(app: App, listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _outlive_the_terminal() -> None:
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # uvicorn raises the signal again once it has shut down; the end is ours, with a clean exit code.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: None)
