"""The index has the words that are there, as they read now, and no others."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from recordings.models import Errand
from recordings.providers.snapshots import Captions, Status, Utterance
from recordings.work import errands
from tests.transcripts.conftest import tell, undone, words
from tests.transcripts.library import NOW, a_transcript, ago, an_account, said, store
from transcripts import burial, index, index_errands, index_words, merging, overlays_changes, texts
from transcripts.models import SearchEntry, SearchIndex, Transcript, TranscriptText
from transcripts.search import find
from transcripts.tokens import VERSION

only_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's index")


@pytest.fixture
def user(db):
    return get_user_model().objects.create_user("ana")


@pytest.fixture
def account(db):
    return an_account("Sales")


def found(user, text):
    return [hit.key for hit in find(user, text).hits]


def do(kind, account):
    """Do all steps of an errand now."""
    errand = Errand.objects.get(kind=kind, account=account, state=Errand.State.QUEUED)
    handler = errands._kinds[kind].handler
    for _ in range(200):
        step = handler(errand)
        with transaction.atomic():
            step.write()
        if step.cursor is None:
            Errand.objects.filter(pk=errand.pk).update(state=Errand.State.DONE, due_at=None)
            return step
        errand.cursor = step.cursor
    raise AssertionError("it never ends")


# In step with the words


def test_words_are_found_in_the_transaction_that_stores_them(user, account):
    transcript = a_transcript(account)

    with transaction.atomic():
        store(transcript, "the budget")
        assert found(user, "budget") == [transcript.key]


def test_words_whose_transaction_is_taken_back_are_not_found(user, account):
    transcript = a_transcript(account)

    undone(lambda: store(transcript, "the budget"))

    assert found(user, "budget") == []


def test_words_that_are_replaced_are_not_found(user, account):
    transcript = a_transcript(account, "the bucket")
    text = TranscriptText.objects.get(transcript=transcript)
    with index.rewriting(transcript):
        text.utterances[0]["text"] = "the budget"
        text.save()

    assert found(user, "bucket") == []
    assert found(user, "budget") == [transcript.key]


def test_a_correction_that_is_taken_back_leaves_the_index_as_it_was(user, account):
    transcript = a_transcript(account, said("the bucket", "Speaker 1"))
    overlays_changes.correct_line(user, transcript, 0, text="the budget", speaker="Ana")
    overlays_changes.correct_line(user, transcript, 0, text="", speaker="")

    assert found(user, "budget") == []
    assert found(user, "bucket") == [transcript.key]
    assert SearchEntry.objects.get().is_overlaid is False


def test_a_transcript_without_words_is_not_in_the_index(account):
    a_transcript(account)

    assert not SearchEntry.objects.exists()


def test_a_text_cannot_be_deleted_under_the_index(account):
    transcript = a_transcript(account, "the budget")

    with pytest.raises(ProtectedError):
        transcript.delete()


def test_a_double_that_goes_takes_its_words_along(user, account):
    kept, gone = a_transcript(account), a_transcript(account, "the budget", at=ago(days=2))
    TranscriptText.objects.filter(transcript=kept).delete()

    merging.merge(kept, gone)

    assert found(user, "budget") == [kept.key]
    assert SearchEntry.objects.count() == 1


def test_a_double_with_words_of_its_own_leaves_nothing_behind(user, account):
    kept, gone = a_transcript(account, "the budget"), a_transcript(account, "the bucket")

    merging.merge(kept, gone)

    assert found(user, "budget") == [kept.key]
    assert found(user, "bucket") == []


def test_time_and_language_that_are_told_later_are_followed(user, world, fifth, account_of_fifth):
    transcript = tell(account_of_fifth, status=Status.COMPLETED, text=words("the budget"))
    other = a_transcript(account_of_fifth, "the budget", at=world.clock.utc() - timedelta(hours=1))

    assert found(user, "budget") == [transcript.key, other.key]
    tell(account_of_fifth, started_at=world.clock.utc() - timedelta(days=1), language="pt-BR")

    assert found(user, "budget") == [other.key, transcript.key]
    assert found(user, "budget language:pt") == [transcript.key]


def test_following_what_is_not_in_the_index_does_nothing(account):
    index.follow(a_transcript(account))

    assert not SearchEntry.objects.exists()


@pytest.fixture
def account_of_fifth(world, fifth):
    return world.add(fifth)


# Words that come while they are spoken


def captions(transcript, sequence, text):
    texts.add(
        transcript,
        Captions(transcript_external_id="t", sequence=float(sequence), utterances=(Utterance(text=text),)),
    )


def test_what_is_still_spoken_is_indexed_when_it_is_over(user, world, account_of_fifth):
    transcript = tell(account_of_fifth, status=Status.IN_PROGRESS)
    captions(transcript, 1, "the budget")
    index.write(transcript)
    assert found(user, "budget") == []

    tell(account_of_fifth, status=Status.COMPLETED)
    do(index.ERRAND, account_of_fifth)

    assert found(user, "budget") == [transcript.key]


def test_a_piece_that_comes_after_the_end_is_indexed_soon(user, account):
    transcript = a_transcript(account)
    captions(transcript, 1, "the budget")
    index.ensure(transcript)
    do(index.ERRAND, account)
    index.ensure(transcript)  # It is there: nothing more is asked for.
    assert not Errand.objects.filter(kind=index.ERRAND, state=Errand.State.QUEUED).exists()

    captions(transcript, 2, "and the plan")
    do(index.ERRAND, account)

    assert found(user, '"budget and the plan"') == [transcript.key]


def test_words_that_change_while_they_are_cut_are_cut_again(user, account):
    transcript = a_transcript(account)
    captions(transcript, 1, "the budget")
    index.ensure(transcript)
    errand = Errand.objects.get(kind=index.ERRAND)
    step = index_errands.index_one(errand)

    captions(transcript, 2, "and the plan")
    step.write()

    assert found(user, "budget") == []
    do(index.ERRAND, account)
    assert found(user, "plan") == [transcript.key]


def test_what_is_deleted_while_it_is_cut_is_not_indexed(user, account):
    transcript = a_transcript(account)
    captions(transcript, 1, "the budget")
    index.ensure(transcript)
    step = index_errands.index_one(Errand.objects.get(kind=index.ERRAND))

    burial.forget(transcript)
    step.write()

    assert not SearchEntry.objects.exists()


def test_an_errand_about_what_is_gone_does_nothing(account):
    transcript = a_transcript(account)
    index.soon(transcript)
    errand = Errand.objects.get(kind=index.ERRAND)
    errand.subject = "00000000-0000-0000-0000-000000000000"

    index_errands.index_one(errand).write()

    assert not SearchEntry.objects.exists()


# Very long ones


def test_a_very_long_one_is_indexed_by_an_errand(user, account, monkeypatch):
    monkeypatch.setattr(index, "LARGE", 10)
    transcript = a_transcript(account, "the budget of the year")
    assert found(user, "budget") == []

    do(index.ERRAND, account)

    assert found(user, "budget") == [transcript.key]


def test_what_follows_a_boundless_text_is_not_found_and_does_no_harm(user, account, monkeypatch):
    monkeypatch.setattr(index, "LARGEST", 20)
    transcript = a_transcript(account, "the budget", "and the plan that is too much")

    assert found(user, "budget") == [transcript.key]
    assert found(user, "plan") == []
    burial.forget(transcript)
    assert found(user, "budget") == []


def test_more_different_words_than_postgresql_can_list_are_cut_off(user, account, monkeypatch):
    monkeypatch.setattr(index_words, "MOST_BYTES", 20)
    transcript = a_transcript(account, "alpha beta alpha beta gamma delta epsilon")

    kept = "alpha beta alpha beta gamma delta"
    assert index_words._fitting("alpha beta alpha beta gamma delta epsilon") == kept
    assert index_words._fitting("alpha beta alpha") == "alpha beta alpha"
    assert found(user, "alpha") == [transcript.key]


# Places


def test_places_are_the_seconds_of_the_time_and_nobody_shares_one(account):
    moments = [NOW, NOW + timedelta(milliseconds=300), NOW + timedelta(seconds=1), ago(days=20_000), NOW]
    for moment in moments:
        a_transcript(account, "the budget", at=moment)

    places = list(SearchEntry.objects.order_by("pk").values_list("place", flat=True))
    first = index.place_of(NOW)
    assert places == [1, first, first + 1, first + 2, first + 3]


def test_a_crowded_second_moves_on_to_the_next_free_one(account, monkeypatch):
    transcripts = [a_transcript(account, "the budget", at=NOW) for _ in range(3)]
    first = index.place_of(NOW)

    assert {each.search_entry.place for each in transcripts} == {first, first + 1, first + 2}
    monkeypatch.setattr(index, "range", lambda start, _: range(start, start + 2), raising=False)
    assert index._free_place(first) == first + 3


def test_a_place_that_is_taken_at_this_moment_is_given_up(account, monkeypatch):
    a_transcript(account, "the budget", at=NOW)
    free = iter([index.place_of(NOW), index.place_of(NOW) + 9])
    monkeypatch.setattr(index, "_free_place", lambda _: next(free))

    second = a_transcript(account, "the budget", at=NOW)

    assert second.search_entry.place == index.place_of(NOW) + 9


def test_no_place_at_all_is_an_error(account, monkeypatch):
    a_transcript(account, "the budget", at=NOW)
    monkeypatch.setattr(index, "_free_place", lambda _: index.place_of(NOW))

    with pytest.raises(IntegrityError, match="no place found"):
        a_transcript(account, "the budget", at=NOW)


# Deleting for good


def test_deleting_leaves_no_entry(user, account):
    transcript = a_transcript(account, "the budget")

    burial.forget(transcript)
    burial.forget(transcript)

    assert not SearchEntry.objects.exists()
    assert found(user, "budget") == []


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_after_a_deletion_no_file_holds_a_rare_word(settings):
    account = an_account("Sales")
    user = get_user_model().objects.create_user("ana")
    rare, other = secrets.token_hex(8), secrets.token_hex(8)
    # Among many, in several pieces of the index: the word's own page has others as well.
    for number in range(60):
        a_transcript(account, f"the budget {number} and {secrets.token_hex(8)}", at=ago(minutes=number))
    gone = a_transcript(account, said(f"the {rare} plan", f"Ana {rare}", 0.0))
    kept = a_transcript(account, f"the {other} plan")
    overlays_changes.correct_line(user, gone, 0, text=f"the {rare} plans")
    assert found(user, rare) == [gone.key]
    assert traces(rare) != set()

    burial.forget(gone)
    assert found(user, rare) == []
    do(index_errands.PURGE, account)

    assert traces(rare) == set()
    assert "database" in traces(other)
    assert found(user, other) == [kept.key]
    assert len(find(user, "budget").hits) == 20
    known = SearchIndex.objects.get()
    assert (known.erased, known.purged) == (1, 1)


def traces(word):
    """Where the bytes of a word are: tables, shadow tables, the files, with what is freed in them."""
    name = Path(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        tables = [table for (table,) in cursor.fetchall()]
        places = {table for table in tables if _has(cursor, table, word)}
    files = {"database": name, "journal": name.with_name(f"{name.name}-wal")}
    return places | {label for label, path in files.items() if word.encode() in path.read_bytes()}


def _has(cursor, table, word):
    cursor.execute(f'SELECT * FROM "{table}"')
    return any(word.encode() in _bytes(value) for row in cursor.fetchall() for value in row)


def _bytes(value):
    return value if isinstance(value, bytes) else str(value).encode()


@only_sqlite
def test_what_is_deleted_during_a_purge_is_purged_as_well(user, account):
    first, second = (a_transcript(account, f"word{number}") for number in range(2))
    burial.forget(first)
    errand = Errand.objects.get(kind=index_errands.PURGE)
    step = index_errands.purge(errand)
    burial.forget(second)
    assert Errand.objects.filter(kind=index_errands.PURGE).count() == 1

    for _ in range(20):
        if step.cursor is None:
            break
        errand.cursor = step.cursor
        step = index_errands.purge(errand)

    known = SearchIndex.objects.get()
    assert (known.erased, known.purged) == (2, 2)


@only_sqlite
def test_a_purge_goes_on_where_its_last_step_ended(account, monkeypatch):
    left = iter([True, True, False])
    monkeypatch.setattr(index_words, "merge", lambda pages: next(left))
    monkeypatch.setattr(index_errands, "STEP_SECONDS", 0.0)
    burial.forget(a_transcript(account, "the budget"))

    do(index_errands.PURGE, account)

    assert next(left, "none") == "none"
    assert SearchIndex.objects.get().purged == 1


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_journal_that_is_being_read_is_emptied_later(monkeypatch):
    an_account("Sales")
    name = connection.settings_dict["NAME"]
    import sqlite3

    reader = sqlite3.connect(name)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM recordings_account").fetchone()
    an_account("Support")

    assert index_errands._empty_journal().due_in_seconds == 60
    reader.close()
    assert index_errands._empty_journal().due_in_seconds is None


# Made anew


def test_what_is_missing_is_indexed_by_night(user, account, monkeypatch):
    monkeypatch.setattr(index_errands, "AT_ONCE", 2)
    made = [a_transcript(account, "the budget", at=ago(minutes=number)) for number in range(5)]
    empty = a_transcript(account)
    index.clear()
    assert found(user, "budget") == []
    index_errands.ensure_standing(account)

    do(index.REBUILD, account)

    assert found(user, "budget") == [each.key for each in made]
    assert not SearchEntry.objects.filter(transcript=empty).exists()


def test_what_grows_no_more_is_indexed_though_nobody_said_that_it_is_over(user, account):
    transcript = a_transcript(account, status=Status.IN_PROGRESS)
    captions(transcript, 1, "the budget")
    index_errands.ensure_standing(account)
    step = index_errands.rebuild(Errand.objects.get(kind=index.REBUILD))
    step.write()
    assert found(user, "budget") == []

    Transcript.objects.filter(pk=transcript.pk).update(updated_at=timezone.now() - timedelta(hours=2))
    do(index.REBUILD, account)

    assert found(user, "budget") == [transcript.key]


@only_sqlite
def test_an_index_of_another_tokenizer_is_emptied_rather_than_spoilt(user, account):
    made = [a_transcript(account, "the budget", at=ago(minutes=number)) for number in range(3)]
    index_errands.ensure_standing(account)
    Errand.objects.filter(kind=index.REBUILD).update(due_at=timezone.now() + timedelta(days=1))
    SearchIndex.objects.update(version="0/older")

    burial.forget(made[0])

    assert not SearchEntry.objects.exists()
    assert Errand.objects.get(kind=index.REBUILD).due_at <= timezone.now()
    do(index.REBUILD, account)
    assert found(user, "budget") == [each.key for each in made[1:]]


@only_sqlite
def test_words_that_changed_behind_the_index_empty_it_rather_than_spoil_it(user, account, caplog):
    transcript, other = a_transcript(account, "the budget"), a_transcript(account, "the budget")
    TranscriptText.objects.filter(transcript=transcript).update(utterances=[{"text": "x", "speaker": ""}])

    burial.forget(transcript)

    assert "everything is indexed anew" in caplog.text
    index_errands.ensure_standing(account)
    do(index.REBUILD, account)
    assert found(user, "budget") == [other.key]


def test_a_migration_finds_an_index_of_another_tokenizer(user, account):
    a_transcript(account, "the budget")
    SearchIndex.objects.update(version="0/older")

    call_command("migrate", verbosity=0)

    assert SearchIndex.objects.get().version == VERSION
    assert not SearchEntry.objects.exists()
    do(index.REBUILD, account)
    assert len(found(user, "budget")) == 1


def test_a_migration_leaves_an_index_alone_that_is_whole(user, account):
    transcript = a_transcript(account, "the budget")

    call_command("migrate", verbosity=0)

    assert found(user, "budget") == [transcript.key]


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth(user):
    call_command("migrate", "transcripts", "zero", verbosity=0)
    assert "transcripts_searchentry" not in connection.introspection.table_names()

    call_command("migrate", verbosity=0)

    transcript = a_transcript(an_account("Sales"), "the budget")
    assert found(user, "budget") == [transcript.key]


def test_rows_say_what_they_are(account):
    a_transcript(account, "the budget")

    assert str(SearchEntry.objects.get()).endswith(f" at {index.place_of(NOW)}")
    assert str(index.state()) == VERSION
