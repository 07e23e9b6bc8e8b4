"""Carries requests to simulators in the same process; drops and delays cost no real time."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import httpx

from recordings.providers import network
from recordings.providers.base import Connection, ProviderAdapter
from recordings.providers.client import Client, LinkReader
from tests.simulators.base import Simulator
from tests.simulators.http import Request


class SimulatorTransport(httpx.BaseTransport):
    """Routes by host name. A fault becomes the exception that httpx raises for it on a real wire."""

    def __init__(self, simulators: Mapping[str, Simulator], *, read_timeout: float = 30.0) -> None:
        self.simulators = dict(simulators)
        self.read_timeout = read_timeout

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        simulator = self.simulators.get(request.url.host)
        if simulator is None:
            raise httpx.ConnectError("no such host", request=request)
        depart(request)
        answer = simulator.respond(_translated(request))
        if answer.delay_seconds >= self.read_timeout:
            raise httpx.ReadTimeout("timed out", request=request)
        if answer.is_dropped:
            raise httpx.RemoteProtocolError("server disconnected without a response", request=request)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Cut(answer.body, answer.cut_after, request),
            request=request,
        )


def depart(request: httpx.Request) -> None:
    """What the product's own sockets ask before the first byte."""
    try:
        network.depart()
    except network.TooLate as exc:
        raise httpx.ConnectError(str(exc), request=request) from exc


class _Cut(httpx.SyncByteStream):
    def __init__(self, body: bytes, cut_after: int | None, request: httpx.Request) -> None:
        self._body, self._cut_after, self._request = body, cut_after, request

    def __iter__(self) -> Iterator[bytes]:
        if self._cut_after is None:
            yield self._body
            return
        yield self._body[: self._cut_after]
        raise httpx.RemoteProtocolError("peer closed connection early", request=self._request)


def connection(
    adapter: type[ProviderAdapter],
    simulator: Simulator,
    *,
    host: str = "sim.test",
    **changes: str,
) -> Connection:
    """A connection of ``adapter`` to ``simulator``, with the simulator's own credentials.

    ``changes`` replace values of config or secrets, whichever has the name.
    """
    account = simulator.account()
    config = {name: changes.get(name, value) for name, value in account["config"].items()}
    secrets = {name: changes.get(name, value) for name, value in account["secrets"].items()}
    http = httpx.Client(transport=SimulatorTransport({host: simulator}))
    return Connection(
        base_url=f"http://{host}",
        config=config,
        secrets=secrets,
        client=Client(http, hosts=adapter.hosts, loopback_hosts=(host,), secrets=tuple(secrets.values())),
        links=LinkReader(http, loopback_hosts=(host,)),
    )


def _translated(request: httpx.Request) -> Request:
    raw = request.url.raw_path.decode()
    path, _, query = raw.partition("?")
    parts = urlsplit(str(request.url))
    return Request(
        method=request.method,
        path=path,
        query=query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.read(),
        origin=f"{parts.scheme}://{parts.netloc}",
    )
