"""The rows of the list of recordings as HTML: written here, for templates took half of the page's time."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from dashboard.ages import clock_text
from dashboard.badges import badge
from dashboard.paging import SIZE
from dashboard.templatetags.tapedeck import age, engine_label, moment, running
from recordings.composed import NOBODY, Composed
from recordings.models import Account
from recordings.models.mirror import LIVE
from recordings.providers.snapshots import Status
from transcripts.models import Transcript

SHOWN = 4  # transcripts of a recording; of more their number is told
_SOME = str(uuid.UUID(int=0))

_ROW = """<tr id="recording-{key}">
  {box}
  <td data-label="Began" class="nowrap">{began}</td>
  <th data-label="Call" scope="row"><a href="{address}"><bdi>{name}</bdi></a></th>
  <td data-label="Account">{account}</td>
  <td data-label="Status"><span title="{reason}">{status}</span></td>
  <td data-label="Length" class="num">{length}</td>
  <td data-label="Media until" class="nowrap">{until}</td>
  <td data-label="Transcripts">{transcripts}</td>
</tr>
"""
_BOX = (
    '<td data-label="Select"><input type="checkbox" form="bulk" name="key" value="{key}"'
    ' aria-label="Select {name}"></td>'
)
_TRANSCRIPT = '<li><a class="plain" href="{address}" title="{title}">{badge}</a></li>'
_NO_WORDS = '<span class="badge" data-tone="neutral">no words</span>'
_MORE = '<li class="muted small">and {count} more</li>'


class Listed(NamedTuple):
    """What a row shows of a recording: making an instance of each takes longer than drawing it."""

    pk: int
    key: uuid.UUID
    account_id: int
    external_id: str
    status: str
    reason: str
    sort_at: datetime
    started_at: datetime | None
    duration_seconds: float | None
    media_expires_at: datetime | None
    call__key: uuid.UUID | None
    call__title: str | None
    call__external_id: str | None


def drawn(
    rows: Sequence[Listed],
    accounts: Mapping[int, Account],
    transcripts: Mapping[int | None, Sequence[Transcript]],
    *,
    is_selectable: bool,
) -> SafeString:
    """One table row a recording, each with its transcripts; with a box to tick where that is of use."""
    # Finding an address takes longer than drawing a row: each kind is found once.
    addresses = {name: reverse(name, args=[_SOME]) for name in ("recording", "transcript")}
    parts = [
        _row(each, accounts[each.account_id], transcripts.get(each.pk, ()), addresses, is_selectable)
        for each in rows
    ]
    return mark_safe("".join(parts))  # noqa: S308 - every word of it was escaped


def transcripts_of(recordings: Sequence[int]) -> Mapping[int | None, list[Transcript]]:
    """The transcripts of these recordings, a page of them at most: in one query for all."""
    theirs: defaultdict[int | None, list[Transcript]] = defaultdict(list)
    for transcript in _transcripts_of.instances(*recordings):
        theirs[transcript.recording_id].append(transcript)
    return theirs


def _of_each(*recordings: int) -> "QuerySet[Transcript]":
    found = Transcript.objects.filter(recording__in=recordings).order_by("-is_primary", "-sort_at", "-pk")
    return found.only("key", "status", "engine", "is_primary", "is_empty", "recording_id")


_transcripts_of = Composed(_of_each, holes=[NOBODY - number for number in range(SIZE)])


def _row(
    recording: Listed,
    account: Account,
    transcripts: Sequence[Transcript],
    addresses: Mapping[str, str],
    is_selectable: bool,  # noqa: FBT001
) -> str:
    name, key = escape(_name(recording)), str(recording.key)
    return _ROW.format(
        key=key,
        box=_BOX.format(key=key, name=name) if is_selectable else "",
        began=moment(recording.sort_at),
        address=addresses["recording"].replace(_SOME, key),
        name=name,
        account=escape(account.name),
        reason=escape(recording.reason),
        status=badge(recording.status, kind="recording"),
        length=_length(recording),
        until=_until(recording),
        transcripts=_transcripts(account.provider, transcripts, addresses["transcript"]),
    )


def _name(recording: Listed) -> str:
    """As the call says, or the recording where it has none."""
    its_call = recording.call__title or recording.call__external_id or recording.call__key
    return str(its_call or recording.external_id or recording.key)


def _length(recording: Listed) -> str:
    if recording.duration_seconds is not None:
        return clock_text(recording.duration_seconds)
    return running(recording.started_at) if recording.status in LIVE else ""


def _until(recording: Listed) -> str:
    expires_at = recording.media_expires_at
    return age(expires_at) if expires_at and recording.status != Status.DELETED else ""


def _transcripts(provider: str, transcripts: Sequence[Transcript], address: str) -> str:
    if not transcripts:
        return ""
    items = [_transcript(provider, each, address) for each in transcripts[:SHOWN]]
    more = len(transcripts) - SHOWN
    return f'<ul class="cluster">{"".join(items)}{_MORE.format(count=more) if more > 0 else ""}</ul>'


def _transcript(provider: str, transcript: Transcript, address: str) -> str:
    engine = transcript.engine
    return _TRANSCRIPT.format(
        address=address.replace(_SOME, str(transcript.key)),
        title=escape(engine_label(provider, engine)) if engine else "Transcript",
        badge=_NO_WORDS if transcript.is_empty else badge(transcript.status),
    )
