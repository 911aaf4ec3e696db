"""An engine that can be cut off: a socket that passes everything on to the real one until it does not."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ENGINE = "/var/run/docker.sock"


@contextmanager
def fragile_engine(path: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Its address and what cuts it off, open connections included."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(64)
    lines: list[socket.socket] = []

    def cut() -> None:
        path.unlink(missing_ok=True)
        listener.close()
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=_accept, args=(listener, lines), daemon=True).start()
    try:
        yield f"unix://{path}", cut
    finally:
        cut()
        for line in lines:
            line.close()


def _accept(listener: socket.socket, lines: list[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            near, _ = listener.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(ENGINE)
            lines += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
