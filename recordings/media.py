"""The bytes of recordings for players: one short piece a request, and never a link in a page."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from django.utils import timezone

from recordings import connections, copies, copying, kept, minting
from recordings.models import Recording
from recordings.providers.base import ProviderAdapter, Variant
from recordings.providers.client import Reply
from recordings.providers.errors import NotFound, ProviderError, Refused, Unavailable
from recordings.providers.snapshots import Status
from recordings.slots import MediaBusy, downloads, slots
from recordings.spans import PIECE, Span, placed, span_of

COPYING = "This recording is being copied here, because its provider gives it only as a whole: it plays soon."
DELETED = "This recording was deleted: there is nothing to play any more."
GONE = "The provider does not have this file any more."
EXPIRED = "The provider's time of keeping is over: there is nothing to play any more."
NOTHING_YET = "There is nothing to play yet."
NO_SUCH = "This recording has no media of this form."
REFUSED = "The provider refused to give the file: an administrator has to look at the account."
AWAY = "The provider does not give the file at this moment: try again soon."
LATER_SECONDS = 5.0
_STALE = frozenset({401, 403, 404, 410})  # what a link that has had its time is answered with


class MediaGone(Exception):
    """There is nothing to play, and waiting does not help."""


class MediaFailed(Exception):
    """The provider does not give it, for a reason that somebody has to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The answer to a range request: 206, or 416 where nothing begins at its first byte."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    first: int = 0
    total: int = 0  # bytes of the whole file


def variants(recording: Recording) -> tuple[Variant, ...]:
    """In which forms it can be played now; the first is the usual one."""
    if recording.is_buried:
        return ()
    return _offered(recording) or _rescued(recording)


def _offered(recording: Recording) -> tuple[Variant, ...]:
    try:
        adapter = connections.open_account(recording.account)
    except ProviderError:
        return ()
    return adapter.variants(connections.recording_ref(recording))


def _rescued(recording: Recording) -> tuple[Variant, ...]:
    """What is kept here, where the provider has nothing any more."""
    return tuple(
        Variant(name=each.variant, label=f"{each.label}, kept here", content_type=each.content_type)
        for each in recording.rescues.order_by("pk")
    )


def piece(recording: Recording, variant: str, byte_range: str = "") -> Piece:
    """At most 1 MiB of the media from where ``byte_range`` begins, read whole.

    ``recording`` comes with its account and call. Raises ``MediaGone``, ``MediaBusy``, ``MediaFailed``.
    """
    with slots:
        return _piece(recording, variant, span_of(byte_range))


class Download:
    """The whole file, or the part that is asked for, in pieces; holds its slots until it is closed."""

    def __init__(self, recording: Recording, variant: str, byte_range: str = "") -> None:
        """Reads the first piece; raises what ``piece`` raises."""
        self._recording, self._variant = recording, variant
        span = span_of(byte_range)
        with ExitStack() as held:
            held.enter_context(downloads)
            held.enter_context(slots)
            self.beginning = _piece(recording, variant, span)
            self._held = held.pop_all()
        whole = self.beginning.total
        self.end = whole if span.first is None or span.last is None else min(whole, span.last + 1)

    def __iter__(self) -> Iterator[bytes]:
        at, part = self.beginning.first, self.beginning
        while part.body:
            yield part.body
            at += len(part.body)
            if at >= self.end:
                return
            part = _piece(self._recording, self._variant, Span(first=at, last=self.end - 1))

    def close(self) -> None:
        """Django calls it when the answer is sent or the client has gone."""
        self._held.close()


def _piece(recording: Recording, variant: str, span: Span) -> Piece:
    if recording.is_buried:
        raise MediaGone(DELETED)
    copy = copies.find(recording.key, variant) or kept.find(recording.key, variant)
    if copy is not None:
        return _of_copy(copy, span)
    _require_offer(recording, variant)
    try:
        return _of_provider(recording, variant, span)
    except NotFound as exc:
        raise MediaGone(_gone(recording, exc.message)) from exc
    except ProviderError as exc:
        raise _not_now(exc) from exc


