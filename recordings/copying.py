"""The errand that copies a recording's media into the cache: for providers that ignore ranges."""

import uuid
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from recordings import clock, connections, copies, peaks
from recordings.models import Errand, Recording
from recordings.models.work import SINGLE
from recordings.providers.base import Media, ProviderAdapter
from recordings.providers.client import Reply
from recordings.providers.errors import NotFound, ProviderError, Refused, Unavailable
from recordings.sync.wishes import ask
from recordings.work import errands
from recordings.work.errands import Kind, Step

KIND = "media.copy"
MARGIN_SECONDS = 10.0  # what is left of the lease when a copy is cut off
FAILURE_KEPT = timedelta(minutes=5)  # so long a failed copy is not tried again by itself
GONE = frozenset({404, 410})


def start(recording: Recording, variant: str) -> None:
    """Have this variant copied; asked twice, it is one errand."""
    ask(recording.account, KIND, subject=_subject(recording, variant), lane=SINGLE)


def is_under_way(recording: Recording, variant: str) -> bool:
    """Whether a copy is being made or waits for its turn."""
    mine = Errand.objects.filter(account=recording.account_id, kind=KIND)
    return mine.filter(subject=_subject(recording, variant), state=Errand.State.QUEUED).exists()


def problem_of(recording: Recording, variant: str) -> str:
    """Why the last copy, a short while ago, came to nothing; "" when none did."""
    since = clock.now() - FAILURE_KEPT
    failed = Errand.objects.filter(state=Errand.State.FAILED, created_at__gte=since, kind=KIND)
    last = failed.filter(account=recording.account_id, subject=_subject(recording, variant)).first()
    return last.problem if last else ""


def copy(errand: Errand, adapter: ProviderAdapter) -> Step:
    """Copy the whole file; its name appears when it is complete and the recording still there."""
    key, _, variant = errand.subject.partition(" ")
    recording = Recording.objects.filter(key=key, is_buried=False).select_related("call").first()
    if recording is None or copies.find(recording.key, variant):
        return Step()
    media = adapter.media(connections.recording_ref(recording), variant)
    partial = copies.new_partial()
    try:
        save(adapter, media, partial, largest=settings.TAPEDECK_MEDIA_CACHE_BYTES)
    except ProviderError:
        partial.unlink(missing_ok=True)
        raise
    return Step(write=lambda: _place(partial, recording.key, variant, media.content_type))


def register_all() -> None:
    """Make known to the engine how media are copied, and how copies are listened to."""
    errands.register(KIND, Kind(handler=copy, reads="media"))
    peaks.register_all()


def save(adapter: ProviderAdapter, media: Media, partial: Path, *, largest: int) -> None:
    """Read the whole file into ``partial`` within one lease; raises ``ProviderError``."""
    seconds = settings.TAPEDECK_LEASE_SECONDS - MARGIN_SECONDS
    connection = adapter.connection
    headers = {**media.headers, "Accept-Encoding": "identity"}
    with partial.open("wb") as sink:
        if media.headers:
            reply = connection.client.request(
                "GET",
                media.url,
                is_write=False,
                headers=headers,
                largest=largest,
                sink=sink,
                deadline_seconds=seconds,
            )
        else:
            reply = connection.links.read(media.url, largest=largest, sink=sink, deadline_seconds=seconds)
        require_whole(reply, sink.tell())


def require_whole(reply: Reply, size: int) -> None:
    """Raises what an answer means that is not the whole file."""
    if reply.status in GONE:
        raise NotFound("The provider does not have this file any more.", status=reply.status)
    if reply.status in {401, 403}:
        raise Refused("The provider refused to give the file.", status=reply.status)
    promised = reply.headers.get("content-length", "")
    is_short = promised.isdigit() and int(promised) != size and "content-encoding" not in reply.headers
    if not reply.is_success or is_short:
        raise Unavailable("The provider did not give the whole file.", status=reply.status)


def _place(partial: Path, key: uuid.UUID, variant: str, content_type: str) -> None:
    """In the settling transaction: a deletion comes before it, and is seen, or after it, and cleans up."""
    if Recording.objects.select_for_update().filter(key=key, is_buried=False).exists():
        copies.place(partial, key, variant, content_type)
    else:
        partial.unlink(missing_ok=True)


def _subject(recording: Recording, variant: str) -> str:
    return f"{recording.key} {variant}"
