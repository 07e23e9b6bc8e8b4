"""Transcripts into the mirror, by the same rules as recordings."""

from django.db.models import Q

from recordings.models import Call, Recording
from recordings.providers.snapshots import RANK, Json, Status, TranscriptSnapshot
from recordings.sync.calls import as_uuid, call_of
from recordings.sync.context import Context
from recordings.sync.correlation import find
from recordings.sync.evidence import settle_by_evidence
from recordings.sync.rows import Rows
from recordings.sync.status import Known, Told, decide
from recordings.sync.wishes import ask, follow_seconds
from transcripts import burial, index, primary, storage, texts
from transcripts.merging import merge
from transcripts.models import Transcript, TranscriptText

FETCH = "transcript.fetch"
ORPHANS = "transcripts that wait for their recording"


def apply_transcript(context: Context, snapshot: TranscriptSnapshot) -> Transcript | None:
    """Write one transcript; answers its row, or None for an id-less snapshot of an unknown key."""
    context.applied.seen += 1
    context.mention(snapshot.external_id, snapshot.recording_external_id, snapshot.call_external_id)
    row = _found(context, snapshot)
    if row is None and not snapshot.external_id:
        return None
    if row is not None and row.is_buried:
        burial.forget_delivery(context.delivery)
        return row
    before, recording = (row.status, row.recording_id) if row else ("", None)
    row = _updated(context, row, snapshot) if row else _added(context, snapshot)
    if context.is_listing:
        Transcript.objects.filter(pk=row.pk).update(swept_at=context.at)
    _take_effect(context, row, snapshot, is_news=row.status != before)
    if row.status == Status.COMPLETED and (row.status, row.recording_id) != (before, recording):
        primary.choose(row.recording)
    return row


def ask_for(row: Transcript, kind: str = FETCH, *, delay_seconds: float = 0.0) -> None:
    """Have a transcript read. Its recording goes along, or its call where it is of none: at some providers
    only these tell what it is."""
    recording = row.recording.external_id if row.recording else row.recording_external_id
    parent = recording or (row.call.external_id if row.call else "")
    ask(row.account, kind, subject=row.external_id, parent=parent, delay_seconds=delay_seconds)


def _found(context: Context, snapshot: TranscriptSnapshot) -> Transcript | None:
    mine = Transcript.objects.filter(account=context.account)
    near = Q()
    if snapshot.recording_external_id:
        near = Q(recording__external_id=snapshot.recording_external_id) | Q(recording=None)
    # A transcript is never overwritten by another: a key that is bound to another id finds nothing.
    same = mine.filter(external_id__in=("", snapshot.external_id)) if snapshot.external_id else mine
    row, double = find(context, snapshot, Rows(same), near)
    return merge(row, double) if row is not None and double is not None else row


def _added(context: Context, snapshot: TranscriptSnapshot) -> Transcript:
    context.applied.added += 1
    row = Transcript(
        account=context.account,
        external_id=snapshot.external_id,
        status=snapshot.status or Status.PROCESSING,
        status_at=snapshot.status_at,
        sort_at=snapshot.started_at or snapshot.completed_at or context.at,
        source=context.source,
        found_by=context.source,
        seen_at=context.at,
    )
    key = as_uuid(snapshot.key)
    # A provider may echo the recording's key here: two things never share one.
    if key and not any(model.objects.filter(key=key).exists() for model in (Transcript, Recording, Call)):
        row.key = key
    for name, value in (_facts(snapshot) | _links(context, row, snapshot)).items():
        setattr(row, name, value)
    if row.status == Status.DELETED:
        row.deleted_at = snapshot.status_at or context.at
    row.save()
    return row


def _updated(context: Context, row: Transcript, snapshot: TranscriptSnapshot) -> Transcript:
    changes = _facts(snapshot) | _links(context, row, snapshot)
    if snapshot.handle:
        changes["handle"] = {**row.handle, **snapshot.handle}
    if snapshot.external_id:
        changes["external_id"] = snapshot.external_id
    if snapshot.started_at:
        changes["sort_at"] = snapshot.started_at
    changes |= _status_changes(context, row, snapshot)
    if row.has_text:
        changes.pop("is_empty", None)
    before = row.sort_at, row.language
    context.save_changes(row, changes)
    if row.has_text and (row.sort_at, row.language) != before:
        index.follow(row)
    if snapshot.external_id:
        settle_by_evidence(context, row)
    return row


