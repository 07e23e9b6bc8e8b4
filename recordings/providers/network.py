"""Sockets under our rules: a deadline over a whole exchange, and only public addresses for foreign links."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

_state = threading.local()


class AddressRefused(httpcore.ConnectError):
    """The name leads to an address that is not public; nothing was sent there."""


class TooLate(httpcore.ConnectError):
    """The moment by which a write had to leave has passed; nothing was sent."""


@contextmanager
def deadline(seconds: float, *, is_write: bool = False) -> Iterator[None]:
    """Every read, write and connect of this thread ends within ``seconds`` from now, all together.

    With ``is_write`` the first byte obeys ``departure`` besides.
    """
    before = getattr(_state, "ends_at", None), getattr(_state, "is_waiting", False)
    _state.ends_at, _state.is_waiting = time.monotonic() + seconds, is_write
    try:
        yield
    finally:
        _state.ends_at, _state.is_waiting = before


@contextmanager
def departure(seconds: float) -> Iterator[None]:
    """The first byte of each write of this thread leaves within ``seconds`` from now, or never.

    A process may stand still for minutes between two of its lines.
    """
    before = getattr(_state, "leaves_by", None)
    _state.leaves_by = time.monotonic() + seconds
    try:
        yield
    finally:
        _state.leaves_by = before


def depart() -> None:
    """Called before bytes leave; raises ``TooLate`` when the first of a write would come too late."""
    if not getattr(_state, "is_waiting", False):
        return
    leaves_by: float | None = getattr(_state, "leaves_by", None)
    if leaves_by is not None and time.monotonic() > leaves_by:
        raise TooLate("this process stood still until it was too late to send")
    _state.is_waiting = False


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    ends_at: float | None = getattr(_state, "ends_at", None)
    if ends_at is None:
        return timeout
    left = ends_at - time.monotonic()
    if left <= 0:
        raise error("the deadline for the whole exchange has passed")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        depart()
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, *, is_public_only: bool, loopback_hosts: Iterable[str]) -> None:
        self._sockets = httpcore.SyncBackend()
        self._is_public_only = is_public_only
        self._loopback_hosts = frozenset(loopback_hosts)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        target = host
        if self._is_public_only and not is_listed(host, port, self._loopback_hosts):
            target = public_address(host, port)
        return _Stream(self._sockets.connect_tcp(target, port, left, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        raise AddressRefused("no provider is reached by a socket file")

    def sleep(self, seconds: float) -> None:
        self._sockets.sleep(seconds)


class GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport over sockets under our rules.

    The pool is replaced after construction because httpx has no parameter for the network backend.
    """

    def __init__(self, *, is_public_only: bool, loopback_hosts: Iterable[str] = ()) -> None:
        super().__init__()
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=20,
            max_keepalive_connections=10,
            keepalive_expiry=10.0,
            network_backend=_Backend(is_public_only=is_public_only, loopback_hosts=loopback_hosts),
        )


def is_listed(host: str, port: int | None, listed: Iterable[str]) -> bool:
    """Whether ``host`` or ``host:port`` stands in a list of such names."""
    return any(entry in (host, f"{host}:{port}") for entry in listed)


def public_address(host: str, port: int) -> str:
    """The address to connect to; raises ``AddressRefused`` if any that the name gives is not public."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as exc:
        raise httpcore.ConnectError(f"the name {host} is not known") from exc
    addresses = sorted(str(address) for address in found)
    if not all(ipaddress.ip_address(address).is_global for address in addresses):
        raise AddressRefused(f"{host} leads to an address inside a private network")
    return addresses[0]
