"""What may leave for where, and what comes back: the client, links and sockets under our rules."""

from collections.abc import Iterator

import httpcore
import httpx
import pytest

from recordings.providers.base import ProviderAdapter
from recordings.providers.client import Client, LinkReader
from recordings.providers.errors import NotSent, Refused, Unavailable
from recordings.providers.network import AddressRefused, GuardedTransport, deadline, public_address
from recordings.providers.orders import Order
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.simulators.server import served


@pytest.fixture
def origin() -> Iterator[str]:
    with served(FifthSimulator()) as origin:
        yield origin


def answering(*answers: httpx.Response) -> httpx.Client:
    waiting = iter(answers)
    return httpx.Client(transport=httpx.MockTransport(lambda request: next(waiting)))


def test_credentials_go_to_the_accounts_own_hosts_only() -> None:
    client = Client(answering(), hosts=("api.example.com", ".example.org"))

    for url in ("https://evil.example", "http://api.example.com", "https://example.org"):
        with pytest.raises(Refused, match="nothing was sent"):
            client.request("GET", url, is_write=False)


def test_host_below_a_domain_of_the_account_is_its_own() -> None:
    client = Client(answering(httpx.Response(200, json=[1])), hosts=(".example.org",))

    assert client.request("GET", "https://eu.example.org/x", is_write=False).data == [1]


def test_link_that_is_not_https_is_not_followed() -> None:
    with pytest.raises(Refused, match="not https"):
        LinkReader(answering()).read("http://storage.example/x")


def test_link_is_followed_three_times_and_no_further() -> None:
    moves = [httpx.Response(302, headers={"Location": f"https://s{n}.example/"}) for n in range(4)]
    kind = httpx.Response(200, content=b"words")

    assert LinkReader(answering(*moves[:3], kind)).read("https://s.example/").content == b"words"
    with pytest.raises(Unavailable, match="three times"):
        LinkReader(answering(*moves)).read("https://s.example/")


def test_link_that_cannot_be_read_is_unavailable() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    with pytest.raises(Unavailable):
        LinkReader(httpx.Client(transport=httpx.MockTransport(fail))).read("https://s.example/")


def test_answer_larger_than_allowed_is_not_read_to_its_end() -> None:
    client = Client(answering(httpx.Response(200, content=b"x" * 100)), hosts=("a.example",))

    with pytest.raises(Unavailable, match="larger"):
        client.request("GET", "https://a.example/", is_write=False, largest=10)


def test_body_that_is_nested_too_deep_is_no_json() -> None:
    deep = b"[" * 100_000
    client = Client(answering(httpx.Response(200, content=deep)), hosts=("a.example",))

    assert client.request("GET", "https://a.example/", is_write=False).data is None


@pytest.mark.parametrize("url", ["https://127.0.0.1:9/x", "https://localhost:9/x"])
def test_link_into_a_private_network_is_never_connected(url: str) -> None:
    links = LinkReader(httpx.Client(transport=GuardedTransport(is_public_only=True), trust_env=False))

    with pytest.raises(NotSent, match="private network"):
        links.read(url)


def test_public_address_is_what_is_connected() -> None:
    assert public_address("1.1.1.1", 443) == "1.1.1.1"
    with pytest.raises(httpcore.ConnectError):
        public_address("no-such-name.invalid", 443)


def test_host_on_the_list_may_be_private_and_encryption_is_still_asked_for(origin: str) -> None:
    host = origin.removeprefix("http://")
    transport = GuardedTransport(is_public_only=True, loopback_hosts=(host,))

    with httpx.Client(transport=transport, trust_env=False) as http:
        assert http.get(f"{origin}/calls").status_code == 401
        with pytest.raises(httpx.ConnectError):
            http.get(f"https://{host}/calls")


def test_deadline_that_has_passed_lets_nothing_begin(origin: str) -> None:
    http = httpx.Client(transport=GuardedTransport(is_public_only=False), trust_env=False)

    with http, pytest.raises(httpx.ConnectTimeout), deadline(-1.0):
        http.get(f"{origin}/calls")


def test_backend_keeps_to_sockets_of_the_network() -> None:
    backend = GuardedTransport(is_public_only=False)._pool._network_backend

    with pytest.raises(AddressRefused):
        backend.connect_unix_socket("any.sock")
    backend.sleep(0.0)


def test_adapter_that_says_nothing_more_allows_and_hides_nothing() -> None:
    order = Order(kind="recording.start", key="k", send_key="s", options={"quality": "low"})

    assert ProviderAdapter.unavailable("recording.start", None, {}) == ""
    assert ProviderAdapter.consequence("recording.start", None, {}) == ""
    assert ProviderAdapter.check_options("recording.start", {}) == {}
    assert FifthAdapter.preview(order) == {"quality": "low"}


def test_headers_that_explain_an_answer_are_kept_for_the_timeline() -> None:
    given = {"X-Rate-Limit-Remaining": "3", "Retry-After": "7", "Set-Cookie": "a=b", "X-Other": "c"}
    client = Client(answering(httpx.Response(200, json=[], headers=given)), hosts=("a.example",))

    kept = client.request("GET", "https://a.example/", is_write=False).exchange.headers

    assert kept["x-rate-limit-remaining"] == "3"
    assert kept["retry-after"] == "7"
    assert not {"set-cookie", "x-other"} & kept.keys()
