"""The rows of the list of recordings as HTML: written here, for templates took half of the page's time."""

import uuid
from collections.abc import Iterable, Sequence
from html import escape

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from dashboard.ages import clock_text
from dashboard.badges import badge
from dashboard.templatetags.tapedeck import age, engine_label, moment, running
from recordings.models import Recording
from recordings.providers.snapshots import Status
from transcripts.models import Transcript

SHOWN = 4  # transcripts of a recording; of more their number is told
_SOME = uuid.UUID(int=0)

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


def drawn(rows: Iterable[tuple[Recording, Sequence[Transcript]]], *, is_selectable: bool) -> SafeString:
    """One table row a recording, each with its transcripts; with a box to tick where that is of use."""
    # Finding an address takes longer than drawing a row: each kind is found once.
    addresses = {name: reverse(name, args=[_SOME]) for name in ("recording", "transcript")}
    parts = [_row(recording, theirs, addresses, is_selectable=is_selectable) for recording, theirs in rows]
    return mark_safe("".join(parts))  # noqa: S308 - every word of it was escaped


def _row(
    recording: Recording, transcripts: Sequence[Transcript], addresses: dict[str, str], *, is_selectable: bool
) -> str:
    name = escape(str(recording.call or recording))
    return _ROW.format(
        key=recording.key,
        box=_BOX.format(key=recording.key, name=name) if is_selectable else "",
        began=moment(recording.sort_at),
        address=_at(addresses["recording"], recording.key),
        name=name,
        account=escape(recording.account.name),
        reason=escape(recording.reason),
        status=badge(recording.status, kind="recording"),
        length=_length(recording),
        until=_until(recording),
        transcripts=_transcripts(recording.account.provider, transcripts, addresses["transcript"]),
    )


def _at(address: str, key: uuid.UUID) -> str:
    return address.replace(str(_SOME), str(key))


def _length(recording: Recording) -> str:
    if recording.duration_seconds is not None:
        return clock_text(recording.duration_seconds)
    return running(recording.started_at) if recording.is_live else ""


def _until(recording: Recording) -> str:
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
        address=_at(address, transcript.key),
        title=escape(engine_label(provider, engine)) if engine else "Transcript",
        badge=_NO_WORDS if transcript.is_empty else badge(transcript.status),
    )