def _take_effect(context: Context, row: Transcript, snapshot: TranscriptSnapshot, *, is_news: bool) -> None:
    if row.status == Status.DELETED and is_news and context.account.forgets_with_provider:
        burial.forget(row)
        return
    if snapshot.text is not None and not texts.is_known(row, snapshot.text):
        # Files first: a row without its file would not be noticed, a file without its row is tidied away.
        texts.store(row, snapshot.text, storage.keep(row, snapshot.text.files))
    if _lacks_words(context, row, snapshot, is_news=is_news):
        texts.ask_for(row)
    if is_news and RANK[row.status] < RANK[Status.COMPLETED]:
        _follow(context, row)
    if is_news and row.is_final and row.has_text:
        index.ensure(row)


def _lacks_words(context: Context, row: Transcript, snapshot: TranscriptSnapshot, *, is_news: bool) -> bool:
    """Whether to read the words: a listing does not ask again for what the provider does not give."""
    if row.status != Status.COMPLETED or row.is_empty or snapshot.text is not None:
        return False
    if row.has_text:
        return is_news and texts.is_due(row)
    return not context.is_listing or not TranscriptText.objects.filter(transcript=row).exists()


def _follow(context: Context, row: Transcript) -> None:
    """Read an open one again later: its callback may never come. Where it is pushed, it cannot be read."""
    if row.external_id and context.adapter.transcript_overdue_seconds is None:
        wait = follow_seconds(context.account)[0]
        ask_for(row, delay_seconds=wait)


def _links(context: Context, row: Transcript, snapshot: TranscriptSnapshot) -> dict[str, Json]:
    """Recording and call, where the row has none and the mirror knows them; else who is waited for."""
    links: dict[str, Json] = {}
    if row.recording_id is not None and row.call_id is not None:
        return links
    recording = row.recording or _recording(context, snapshot)
    if row.recording_id is None and recording is not None:
        links |= {"recording": recording, "recording_external_id": ""}
    elif recording is None and snapshot.recording_external_id:
        links["recording_external_id"] = snapshot.recording_external_id
        context.forget_answer(ORPHANS)  # It is asked before and after this one is written.
    if row.call_id is None:
        call = call_of(context, snapshot) or (recording.call if recording else None)
        context.write_new()  # It may be a call that only this page tells of.
        links |= {"call": call} if call else {}
    return links


def _recording(context: Context, snapshot: TranscriptSnapshot) -> Recording | None:
    mine = Recording.objects.filter(account=context.account)
    key = as_uuid(snapshot.recording_key)
    external_id = snapshot.recording_external_id
    found = mine.filter(external_id=external_id).first() if external_id else None
    return found or (mine.filter(key=key).first() if key else None)


def _status_changes(context: Context, row: Transcript, snapshot: TranscriptSnapshot) -> dict[str, Json]:
    status = decide(
        Known(status=Status(row.status), status_at=row.status_at, is_confirmed=row.external_id != ""),
        Told(status=snapshot.status, status_at=snapshot.status_at, is_listing=context.is_listing),
        is_call_over=True,
        lifts_failed="transcript" in context.adapter.ready_lifts_failed,
    )
    if status is None:
        same = snapshot.status == row.status
        return {"status_at": snapshot.status_at} if same and snapshot.status_at else {}
    changes: dict[str, Json] = {"status": status, "status_at": snapshot.status_at}
    changes["reason"] = texts.storable(snapshot.reason)
    changes["reason_code"] = snapshot.reason_code[:200]
    if status is Status.DELETED:
        changes["deleted_at"] = snapshot.status_at or context.at
    return changes


def _facts(snapshot: TranscriptSnapshot) -> dict[str, Json]:
    """The columns that a snapshot speaks of; what it does not know is left as it is."""
    facts: dict[str, Json] = {name: getattr(snapshot, name) for name in _SAME_NAMES}
    facts |= {name: getattr(snapshot, name)[:longest] for name, longest in _LONGEST.items()}
    facts |= {"handle": dict(snapshot.handle), "raw": snapshot.raw}
    told = {name: value for name, value in facts.items() if value not in (None, "", {}, False)}
    return {name: texts.storable(value) for name, value in told.items()}


_SAME_NAMES = (
    "started_at",
    "completed_at",
    "duration_seconds",
    "price",
    "currency",
    "is_empty",
    "reason",
)
_LONGEST = {"provider_status": 100, "reason_code": 200, "kind": 40, "engine": 100, "language": 40}
