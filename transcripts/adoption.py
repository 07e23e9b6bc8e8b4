"""What becomes of transcripts when their recording arrives, goes, or turns out to be another."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from recordings import clock, connections, ledger
from recordings.models import Account, Call, Recording
from recordings.models.ledger import Things
from recordings.models.mirror import FINAL, LIVE
from recordings.providers.snapshots import Status
from recordings.sweep import ABSENT_AT_ONCE, listing_ended
from recordings.sync.calls import call_ended
from recordings.sync.context import Context
from recordings.sync.recordings import recording_changed, recordings_merged
from recordings.sync.wishes import ask, remind
from transcripts import merging, primary
from transcripts.fetching import CONFIRM
from transcripts.models import Transcript
from transcripts.sync import ORPHANS, ask_for

MARGIN = timedelta(hours=1)  # the provider's window may be cut by another moment than ours
LOOK_AFTER_SECONDS = 5.0


def listen() -> None:
    """Hear of what happens to recordings."""
    recording_changed.connect(_changed, dispatch_uid="transcripts.adoption")
    recordings_merged.connect(_merged, dispatch_uid="transcripts.adoption")
    listing_ended.connect(_listed, dispatch_uid="transcripts.adoption")
    call_ended.connect(_over, dispatch_uid="transcripts.adoption")
    ledger.register(Things.TRANSCRIPTS, ledger.Book(model=Transcript, is_expected=_is_expected_by))


def _changed(*, recording: Recording, before: str, context: Context | None, **_: Any) -> None:
    if recording.external_id and (context is None or context.once(ORPHANS, lambda: _has_orphans(recording))):
        _adopt(recording)
    if recording.status == Status.DELETED and before != Status.DELETED:
        _look_after(recording)


def _has_orphans(recording: Recording) -> bool:
    mine = Transcript.objects.filter(account=recording.account_id, recording=None)
    return mine.exclude(recording_external_id="").exists()


def _adopt(recording: Recording) -> None:
    """Transcripts that were told of before their recording."""
    orphans = Transcript.objects.filter(
        account=recording.account_id, recording=None, recording_external_id=recording.external_id
    )
    for orphan in orphans:
        orphan.recording, orphan.recording_external_id = recording, ""
        orphan.call = orphan.call or recording.call
        orphan.save(update_fields=["recording", "recording_external_id", "call", "updated_at"])
        primary.choose(recording)


def _look_after(recording: Recording) -> None:
    """The recording is gone at the provider: whether its transcripts went with it is asked there."""
    if connections.face(recording.account.provider).transcript_overdue_seconds is not None:
        return  # Such transcripts cannot be read: they are here only.
    left = Transcript.objects.filter(recording=recording).exclude(status=Status.DELETED)
    for external_id in left.exclude(external_id="").values_list("external_id", flat=True):
        ask(
            recording.account,
            CONFIRM,
            subject=external_id,
            parent=recording.external_id,
            delay_seconds=LOOK_AFTER_SECONDS,
        )


def _merged(*, kept: Recording, gone: Recording, **_: Any) -> None:
    merging.move(kept, gone)


def _is_expected_by(account: Account, _began: datetime) -> Q:
    kinds = connections.face(account.provider).transcript_kinds
    return Q(status__in=FINAL) & ~Q(kind__in=[kind.name for kind in kinds if not kind.is_listed])


def _over(*, call: Call, **_: Any) -> None:
    """What ran on a call has ended with it: where no callback says so, a read does."""
    if connections.face(call.account.provider).transcript_overdue_seconds is not None:
        return
    running = Transcript.objects.filter(call=call, recording=None, status__in=LIVE).exclude(external_id="")
    for transcript in running.select_related("account", "call"):
        ask_for(transcript, delay_seconds=LOOK_AFTER_SECONDS)


def _listed(*, account: Account, phase: str, began: datetime, since: datetime | None, **_: Any) -> None:
    """What a complete listing did not hold is read by itself: absence alone proves no deletion."""
    if phase != "transcripts":
        return
    known = Transcript.objects.filter(clock.before("created_at", began), account=account)
    known = known.filter(_is_expected_by(account, began))
    absent = known.filter(Q(swept_at=None) | clock.before("swept_at", began))
    absent = absent.exclude(external_id="").exclude(status=Status.DELETED)
    if since is not None:
        absent = absent.filter(sort_at__gte=since + MARGIN)
    rows = list(absent.only("external_id", "key", "status", "sort_at")[:ABSENT_AT_ONCE])
    ledger.note_absent(account, Things.TRANSCRIPTS, rows)
    for row in rows:
        remind(account, CONFIRM, subject=row.external_id)
