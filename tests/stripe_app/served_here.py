"""An embedded server in this process, as the agent has it: what can write its store."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from devkit.adapters.backends.foreground import open_server
from devkit.core.ports import bind
from devkit.embedded import server


@contextmanager
def served_here(data: Path) -> Iterator[tuple[str, Callable[[str, str, str], None]]]:
    """Its URL, and what gives a Stripe app of it another webhook endpoint."""
    running: list[Any] = []
    start = server._Server.startup

    async def noted(self: Any, sockets: list[socket] | None = None) -> None:
        running.append(self)
        await start(self, sockets)

    listener, ready = bind(0), threading.Event()
    with pytest.MonkeyPatch.context() as patch, listener, open_server(data) as serving:
        patch.setattr(server._Server, "startup", noted)  # it ends by signals only, and those go to the main thread
        thread = threading.Thread(target=serving.serve, args=(listener, ready.set))
        thread.start()
        try:
            assert ready.wait(20)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", serving.renew_webhook
        finally:
            running[0].should_exit = True
            thread.join()
