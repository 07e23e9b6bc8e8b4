"""Accounts, people and thousands of transcripts, beside a plain table of the same texts for ``LIKE``."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction

from recordings.models import Account
from recordings.providers.snapshots import Status
from tests.bench.speech import Speech
from transcripts import index
from transcripts.models import Transcript, TranscriptText

ACCOUNTS, SEEN = 20, 3
STEP, FIRST_SEEN = 7, 3  # the accounts 3, 10 and 17 are those that are seen
RARE, SCARCE = "zanzibar", "timbuktu"  # in three transcripts of all; in one of six hundred
APART_SECONDS = 90.0  # forty calls an hour
AT_ONCE = 50
PLAIN = "bench_plain"


@dataclass(slots=True)
class Library:
    """What was stored."""

    accounts: list[Account]
    administrator: Any
    limited: Any
    speech: Speech
    random: random.Random
    text_bytes: int = 0
    at: datetime = field(default_factory=lambda: datetime(2024, 1, 1, tzinfo=UTC))

    def add(self, count: int, *, is_indexed: bool = True) -> None:
        """Store so many, fifty a transaction; the index is written as a rebuild writes it."""
        for first in range(0, count, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, count))
            with transaction.atomic():
                stored = self._store([self._line(number, count) for number in numbers])
                for transcript, text in stored if is_indexed else ():
                    index.put(index.prepared(transcript, text.utterances))

    def empty(self, count: int) -> list[Transcript]:
        """Transcripts whose words have not come yet."""
        rows = [self._row(number) for number in range(count)]
        Transcript.objects.bulk_create(rows, batch_size=AT_ONCE)
        return rows

    def utterances(self, sentences: list[str]) -> list[dict[str, Any]]:
        """As ``TranscriptText.utterances`` holds them; two people take turns."""
        return [
            {
                "speaker": ("Ana Silva", "Ben Hollis")[number % 2],
                "start": number * 6.0,
                "end": number * 6.0 + 5.5,
                "text": sentence,
                "channel": None,
                "confidence": None,
                "language": "",
                "words": [],
            }
            for number, sentence in enumerate(sentences)
        ]

    def visible(self, user: Any) -> list[int]:
        return list(Account.objects.usable_by(user).values_list("pk", flat=True))

    def _row(self, number: int) -> Transcript:
        self.at += timedelta(seconds=self.random.expovariate(1 / APART_SECONDS))
        return Transcript(
            account=self.accounts[number % ACCOUNTS],
            status=Status.COMPLETED,
            has_text=True,
            language="en",
            sort_at=self.at,
            duration_seconds=300.0,
        )

    def _line(self, number: int, count: int) -> tuple[Transcript, list[str]]:
        sentences = self.speech.sentences()
        if number in _rare(count):
            sentences[len(sentences) // 2] += f" We went to {RARE}."
        if number % 601 == 0:
            sentences[len(sentences) // 2] += f" We went to {SCARCE}."
        self.text_bytes += sum(len(each) for each in sentences)
        return self._row(number), sentences

    def _store(self, lines: list[tuple[Transcript, list[str]]]) -> list[tuple[Transcript, TranscriptText]]:
        rows = Transcript.objects.bulk_create([row for row, _ in lines])
        texts = TranscriptText.objects.bulk_create(
            TranscriptText(transcript=row, utterances=self.utterances(said), words=500, stored_at=self.at)
            for row, (_, said) in zip(rows, lines, strict=True)
        )
        plain = [(row.pk, row.account_id, row.sort_at.isoformat(), " ".join(said)) for row, said in lines]
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {PLAIN} VALUES (%s, %s, %s, %s)", plain)
        return list(zip(rows, texts, strict=True))


@lru_cache
def _rare(count: int) -> frozenset[int]:
    """Three of all, one in each account that the limited person may see."""
    every, seen = ACCOUNTS * max(1, count // ACCOUNTS // 4), range(FIRST_SEEN, ACCOUNTS, STEP)
    return frozenset(every * number + account for number, account in enumerate(seen))


def a_library() -> Library:
    """Empty, with twenty accounts of which one person may see three."""
    three = Group.objects.create(name="three")
    others = Group.objects.create(name="others")
    users = get_user_model().objects
    administrator, limited = users.create_user("administrator"), users.create_user("limited")
    administrator.groups.set([three, others])
    limited.groups.set([three])
    accounts = [
        Account.objects.create(name=f"Account {number}", provider="recall") for number in range(ACCOUNTS)
    ]
    for number, account in enumerate(accounts):
        account.groups.set([three if number % STEP == FIRST_SEEN else others])
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {PLAIN} (id bigint PRIMARY KEY, account_id bigint, sort_at text, body text)"
        )
        cursor.execute(f"CREATE INDEX {PLAIN}_page ON {PLAIN} (sort_at DESC)")
    return Library(
        accounts=accounts,
        administrator=administrator,
        limited=limited,
        speech=Speech(),
        random=random.Random(3),
    )
