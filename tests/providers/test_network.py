"""The sockets under our rules, against a real one."""

from collections.abc import Iterator

import httpx
import pytest

from recordings.providers.client import TOO_LATE, Client
from recordings.providers.errors import NotSent
from recordings.providers.network import GuardedTransport, departure
from tests.fifth.simulator import FifthSimulator
from tests.simulators.server import served


@pytest.fixture
def fifth() -> FifthSimulator:
    return FifthSimulator()


@pytest.fixture
def origin(fifth: FifthSimulator) -> Iterator[str]:
    with served(fifth) as origin:
        yield origin


@pytest.fixture
def client(origin: str) -> Iterator[Client]:
    host = origin.removeprefix("http://")
    with httpx.Client(transport=GuardedTransport(is_public_only=False), trust_env=False) as http:
        yield Client(http, hosts=(), loopback_hosts=(host,))


def test_write_that_comes_too_late_sends_not_one_byte(
    client: Client, origin: str, fifth: FifthSimulator
) -> None:
    with pytest.raises(NotSent) as caught, departure(-1.0):
        client.request("POST", f"{origin}/calls/1/recordings", is_write=True, json={})

    assert caught.value.code == TOO_LATE
    assert fifth.requests == []


def test_write_in_time_leaves_and_a_read_is_never_too_late(
    client: Client, origin: str, fifth: FifthSimulator
) -> None:
    with departure(30.0):
        client.request("POST", f"{origin}/calls/1/recordings", is_write=True, json={"a": 1})
    with departure(-1.0):
        client.request("GET", f"{origin}/calls", is_write=False)

    assert [request.method for request in fifth.requests] == ["POST", "GET"]
    assert fifth.requests[0].body == b'{"a":1}'
