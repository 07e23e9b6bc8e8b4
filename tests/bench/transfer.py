"""P20: how many bytes a page sends, with a warm cache and with a cold one."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.staticfiles import finders

from tests.bench import lists, polls
from tests.bench.figures import Figure, Size, measures
from tests.bench.requests import Browser

ROWS = 1_000
PAGES = (
    *("/", "/recordings/", "/transcripts/", "/deliveries/", "/operations/", "/batches/", "/search/?q=call"),
    *("/attention/", "/accounts/", "/presets/", "/exports/", "/profile/", "/sign-in/"),
)
_STATIC = re.compile(r'(?:src|href)="/static/([^"]+)"')


@measures("P20")
def transfer(size: Size) -> Iterator[Figure]:
    """Lists of fifty rows, and Now with fifty live calls."""
    lists.people()
    lists.fill(0, ROWS)
    polls.fill()
    user = get_user_model().objects.get(username="all")
    user.groups.add(*Group.objects.filter(name__in=("manager", "auditor")))
    browser = Browser(user, headers={"HTTP_ACCEPT_ENCODING": "gzip"})
    warm = {page: browser.get(page) for page in PAGES if page != "/sign-in/"}
    warm["/sign-in/"] = Browser(headers={"HTTP_ACCEPT_ENCODING": "gzip"}).get("/sign-in/")
    cold = {page: len(body) + _static_bytes(body) for page, body in warm.items()}
    yield _figure("on a warm cache", {page: len(body) for page, body in warm.items()}, must=30, goal=15)
    yield _figure("on a cold one (gzip)", cold, must=80, goal=60)


def _figure(what: str, sizes: dict[str, int], *, must: float, goal: float) -> Figure:
    largest = max(sizes, key=lambda page: sizes[page])
    return Figure(
        number="P20",
        what=f"transfer of the largest of {len(sizes)} pages {what}, KB",
        ratio=sizes[largest] / 1024,
        here=f"{largest}; the smallest {min(sizes.values()) / 1024:.1f} KB",
        peer="",
        must=must,
        goal=goal,
        is_more_better=False,
    )


def _static_bytes(body: bytes) -> int:
    """What the page names of styles, scripts and pictures, packed as WhiteNoise packs them."""
    html = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()
    files = {finders.find(name) for name in _STATIC.findall(html)}
    return sum(len(gzip.compress(Path(str(each)).read_bytes(), 9)) for each in files if each)
