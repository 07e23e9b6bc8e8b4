"""Transcripts as orders meet them: what stands in the mirror from the click on, and what adapters see."""

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Count, Q

from recordings import clock, connections
from recordings.models import Operation, Recording
from recordings.models.mirror import OPEN, Source
from recordings.providers.orders import Action, Subject, SubjectRef, TranscriptRef
from recordings.providers.snapshots import Status
from recordings.rates import engine_of
from recordings.work import subjects
from transcripts import burial
from transcripts.models import IMPORTED, Transcript

NO_TRANSCRIPTS = {"transcripts_completed": 0, "transcripts_open": 0, "transcripts_ever": 0}


def ref_of(transcript: Transcript) -> TranscriptRef:
    """A transcript as its adapter sees it."""
    recording, call = transcript.recording, transcript.call
    return TranscriptRef(
        external_id=transcript.external_id,
        key=str(transcript.key),
        status=Status(transcript.status),
        kind=transcript.kind,
        engine=transcript.engine,
        handle=transcript.handle,
        recording=connections.recording_ref(recording) if recording else None,
        call=connections.call_ref(call) if call else None,
    )


def counts(recording: Recording) -> dict[str, int]:
    """How many transcripts a recording has, and ever had at the provider or on the way there."""
    return counts_of([recording])[recording.pk]


def counts_of(recordings: Sequence[Recording]) -> dict[int, dict[str, int]]:
    """The same of many, by their primary keys."""
    known = Transcript.objects.filter(recording__in=[each.pk for each in recordings]).order_by()
    known = known.exclude(status=Status.FAILED, external_id="").exclude(kind=IMPORTED, external_id="")
    found: Iterable[dict[str, int]] = known.values("recording_id").annotate(  # type: ignore[assignment]
        transcripts_completed=Count("pk", filter=Q(status=Status.COMPLETED)),
        transcripts_open=Count("pk", filter=Q(status__in=OPEN)),
        transcripts_ever=Count("pk"),
    )
    counted = {row.pop("recording_id"): row for row in found}
    return {each.pk: counted.get(each.pk, dict(NO_TRANSCRIPTS)) for each in recordings}


def register_all() -> None:
    """Make transcripts known to the engine."""
    kind = subjects.Kind(ref=_ref, make=_make, fail=_fail, bury=burial.bury)
    subjects.register(Subject.TRANSCRIPT, kind)
    subjects.register_counts(counts)


def _ref(key: uuid.UUID) -> SubjectRef | None:
    found = Transcript.objects.filter(key=key).select_related("recording__call", "call").first()
    return ref_of(found) if found else None


def _make(operation: Operation, action: Action) -> uuid.UUID:
    recording = operation.recording
    transcript = Transcript.objects.create(
        account=operation.account,
        recording=recording,
        call=operation.call or (recording.call if recording else None),
        status=Status.REQUESTED,
        kind=_only_kind(operation),
        engine=engine_of(action, operation.options),
        options=operation.options,
        sort_at=clock.now(),
    )
    return transcript.key


def _only_kind(operation: Operation) -> str:
    kinds = connections.face(operation.account.provider).transcript_kinds
    return kinds[0].name if len(kinds) == 1 else ""


def _fail(key: uuid.UUID, reason: str, code: str, source: str) -> None:
    pending = Transcript.objects.filter(key=key, status=Status.REQUESTED, external_id="").first()
    if pending is None:
        return
    pending.status, pending.reason, pending.reason_code = Status.FAILED, reason, code
    pending.source = Source(source) if source else ""
    pending.save(update_fields=["status", "reason", "reason_code", "source", "updated_at"])
