"""Errands of the index: one transcript, all that are missing, and the traces of what was erased."""

import time
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from recordings import clock
from recordings.housekeeping import NIGHT_SECONDS, register_standing
from recordings.models import Account, Errand
from recordings.models.mirror import FINAL
from recordings.models.work import BACKGROUND
from recordings.sync.wishes import ask
from recordings.work import errands
from recordings.work.errands import Local, Step
from transcripts import index, overlays, texts
from transcripts import index_words as words
from transcripts.models import SearchEntry, SearchIndex, Transcript
from transcripts.tokens import VERSION

PURGE = "search.purge"
TABLE = "transcripts_searchindex"
AT_ONCE = 50  # transcripts a step of a rebuild
PURGE_AFTER_SECONDS = 5.0  # what is deleted together is purged together
PAGES = 250
STEP_SECONDS = 0.1
PATIENCE = 200  # milliseconds


def forget(transcript: Transcript) -> None:
    """Take a deleted transcript out of the index for good. In the transaction of its burial."""
    if index.erase(transcript) and words.is_sqlite():
        index.state()
        SearchIndex.objects.update(erased=F("erased") + 1)
        ask(transcript.account, PURGE, delay_seconds=PURGE_AFTER_SECONDS, lane=BACKGROUND)


def index_one(errand: Errand) -> Step:
    """Index one transcript anew. The long part, cutting the words, is done outside of the transaction."""
    found = _transcript(errand)
    made = index.prepared(found) if found else None
    if found is None or made is None:
        return Step()
    seen = _version(found)

    def write() -> None:
        texts.lock(errand.account_id)
        current = _transcript(errand)
        if current is None or current.is_buried:
            return
        if _version(current) != seen:
            index.soon(current)
            return
        index.erase(current)
        index.put(made)

    return Step(write=write)


def rebuild(errand: Errand) -> Step:
    """Index what has words and is not in the index, some a step."""
    after = errand.cursor.get("after", 0)
    missing = _missing(errand.account).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    picked = list(missing[:AT_ONCE])

    def write() -> None:
        texts.lock(errand.account_id)
        for transcript in _missing(errand.account).filter(pk__in=picked).select_related("account"):
            index.write(transcript)

    return Step(write=write, cursor={"after": picked[-1]} if len(picked) == AT_ONCE else None)


def purge(errand: Errand) -> Step:
    """Merge the pieces of SQLite's index until none has a trace of what was erased, a tenth of a second a
    step; then empty the journal, which has the old pages."""
    known = index.state()
    upto = errand.cursor.get("upto")
    if upto is None and known.purged >= known.erased:
        return _empty_journal()
    is_left = _merged(is_beginning=upto is None)
    upto = known.erased if upto is None else upto
    if is_left:
        return Step(cursor={"upto": upto})
    SearchIndex.objects.filter(purged__lt=upto).update(purged=upto)
    return Step(cursor={})


def is_rebuilding() -> bool:
    """Whether some words may not be found yet: the index is being made anew."""
    waiting = Errand.objects.filter(kind=index.REBUILD, state=Errand.State.QUEUED)
    return waiting.exclude(cursor={}).exists()


def check(**_: Any) -> None:
    """After each migration and flush: an index of another tokenizer, or of rows that are gone, is emptied."""
    if TABLE not in connection.introspection.table_names():
        return  # The database was taken back to before there was an index.
    known = SearchIndex.objects.first()
    if SearchEntry.objects.exists() and known is not None and known.version == VERSION:
        return
    with transaction.atomic():
        index.clear()
        for account in Account.objects.active():
            ensure_standing(account)


def ensure_standing(account: Account) -> None:
    """The errand that every active account has."""
    errands.standing(account, index.REBUILD, every_seconds=NIGHT_SECONDS, lane=BACKGROUND)


def register_all() -> None:
    """Make these errands known to the engine."""
    errands.register(index.ERRAND, Local(handler=index_one))
    errands.register(index.REBUILD, Local(handler=rebuild))
    errands.register(PURGE, Local(handler=purge))
    register_standing(ensure_standing)


def _missing(account: Account) -> QuerySet[Transcript]:
    over = Q(status__in=FINAL) | Q(updated_at__lt=clock.now() - index.QUIET)
    mine = Transcript.objects.filter(over, account=account, has_text=True, is_buried=False)
    return mine.filter(search_entry=None)


def _merged(*, is_beginning: bool) -> bool:
    """Merge for a while; answers whether something is left."""
    until = time.monotonic() + STEP_SECONDS
    with transaction.atomic():
        is_left = words.merge(-PAGES if is_beginning else PAGES)
        while is_left and time.monotonic() < until:
            is_left = words.merge(PAGES)
    return is_left


def _empty_journal() -> Step:
    """Pages that were overwritten lie in the write-ahead log until it is cut off."""
    if connection.in_atomic_block:
        return Step()
    patience = int(settings.DATABASES["default"]["OPTIONS"]["timeout"] * 1000)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")  # it holds up every writer meanwhile
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        is_busy = bool(cursor.fetchone()[0])
        cursor.execute(f"PRAGMA busy_timeout = {patience}")
    return Step(due_in_seconds=60) if is_busy else Step()


def _transcript(errand: Errand) -> Transcript | None:
    key = uuid.UUID(errand.subject)
    return Transcript.objects.filter(key=key).select_related("account").first()


def _version(transcript: Transcript) -> tuple[str, str, datetime]:
    return overlays.version_of(transcript), transcript.language, transcript.sort_at
