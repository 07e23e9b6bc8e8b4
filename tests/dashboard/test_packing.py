"""Pages travel packed; media, files and answers without a body travel as they are."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from dashboard.middleware import GzipPages
from dashboard.models import User
from recordings.models import Account
from tests.dashboard import samples
from tests.simulators.recall import RecallSimulator
from tests.world import World

PACKED = {"Accept-Encoding": "gzip, br"}
LONG = "<p>Nothing new.</p>" * 100
LARGEST = 15_000  # bytes of a page without its static files: half of what a warm cache may cost
PAGES = ("now", "recordings", "transcripts", "attention", "operations", "deliveries", "accounts", "batches")


def through(response: HttpResponseBase, encoding: str = "gzip") -> HttpResponseBase:
    request = RequestFactory().get("/", headers={"Accept-Encoding": encoding})
    return GzipPages(lambda _: response)(request)  # type: ignore[arg-type,return-value]


def test_page_is_packed_for_whoever_takes_it(
    signed_in: Callable[[User], Client], viewer: User, account: Account
) -> None:
    client = signed_in(viewer)
    plain = client.get("/accounts/")
    packed = client.get("/accounts/", headers=PACKED)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert account.name in gzip.decompress(packed.content).decode()
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content) / 2


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(b"x" * 5000, status=206, content_type="audio/mpeg"),
        HttpResponse(b"x" * 5000, content_type="video/mp4"),
        HttpResponse(LONG, status=206),
        HttpResponse("a;b\n" * 2000, content_type="text/csv"),
        HttpResponse(LONG, status=404),
        StreamingHttpResponse([LONG]),
        HttpResponse(status=204),
        HttpResponse("short"),
    ],
    ids=["range", "media", "part", "csv", "missing", "stream", "nothing", "short"],
)
def test_whatever_is_no_page_travels_as_it_is(response: HttpResponseBase) -> None:
    assert "Content-Encoding" not in through(response).headers


def test_length_of_a_packed_page_does_not_tell_of_its_words() -> None:
    lengths = {len(through(HttpResponse(LONG)).content) for _ in range(40)}  # type: ignore[attr-defined]

    assert len(lengths) > 3


def test_media_in_ranges_are_not_touched(
    signed_in: Callable[[User], Client],
    operator: User,
    world: World,
    recall: RecallSimulator,
    account: Account,
) -> None:
    things = samples.full(world, recall, account, operator)
    assert things.recording is not None
    url = reverse("media", args=[things.recording.key])

    answer: Any = signed_in(operator).get(url, headers={**PACKED, "Range": "bytes=0-99"})

    assert answer.status_code == 206
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Length"] == "100"
    answer.close()


def test_no_page_of_a_days_work_is_heavy(
    signed_in: Callable[[User], Client],
    manager: User,
    world: World,
    recall: RecallSimulator,
    account: Account,
) -> None:
    things = samples.full(world, recall, account, manager)
    client = signed_in(manager)
    paths = [reverse(name) for name in PAGES] + [things.account.get_absolute_url()]
    sizes = {path: len(client.get(path, headers=PACKED).content) for path in paths}

    assert max(sizes.values()) < LARGEST, sizes
