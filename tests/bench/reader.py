"""P19: a transcript of three hours: when the server answers, when Chromium does, and what stutters."""

import io
import os
import random
import shutil
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.bench.figures import Figure, Size, Times, measures, timed

WORDS = 30_000
PACE = 0.36  # seconds a word
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
LONG_MS = 50  # the browser's own limit of a long task
MEDIA = "document.querySelector('[data-player] audio, [data-player] video')"
# The media is short: what it plays is told to go through the three hours, twenty seconds a second.
PLAYS = f"""() => {{
  const began = performance.now();
  const now = () => (performance.now() - began) / 1000 * 20 + 1000;
  Object.defineProperty({MEDIA}, 'currentTime', {{get: now, set: () => {{}}}});
  Object.defineProperty({MEDIA}, 'paused', {{get: () => false}});
  {MEDIA}.dispatchEvent(new Event('play'));
  setInterval(() => {MEDIA}.dispatchEvent(new Event('timeupdate')), 250);
}}"""
OBSERVES = """() => {
  window.long = [];
  new PerformanceObserver((list) => long.push(...list.getEntries().map((each) => each.duration)))
    .observe({type: 'longtask'});
}"""
READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


@measures("P19")
def reader(size: Size) -> Iterator[Figure]:
    """The page of one transcript, and of two side by side."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
    user, one, address = _stored(WORDS if not size.is_quick else WORDS // 10)
    yield _first_byte(user, one.get_absolute_url(), 5 if size.is_quick else 20)
    if shutil.which(CHROMIUM) is None:
        return
    seconds, loads = (2.0, 3) if size.is_quick else (10.0, 7)
    with _served() as origin, _page(user, origin) as page:
        yield from _in_browser(page, origin + one.get_absolute_url(), loads, "reader", _follow, seconds)
        yield from _in_browser(page, origin + address, loads, "two side by side", _step_through, seconds)


def _first_byte(user: Any, address: str, rounds: int) -> Figure:
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(user)

    def ask() -> None:
        assert client.get(address).status_code == 200

    before = time.process_time()
    times = timed(rounds, page=ask)["page"]
    spent = (time.process_time() - before) / (rounds + 1)
    return Figure(
        number="P19",
        what=f"{WORDS} words: server to the first byte, ms",
        ratio=times.median * 1000,
        here=f"{times}, by CPU of this process {spent * 1000:.0f} ms",
        peer="",
        must=150,
        goal=50,
        is_more_better=False,
    )


def _in_browser(page: Any, address: str, loads: int, what: str, use: Any, seconds: float) -> Iterator[Figure]:
    ready = []
    for _ in range(loads):
        page.goto(address)
        ready.append(page.evaluate(READY) / 1000)
    times = Times(seconds=ready[1:])
    yield Figure(
        number="P19",
        what=f"{what}: interactive in Chromium, s",
        ratio=times.median,
        here=str(times),
        peer="",
        must=1.0,
        goal=0.5,
        is_more_better=False,
    )
    page.wait_for_timeout(1_000)
    page.evaluate(OBSERVES)
    use(page, seconds)
    found = page.evaluate("window.long")
    yield Figure(
        number="P19",
        what=f"{what}: tasks over {LONG_MS} ms in {seconds:g} s of use",
        ratio=len(found),
        here=f"the longest {max(found, default=0):.0f} ms",
        peer="",
        must=0,
        goal=0,
        is_more_better=False,
    )


def _follow(page: Any, seconds: float) -> None:
    page.evaluate(PLAYS)
    page.wait_for_timeout(seconds * 1000)


def _step_through(page: Any, seconds: float) -> None:
    for _ in range(int(seconds * 2)):
        page.keyboard.press("n")
        page.wait_for_timeout(500)


@contextmanager
def _served() -> Iterator[str]:
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.test.testcases import LiveServerThread

    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.terminate()


@contextmanager
def _page(user: Any, origin: str) -> Iterator[Any]:
    from django.test import Client
    from playwright.sync_api import sync_playwright

    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": origin}
    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--mute-audio"]
        browser = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.context.add_cookies([cookie])
        yield page
        browser.close()


def _stored(words: int) -> tuple[Any, Any, str]:
    """Two transcripts of a recording whose media lie here, compared; and the address of the comparison."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.urls import reverse

    from recordings import connections, copies
    from recordings.models import Account, Errand, Recording
    from recordings.providers.snapshots import Status
    from tests.simulators.clock import Clock
    from tests.simulators.recall import RecallSimulator
    from transcripts import comparing
    from transcripts.models import Transcript, TranscriptText

    user = get_user_model().objects.create_user("reader")
    user.groups.set(Group.objects.filter(name="manager"))
    told = RecallSimulator(clock=Clock()).account()
    account = Account(provider="recall", name="Three hours", config=told["config"])
    connections.set_secrets(account, told["secrets"])
    account.save()
    at = datetime(2026, 1, 1, tzinfo=UTC)
    facts = {"account": account, "status": Status.COMPLETED, "sort_at": at}
    recording = Recording.objects.create(external_id="r", handle={"media": {"audio": "mp3"}}, **facts)
    partial = copies.new_partial()
    partial.write_bytes(_silence(10))
    copies.place(partial, recording.key, "audio", "audio/wav")
    found = []
    for seed in (1, 2):
        row = Transcript.objects.create(recording=recording, external_id=str(seed), has_text=True, **facts)
        TranscriptText.objects.create(
            transcript=row, utterances=_turns(words, seed), words=words, stored_at=at
        )
        found.append(row)
    comparing.compared(*found)
    step = comparing.step(Errand.objects.get(kind=comparing.ERRAND))
    step.write()
    return user, found[0], f"{reverse('compare')}?a={found[0].key}&b={found[1].key}"


def _turns(words: int, seed: int) -> list[dict[str, Any]]:
    """The same conversation for each seed but for one word in twenty."""
    dice, slips = random.Random(7), random.Random(seed)
    return [_turn(dice, slips, number, min(12, words - number)) for number in range(0, words, 12)]


def _turn(dice: random.Random, slips: random.Random, number: int, count: int) -> dict[str, Any]:
    said = [f"word{dice.randrange(3_000)}" for _ in range(count)]
    said = [word if slips.random() > 0.05 else f"other{slips.randrange(500)}" for word in said]
    at = number * PACE
    spoken = [[word, at + PACE * place, at + PACE * (place + 1), 0.9] for place, word in enumerate(said)]
    return {
        "speaker": f"Speaker {dice.randrange(5)}",
        "start": at,
        "end": at + PACE * count,
        "text": " ".join(said),
        "channel": None,
        "confidence": None,
        "language": "",
        "words": spoken,
    }


def _silence(seconds: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(8_000)
        sink.writeframes(bytes(16_000 * seconds))
    return file.getvalue()
