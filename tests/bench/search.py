"""P12 to P14: search against ``LIKE``, common words against rare ones, the size and the cost of the index."""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction

from recordings.providers.snapshots import TranscriptText, Utterance
from tests.bench.figures import Figure, Size, Times, measures, timed
from tests.bench.library import ACCOUNTS, PLAIN, RARE, SCARCE, SEEN, Library, a_library
from transcripts import index, index_words, texts
from transcripts.models import Transcript
from transcripts.search import BEST, find

COMMON = "the"  # nearly every transcript has it
BACKFILLED = 400  # transcripts stored with the index, and as many without


@measures("P12", "P13", "P14")
def search(size: Size) -> Iterator[Figure]:
    """One library for all three."""
    library = a_library()
    library.add(size.transcripts)
    _settle()
    people = (("administrator", library.administrator), (f"{SEEN} of {ACCOUNTS} accounts", library.limited))
    for name, user in people:
        yield from _against_like(library, name, user, size)
    for name, user in people:
        yield from _common_against_rare(name, user, size)
    yield from _sizes(library)
    yield _backfill(library, 40 if size.is_quick else BACKFILLED)
    if index_words.is_sqlite():
        yield _purge()


def _against_like(library: Library, name: str, user: Any, size: Size) -> Iterator[Figure]:
    accounts = library.visible(user)
    times = timed(
        max(5, size.rounds // 6),
        like=lambda: _like(accounts, RARE),
        search=lambda: find(user, RARE),
    )
    yield Figure(
        number="P12",
        what=f"search with snippet against LIKE, rare word, {name}",
        ratio=times["like"].median / times["search"].median,
        here=str(times["search"]),
        peer=f"LIKE on plain text {times['like']}",
        must=100,
        goal=400,
    )


def _like(accounts: list[int], word: str) -> list[Any]:
    """What a console without an index would ask, on the bare text: no JSON, no snippet."""
    marks = ", ".join(["%s"] * len(accounts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, body FROM {PLAIN} WHERE account_id IN ({marks}) AND body LIKE %s"
            " ORDER BY sort_at DESC LIMIT 21",
            [*accounts, f"%{word}%"],
        )
        return cursor.fetchall()


def _common_against_rare(name: str, user: Any, size: Size) -> Iterator[Figure]:
    queries: dict[str, Callable[[], object]] = {
        "common": lambda: find(user, COMMON),
        "rare": lambda: find(user, RARE),
        "scarce": lambda: find(user, SCARCE),
        "phrase": lambda: find(user, '"of the"'),
        "best": lambda: find(user, COMMON, order=BEST),
        "speaker": lambda: find(user, f"{COMMON} speaker:ana"),
    }
    times = timed(size.rounds, **queries)
    hits = len(find(user, RARE).hits)
    yield Figure(
        number="P13",
        what=f"p95 of the commonest word / a rare one ({hits} hits), {name}",
        ratio=times["common"].p95 / times["rare"].p95,
        here=str(times["common"]),
        peer=str(times["rare"]),
        must=5,
        goal=3,
        is_more_better=False,
    )
    for other, told in (
        ("scarce", "one in 600"),
        ("phrase", 'phrase "of the"'),
        ("best", f"{COMMON} by relevance"),
        ("speaker", f"{COMMON} speaker:ana"),
    ):
        yield _known("P13", f"p95 of {told} / the commonest word, {name}", times[other], times["common"])


def _known(number: str, what: str, here: Times, peer: Times) -> Figure:
    return Figure(number=number, what=what, ratio=here.p95 / peer.p95, here=str(here), peer=str(peer))


def _sizes(library: Library) -> Iterator[Figure]:
    of_words, of_all = _bytes()
    peer = f"{library.text_bytes / 1e6:.0f} MB of text"
    yield Figure(
        number="P14",
        what="index / text",
        ratio=of_words / library.text_bytes,
        here=f"{of_words / 1e6:.0f} MB",
        peer=peer,
        must=0.5,
        goal=0.35,
        is_more_better=False,
    )
    yield Figure(
        number="P14",
        what="everything that search stores / text",
        ratio=of_all / library.text_bytes,
        here=f"{of_all / 1e6:.0f} MB",
        peer=peer,
    )


def _bytes() -> tuple[int, int]:
    """The index of words alone, and with the entries, their columns and indexes."""
    with connection.cursor() as cursor:
        if index_words.is_sqlite():
            sql = "SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE name LIKE %s"
            cursor.execute(sql, ["transcripts_words%"])
            [words] = cursor.fetchone()
            cursor.execute(sql, ["%transcripts_searchentry%"])
            return words, words + cursor.fetchone()[0]
        cursor.execute(
            "SELECT pg_relation_size('transcripts_words'), pg_total_relation_size('transcripts_searchentry')"
        )
        words, everything = cursor.fetchone()
        return words, everything


def _backfill(library: Library, count: int) -> Figure:
    """The product's own storing, a transaction each, in blocks in turn with and without the index."""
    spent = {True: [0.0, 0.0], False: [0.0, 0.0]}
    rows = library.empty(2 * count)
    for first in range(0, len(rows), 20):
        is_indexed = first // 20 % 2 == 0
        told = [(row, _told(library)) for row in rows[first : first + 20]]
        wall, cpu = time.perf_counter(), time.process_time()
        with nullcontext() if is_indexed else patch.object(index, "write"):
            for row, text in told:
                _store(row, text)
        spent[is_indexed][0] += time.perf_counter() - wall
        spent[is_indexed][1] += time.process_time() - cpu
    (wall, cpu), (bare_wall, bare_cpu) = spent[True], spent[False]
    return Figure(
        number="P14",
        what="back-fill with the index / without",
        ratio=bare_wall / wall,
        here=f"{wall / count * 1000:.1f} ms each",
        peer=f"{bare_wall / count * 1000:.1f} ms (by CPU of this process {bare_cpu / cpu:.2f})",
        must=0.4,
        goal=0.6,
    )


def _told(library: Library) -> TranscriptText:
    said = library.utterances(library.speech.sentences())
    return TranscriptText(
        utterances=tuple(
            Utterance(text=each["text"], speaker=each["speaker"], start=each["start"], end=each["end"])
            for each in said
        )
    )


def _store(row: Transcript, text: TranscriptText) -> None:
    with transaction.atomic():
        texts.lock(row.account_id)
        texts.store(row, text, [])


def _purge() -> Figure:
    """What a deletion costs afterwards: all pieces of the index are merged."""
    began = time.perf_counter()
    longest, steps = 0.0, 0
    is_left = True
    while is_left:
        step = time.perf_counter()
        with transaction.atomic():
            is_left = index_words.merge(250 if steps else -250)
        longest, steps = max(longest, time.perf_counter() - step), steps + 1
    return Figure(
        number="P14",
        what="purge after a deletion: longest transaction, s",
        ratio=longest,
        here=f"{steps} transactions, {time.perf_counter() - began:.1f} s in all",
        peer="",
    )


def _settle() -> None:
    """What autovacuum does in a while: statistics, and the index's list of waiting words worked in."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
