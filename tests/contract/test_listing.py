"""Ten thousand recordings at each provider: none lost, none twice, in memory that does not grow with them."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from recordings import clock, housekeeping
from recordings.models import Errand, Recording
from recordings.providers import registry
from tests.contract.conftest import Provider, build
from tests.simulators.http import Request, Response
from tests.world import World

MANY = 10_000
PAGES = MANY // 100
EARLY, LATE = range(3, 6), range(PAGES - 5, PAGES - 2)  # pages whose memory is looked at
GROWTH = 1.1  # P17 of the targets
# How the requests for a page of recordings are known from those that test the account.
ASKED = {
    "daily": "/recordings?limit=100",
    "recall": "/recording/?",
    "twilio": "/Recordings.json?",
    "vobiz": "/Recording/?limit=100",
}
# A row that is kept is several objects: nine thousand of them would be seen.
OBJECTS = 3_000


@pytest.fixture(params=sorted(registry.ADAPTERS))
def listed(request: pytest.FixtureRequest, world: World, user: Any) -> Provider:
    provider = build(request.param, world, user)
    if provider.slug == "recall":
        provider.simulator.switch(page_size=100)  # its client cannot ask for one
    return provider


def sweep(provider: Provider, *, pages: int = 1000) -> Errand:
    """The complete listing alone, page by page at the provider's pace, for so many pages at most."""
    housekeeping.ensure_standing()
    errand = Errand.objects.get(kind="sweep.full")
    Errand.objects.filter(pk=errand.pk).update(due_at=clock.now())
    others = Errand.objects.exclude(kind__in=("sweep.full", "account.check"))
    for _ in range(pages):
        others.update(due_at=None)
        provider.world.work()
        errand.refresh_from_db()
        if not errand.cursor and not errand.problem:
            break
        assert errand.due_at is not None
        # One that is due and not done waits for the test of an unhealthy account.
        wait = (errand.due_at - clock.now()).total_seconds()
        provider.world.clock.advance(wait if wait > 0 else 5.0)
    return errand


def on_each_answer(provider: Provider, do: Callable[[Request, Response, int], Response]) -> None:
    """Lead each answer of a listing through ``do``, with its number; the simulator forgets the request."""
    respond, numbers = provider.simulator.respond, iter(range(1, MANY))

    def answered(request: Request) -> Response:
        answer: Response = respond(request)
        provider.simulator.requests.clear()
        is_page = ASKED[provider.slug] in f"{request.path}?{request.query}"
        return do(request, answer, next(numbers)) if is_page else answer

    provider.simulator.respond = answered


def mirrored() -> set[str]:
    ids = list(Recording.objects.values_list("external_id", flat=True))
    assert len(ids) == len(set(ids))
    return set(ids)


def test_ten_thousand_recordings_are_mirrored_in_constant_memory(listed: Provider) -> None:
    listed.simulator.fill(MANY)
    peaks: list[int] = []
    objects: list[int] = []

    def measure(_: Request, answer: Response, number: int) -> Response:
        if number in {EARLY.start, LATE.start}:
            gc.collect()
            objects.append(len(gc.get_objects()))
            tracemalloc.start()
        if number in {EARLY.stop, LATE.stop}:
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        return answer

    on_each_answer(listed, measure)
    errand = sweep(listed)

    truth = set(listed.simulator.truth()["recordings"])
    assert len(truth) == MANY
    assert mirrored() == truth
    assert errand.progress["problem"] == ""
    assert errand.progress["pages"] >= PAGES
    assert peaks[1] <= peaks[0] * GROWTH, peaks
    assert objects[1] <= objects[0] + OBJECTS, objects


def test_page_that_comes_again_and_again_ends_the_listing_and_loses_no_row(listed: Provider) -> None:
    listed.simulator.fill(450)
    pages: list[Response] = []

    def repeat(_: Request, answer: Response, number: int) -> Response:
        """From the third page on it is the second one, with its token."""
        pages.append(answer)
        return pages[1] if number > 2 else answer

    on_each_answer(listed, repeat)
    sweep(listed, pages=40)
    known, asked = mirrored(), len(pages)

    assert len(known) in range(180, 201)
    assert asked < 60
    listed.simulator.respond = type(listed.simulator).respond.__get__(listed.simulator)
    sweep(listed)
    assert mirrored() == set(listed.simulator.truth()["recordings"])


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "refuse", "status": 503, "times": 3},
        {"kind": "html", "status": 502},
        {"kind": "html", "status": 200},
        {"kind": "cut"},
        {"kind": "slow", "seconds": 60.0},
        {"kind": "refuse", "status": 429, "headers": {"Retry-After": "20"}},
        {"kind": "refuse", "status": 429},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values() if not isinstance(value, dict)),
)
def test_page_that_fails_mid_way_loses_no_row(listed: Provider, fault: dict[str, Any]) -> None:
    listed.simulator.fill(150)
    listed.simulator.fail(skip=1, path_contains=ASKED[listed.slug], **fault)

    errand = sweep(listed)

    assert errand.problem == ""
    assert mirrored() == set(listed.simulator.truth()["recordings"])


def test_row_that_goes_between_two_pages_hides_no_other(listed: Provider) -> None:
    """The last one of the first page, at which the next page would have begun."""
    listed.simulator.fill(150)
    gone: list[str] = []

    def move(_: Request, answer: Response, number: int) -> Response:
        if number == 1:
            body = answer.body.decode()
            there = [each for each in listed.simulator.truth()["recordings"] if f'"{each}"' in body]
            gone.append(max(there, key=body.index))
            GONE[listed.slug](listed.simulator, gone[0])
        return answer

    on_each_answer(listed, move)
    sweep(listed)

    left = {each for each in listed.simulator.truth()["recordings"] if each != gone[0]}
    assert len(left) == 149
    assert mirrored() - {gone[0]} == left


# Somebody deletes a recording at the provider, by its console.
GONE: dict[str, Callable[[Any, str], object]] = {
    "daily": lambda simulator, ident: simulator.recordings.pop(ident),
    "recall": lambda simulator, ident: simulator.expire_media(ident),
    "twilio": lambda simulator, sid: simulator.recordings.delete(simulator.recordings.all[sid]),
    "vobiz": lambda simulator, ident: simulator.delete_elsewhere(ident),
}
