"""Transcripts with words, stored as the product stores them, for tests of search, index and overlays."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from recordings.models import Account, Call, Recording
from recordings.providers.snapshots import Status, TranscriptText, Utterance, Word
from transcripts import texts
from transcripts.models import Transcript

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def an_account(name: str, *groups: Any, provider: str = "recall") -> Account:
    account = Account.objects.create(name=name, provider=provider)
    account.groups.set(groups)
    return account


def said(text: str, speaker: str = "", start: float | None = None, **facts: Any) -> Utterance:
    """One utterance; a word a second, where it has a start."""
    words: tuple[Word, ...] = ()
    if start is not None:
        pieces = text.split()
        words = tuple(
            Word(text=word, start=start + number, end=start + number + 1)
            for number, word in enumerate(pieces)
        )
    end = None if start is None else start + len(words)
    return Utterance(text=text, speaker=speaker, start=start, end=end, words=words, **facts)


def a_transcript(
    account: Account,
    *lines: str | Utterance,
    at: datetime = NOW,
    title: str = "",
    duration: float | None = None,
    **facts: Any,
) -> Transcript:
    """A completed transcript whose words have come."""
    call = Call.objects.create(account=account, title=title) if title else None
    recording = Recording.objects.create(
        account=account, call=call, status=Status.COMPLETED, sort_at=at, duration_seconds=duration
    )
    transcript = Transcript.objects.create(
        account=account,
        recording=recording,
        call=call,
        **{"status": Status.COMPLETED, "sort_at": at, **facts},
    )
    store(transcript, *lines)
    return transcript


def store(transcript: Transcript, *lines: str | Utterance, language: str = "") -> None:
    """The provider's words come."""
    utterances = tuple(said(each) if isinstance(each, str) else each for each in lines)
    with transaction.atomic():
        texts.lock(transcript.account_id)
        texts.store(transcript, TranscriptText(utterances=utterances, language=language), [])


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)
