"""The words inside the database's own index: SQLite's FTS5, or PostgreSQL's GIN over a column.

FTS5 keeps no copy of the words: what is taken out must be given again, letter for letter. It leaves their
traces until its pieces are merged; ``merge`` does a part of that.
"""

import itertools

from django.db import connection

from transcripts.models import SearchEntry

# FTS5 takes its commands as rows.
PUT = "INSERT INTO transcripts_words(rowid, tokens, facts) VALUES (%s, %s, %s)"
TAKE_OUT = (
    "INSERT INTO transcripts_words(transcripts_words, rowid, tokens, facts) VALUES ('delete', %s, %s, %s)"
)
CLEAR = "INSERT INTO transcripts_words(transcripts_words) VALUES ('delete-all')"
ADD_ENTRY = """
    INSERT INTO transcripts_searchentry
      (place, transcript_id, account_id, sort_at, facts, speakers, tokens, checksum, is_overlaid)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (place) DO NOTHING
"""
MERGE = "INSERT INTO transcripts_words(transcripts_words, rank) VALUES ('merge', %s)"
# Of one transcript in PostgreSQL: a list of words over one megabyte is an error there.
MOST_BYTES = 1_000_000

# The expression that the migration made PostgreSQL's index of: queries must have the very same.
VECTOR = "array_to_tsvector(string_to_array(rtrim(facts || ' ' || tokens), ' '))"


def is_sqlite() -> bool:
    """Whether the words are in an index of their own, apart from the entries."""
    return connection.vendor == "sqlite"


def kept(tokens: str) -> str:
    """What the entry's own column holds of the tokens."""
    if is_sqlite():
        return ""
    return tokens if len(tokens) <= MOST_BYTES else _fitting(tokens)


def add_entry(entry: SearchEntry) -> bool:
    """Store a new entry; answers False when its place is taken, also by somebody at this moment."""
    moment = connection.ops.adapt_datetimefield_value(entry.sort_at)
    row = (entry.place, entry.transcript_id, entry.account_id, moment, entry.facts, entry.speakers)
    with connection.cursor() as cursor:
        cursor.execute(ADD_ENTRY, [*row, entry.tokens, entry.checksum, entry.is_overlaid])
        return bool(cursor.rowcount)


def put(place: int, tokens: str, facts: str) -> None:
    """Add the words of one transcript."""
    if is_sqlite():
        _execute(PUT, place, tokens, facts)


def take_out(place: int, tokens: str, facts: str) -> None:
    """Remove the words of one transcript; they must be those that were put in."""
    if is_sqlite():
        _execute(TAKE_OUT, place, tokens, facts)


def clear() -> None:
    """Remove all words of all transcripts."""
    if is_sqlite():
        _execute(CLEAR)


def merge(pages: int) -> bool:
    """Write about so many pages of a merge of everything, beginning one if ``pages`` is negative.

    Answers whether there was something to do.
    """
    with connection.cursor() as cursor:
        before = connection.connection.total_changes
        cursor.execute(MERGE, [pages])
        return bool(connection.connection.total_changes - before >= 2)


def _execute(sql: str, *parameters: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _fitting(tokens: str) -> str:
    """The beginning of the tokens that has no more different ones than the index can take."""
    size, known = 0, set()
    for count, token in enumerate(tokens.split(" ")):
        if token in known:
            continue
        size += len(token)
        if size > MOST_BYTES:
            return " ".join(itertools.islice(tokens.split(" "), count))
        known.add(token)
    return tokens