def _require_offer(recording: Recording, variant: str) -> None:
    if recording.status == Status.DELETED:
        raise MediaGone(DELETED)
    offered = [each.name for each in variants(recording)]
    if variant not in offered:
        raise MediaGone(NO_SUCH if offered else NOTHING_YET)
    if copying.is_under_way(recording, variant):
        raise MediaBusy(COPYING)


def _of_copy(copy: copies.Copy, span: Span) -> Piece:
    first, last = span.bounds(copy.size)
    if first >= copy.size:
        return _nothing_there(copy.size)
    try:
        return _answer(copy.content_type, copy.read(first, last - first + 1), first, copy.size)
    except FileNotFoundError:  # It made room for another one.
        raise MediaBusy(COPYING) from None


def _of_provider(recording: Recording, variant: str, span: Span) -> Piece:
    adapter = connections.open_account(recording.account)
    link = minting.known(recording, variant)
    if link is not None:
        reply, first = _read(adapter, link, span)
        if reply.status not in _STALE:
            return _of_reply(recording, variant, link, reply, first)
        minting.drop(recording, variant)
    link = minting.mint(recording, variant, adapter)
    return _of_reply(recording, variant, link, *_read(adapter, link, span))


def _read(adapter: ProviderAdapter, link: minting.Link, span: Span) -> tuple[Reply, int]:
    """The provider's answer, and the first byte that it was asked for."""
    if span.first is None and link.total is None:
        reply = minting.read(adapter, link, 0, 0)
        if not reply.is_success:
            return reply, 0
    first, last = span.bounds(link.total)
    return minting.read(adapter, link, first, max(first, last)), first


def _of_reply(recording: Recording, variant: str, link: minting.Link, reply: Reply, first: int) -> Piece:
    content_type, total = link.media.content_type, link.total
    if reply.status == 416:
        return _nothing_there(total or 0)
    if not reply.is_success:
        raise _refusal(recording, reply)
    if reply.status == 206 and total is not None and placed(reply.headers["content-range"]).first == first:
        return _answer(content_type, reply.content[:PIECE], first, total)
    if len(reply.content) > PIECE or reply.status == 206:
        raise _copied(recording, variant)
    whole = reply.content  # Ranges were ignored, and it is small.
    return (
        _answer(content_type, whole[first:], first, len(whole))
        if first < len(whole)
        else _nothing_there(len(whole))
    )


def _answer(content_type: str, body: bytes, first: int, total: int) -> Piece:
    headers = {
        "Content-Type": content_type,
        "Content-Range": f"bytes {first}-{first + len(body) - 1}/{total}",
    }
    return Piece(status=206, headers=headers, body=body, first=first, total=total)


def _nothing_there(total: int) -> Piece:
    return Piece(status=416, headers={"Content-Range": f"bytes */{total}"}, total=total)


def _copied(recording: Recording, variant: str) -> Exception:
    problem = copying.problem_of(recording, variant)
    if problem:
        return MediaFailed(problem)
    copying.start(recording, variant)
    return MediaBusy(COPYING)


def _refusal(recording: Recording, reply: Reply) -> Exception:
    if reply.status in {404, 410}:
        return MediaGone(_gone(recording, GONE))
    if reply.status in {401, 403}:
        return MediaFailed(REFUSED)
    return MediaBusy(AWAY, retry_after_seconds=reply.retry_after_seconds or LATER_SECONDS)


def _gone(recording: Recording, otherwise: str) -> str:
    expires_at = recording.media_expires_at
    return EXPIRED if expires_at is not None and expires_at < timezone.now() else otherwise


def _not_now(error: ProviderError) -> Exception:
    can_wait = isinstance(error, Unavailable) or (isinstance(error, Refused) and error.can_wait)
    if can_wait:
        return MediaBusy(error.message, retry_after_seconds=error.retry_after_seconds or LATER_SECONDS)
    return MediaFailed(error.message)
