"""A simulator behind a real socket: threads, dropped connections, and a ticker for what falls due."""

import contextlib
import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.simulators.base import ConnectionDropped, Simulator

TICK_SECONDS = 0.05


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], simulator: Simulator) -> None:
        super().__init__(address, _Handler)
        self.simulator = simulator


class _Handler(BaseHTTPRequestHandler):
    """Runs the WSGI program; a drop closes the socket at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        with contextlib.suppress(ConnectionResetError):  # Whoever asked was killed.
            super().handle()

    def _answer(self) -> None:
        try:
            body = self.server.simulator(self._environ(), self._start)
            for piece in body:
                self.wfile.write(piece)
        except (ConnectionDropped, BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _answer  # noqa: N815

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.send_response(int(status.split(maxsplit=1)[0]))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def _environ(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        return {
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "RAW_PATH": path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(length),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "wsgi.input": io.BytesIO(self.rfile.read(length)),
            "wsgi.url_scheme": "http",
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()},
        }

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet: the simulator keeps its own record."""


def serve(simulator: Simulator, *, port: int = 0, host: str = "127.0.0.1") -> tuple[_Server, str]:
    """Start a simulator in threads of this process; answers the server and its origin."""
    server = _Server((host, port), simulator)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=_tick, args=(simulator, server), daemon=True).start()
    return server, f"http://{host}:{server.server_port}"


@contextlib.contextmanager
def served(simulator: Simulator) -> Iterator[str]:
    """A simulator behind a socket for the length of a block; gives its origin."""
    server, origin = serve(simulator)
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()


def _tick(simulator: Simulator, server: _Server) -> None:
    while server.socket.fileno() != -1:
        simulator.clock.run_due()
        time.sleep(TICK_SECONDS)
