"""Links to media: minted when needed, kept in this process's memory for their life, and nowhere else."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from recordings import connections
from recordings.models import Recording
from recordings.providers.base import Media, ProviderAdapter
from recordings.providers.client import Reply
from recordings.providers.errors import Throttled
from recordings.spans import PIECE, placed
from recordings.work import pace

LIFE = timedelta(minutes=5)
MARGIN = timedelta(seconds=30)
KEPT = 500

_links: "OrderedDict[tuple[int, str], Link]" = OrderedDict()
_lock = threading.Lock()


@dataclass(slots=True, kw_only=True)
class Link:
    """Access to one variant; ``total`` is the size of its file, once an answer told it."""

    media: Media
    until: datetime
    total: int | None = None


def known(recording: Recording, variant: str) -> Link | None:
    """A link that is still good, as far as its promise goes."""
    with _lock:
        link = _links.get((recording.pk, variant))
    return link if link is not None and link.until > timezone.now() else None


def mint(recording: Recording, variant: str, adapter: ProviderAdapter) -> Link:
    """A fresh link, at the provider's pace; raises ``ProviderError``."""
    names = adapter.read_buckets.get("media", ())
    wait = pace.take(recording.account, adapter, names)
    if wait > 0:
        raise Throttled("The provider's pace allows it later.", retry_after_seconds=wait)
    try:
        media = adapter.media(connections.recording_ref(recording), variant)
    except Throttled as exc:
        name = exc.bucket or next(iter(names), "")
        pace.close(recording.account, name, seconds=exc.retry_after_seconds or 5.0)
        raise
    return _keep(recording, variant, media)


def drop(recording: Recording, variant: str) -> None:
    """The provider takes it no more."""
    with _lock:
        _links.pop((recording.pk, variant), None)


def forget() -> None:
    """Keep none: between tests."""
    with _lock:
        _links.clear()


def read(adapter: ProviderAdapter, link: Link, first: int, last: int) -> Reply:
    """The answer for these bytes; one that ignores ranges is cut behind the first piece."""
    media, connection = link.media, adapter.connection
    wanted = f"bytes={first}-{last}" if media.has_ranges else ""
    if media.headers:
        headers = {**media.headers, "Accept-Encoding": "identity", **({"Range": wanted} if wanted else {})}
        reply = connection.client.request("GET", media.url, is_write=False, headers=headers, cut_at=PIECE + 1)
    else:
        reply = connection.links.read(media.url, byte_range=wanted, cut_at=PIECE + 1)
    link.total = placed(reply.headers.get("content-range", "")).total or link.total
    if reply.status == 200 and len(reply.content) <= PIECE:
        link.total = len(reply.content)
    return reply


def _keep(recording: Recording, variant: str, media: Media) -> Link:
    now = timezone.now()
    until = now + LIFE if media.expires_at is None else media.expires_at - MARGIN
    link = Link(media=media, until=until)
    with _lock:
        _links[recording.pk, variant] = link
        _links.move_to_end((recording.pk, variant))
        while len(_links) > KEPT:
            _links.popitem(last=False)
    return link
