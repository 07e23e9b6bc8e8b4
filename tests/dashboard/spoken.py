"""Recordings with transcripts whose words are here, made without a provider."""

from datetime import UTC, datetime, timedelta
from typing import Any

from recordings.models import Account, Call, Recording
from recordings.providers.snapshots import Status
from transcripts.models import Transcript, TranscriptText

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def recorded(account: Account, name: str = "rec-1", title: str = "Weekly planning") -> Recording:
    call = Call.objects.create(account=account, external_id=f"call-{name}", title=title)
    return Recording.objects.create(
        account=account, call=call, external_id=name, status=Status.COMPLETED, sort_at=NOW
    )


def transcribed(
    recording: Recording, name: str, *turns: tuple[str, float | None, str], **facts: Any
) -> Transcript:
    """``turns`` are speaker, start and words."""
    values = {"status": Status.COMPLETED, "sort_at": NOW, "completed_at": NOW + timedelta(minutes=5)} | facts
    transcript = Transcript.objects.create(
        account=recording.account,
        recording=recording,
        call=recording.call,
        external_id=name,
        has_text=bool(turns),
        **values,
    )
    utterances = [
        {
            "speaker": speaker,
            "start": start,
            "end": None if start is None else start + 1,
            "text": text,
            "channel": None,
            "confidence": None,
            "language": "",
            "words": [],
        }
        for speaker, start, text in turns
    ]
    if turns:
        words = sum(len(text.split()) for _, _, text in turns)
        TranscriptText.objects.create(
            transcript=transcript, utterances=utterances, words=words, stored_at=NOW
        )
    return transcript
