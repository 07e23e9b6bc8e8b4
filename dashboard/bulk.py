"""What a bulk order would touch, and what it leaves out and why: selected rows, or all that match."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from dashboard.beginnings import key_in
from dashboard.expiry import ExpiryFilters
from dashboard.listing import Filters
from dashboard.models import User
from dashboard.recording_filters import RecordingFilters
from dashboard.transcript_filters import TranscriptFilters
from recordings import connections, rescues
from recordings.actions import RIGHTS
from recordings.batches import MOST, Pick, draft
from recordings.models import Account, Batch, Recording
from recordings.providers.orders import RecordingRef, SubjectRef, TranscriptRef
from transcripts.models import Transcript
from transcripts.orders import counts_of, ref_of

AT_ONCE = 500
PAGE_MOST = 200  # rows that are picked one by one
BIG = ("raw", "options", "call__raw", "call__details", "call__participants")
SWITCHED_OFF = "This account is switched off."


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One order that can be given for many things at once."""

    kind: str
    subject: str
    verb: str  # "Delete recordings"


KINDS: Mapping[str, Kind] = {
    each.kind: each
    for each in (
        Kind(kind="transcript.order", subject="recording", verb="Order transcripts"),
        Kind(kind=rescues.RESCUE.kind, subject="recording", verb="Rescue media"),
        Kind(kind="recording.stop", subject="recording", verb="Stop recordings"),
        Kind(kind="recording.delete", subject="recording", verb="Delete recordings"),
        Kind(kind="transcript.delete", subject="transcript", verb="Delete transcripts"),
    )
}
FILTERS: Mapping[str, type[Filters]] = {"recording": RecordingFilters, "transcript": TranscriptFilters}

LISTS: Mapping[str, type[Filters]] = {"expiry": ExpiryFilters}  # of recordings, in another order


def kinds_for(user: User, subject: str) -> list[Kind]:
    """What this person may order for many rows of a list; nothing without the right to act in bulk."""
    if not user.has_perm(RIGHTS["manage"]):
        return []
    return [each for each in KINDS.values() if each.subject == subject]


def draft_of(user: User, kind: Kind, asked: QueryDict) -> Batch:
    """The draft of what a list's form asks for: its ticked rows, or all that its filters let through."""
    if asked.get("all"):
        shown = LISTS.get(asked.get("list", ""), FILTERS[kind.subject])
        found = shown(QueryDict(asked.get("query", "")), user=user)
        pieces = found.pages(_rows(kind.subject), most=MOST, size=AT_ONCE)
        return _drafted(user, kind, pieces, label=f"{kind.verb}: all that match the filters")
    return draft_of_keys(user, kind, [key_in(text) for text in asked.getlist("key")[:PAGE_MOST]])


def draft_of_keys(user: User, kind: Kind, keys: Sequence[uuid.UUID], *, label: str = "") -> Batch:
    """The draft of these rows, as far as this person may see them."""
    rows = _rows(kind.subject).filter(account__in=Account.objects.usable_by(user)).select_related("account")
    pieces = (list(rows.filter(key__in=piece)) for piece in _pieces(keys))
    return _drafted(user, kind, pieces, label=label or f"{kind.verb}: picked one by one")


def row_model(subject: str) -> type[Recording] | type[Transcript]:
    """What a batch's items are."""
    return Recording if subject == "recording" else Transcript


def _drafted(user: User, kind: Kind, pieces: Iterable[list[Any]], *, label: str) -> Batch:
    if kind.kind == rescues.RESCUE.kind:
        pieces = [_soonest_first(pieces)]
    picks = (pick for rows in pieces for pick in _picks(user, kind, rows))
    return draft(user, kind.kind, subject=kind.subject, label=label, picks=picks)


def _soonest_first(pieces: Iterable[list[Any]]) -> list[Any]:
    """What the provider deletes first is copied first."""
    rows = [row for piece in pieces for row in piece]
    return sorted(rows, key=lambda row: (row.media_expires_at is None, row.media_expires_at, row.pk))


def _rows(subject: str) -> "QuerySet[Any]":
    if subject == "recording":
        return Recording.objects.select_related("call").defer(*BIG)
    related = Transcript.objects.select_related("call", "recording__call")
    return related.defer(*BIG, "recording__raw", "recording__options", "recording__call__raw")


def _pieces(keys: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _picks(user: User, kind: Kind, rows: list[Any]) -> Iterator[Pick]:
    kept = rescues.keeping(rows) if kind.kind == rescues.RESCUE.kind else set()
    for row, ref in _refs(kind.subject, rows):
        reason = _why_not(user, kind, row, ref)
        if not reason and kind.kind == rescues.RESCUE.kind:
            reason = rescues.unavailable(row, is_kept=row.pk in kept)
        yield Pick(account=row.account, key=row.key, reason=reason)


def _refs(subject: str, rows: list[Any]) -> Iterator[tuple[Any, RecordingRef | TranscriptRef]]:
    """The rows as their adapters see them, in one query for all."""
    counts = counts_of(rows) if subject == "recording" else {}
    for row in rows:
        known = counts.get(row.pk)
        yield row, connections.recording_ref(row, counts=known) if known is not None else ref_of(row)


def _why_not(user: User, kind: Kind, row: Any, ref: SubjectRef) -> str:
    face = connections.face(row.account.provider)
    action = rescues.action_of(face.slug, kind.kind)
    if action is None or action.subject != kind.subject:
        return f"{face.label} cannot do this."
    if not user.has_perm(RIGHTS[action.right]):
        return "This needs another role."
    if not row.account.is_active:
        return SWITCHED_OFF
    return "" if action is rescues.RESCUE else face.unavailable(kind.kind, ref, row.account.config)
