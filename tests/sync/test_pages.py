"""A page of a listing: read at once, written at once, and yet as if its facts had come one by one."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recordings.models import Account, Call, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import CallState, RecordingSnapshot, Status, TranscriptSnapshot
from recordings.sync.recordings import recording_changed
from tests.fifth.adapter import FifthAdapter
from tests.sync.test_funnel import NOON, call, ordered, recording, tell
from transcripts.models import Transcript


def page(account: Account, *facts: Any) -> Any:
    return tell(account, *facts, source=Source.SWEEP, at=NOON)


def done(number: int, **facts: Any) -> RecordingSnapshot:
    return recording(
        f"r{number}",
        **{"call_external_id": f"c{number}", "status": Status.COMPLETED, "raw": {"number": number}, **facts},
    )


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str, str]]]:
    """What was told of recordings: their id, and the status before and after."""
    news: list[tuple[str, str, str]] = []

    def listen(*, recording: Recording, before: str, **_: Any) -> None:
        news.append((recording.external_id, before, recording.status))

    recording_changed.connect(listen)
    yield news
    recording_changed.disconnect(listen)


def test_page_is_read_and_written_with_few_statements(account: Account) -> None:
    facts = [done(number) for number in range(50)]

    with CaptureQueriesContext(
        connection,
    ) as new:
        added = page(account, *facts)
    with CaptureQueriesContext(connection) as same:
        again = page(account, *facts)

    assert (added.added, added.changed, again.added, again.changed) == (100, 0, 0, 0)
    assert (Recording.objects.count(), Call.objects.count()) == (50, 50)
    assert len(new) < 15, [query["sql"][:120] for query in new]
    assert len(same) < 10, [query["sql"][:120] for query in same]


def test_only_what_changed_is_written(account: Account) -> None:
    page(account, *(done(number) for number in range(5)))

    applied = page(
        account, *(done(number, duration_seconds=9.0 if number == 3 else None) for number in range(5))
    )

    assert applied.changed == 1
    assert Recording.objects.get(duration_seconds=9.0).external_id == "r3"


def test_recording_told_of_twice_in_a_page_is_new_and_then_changed(
    account: Account, heard: list[tuple[str, str, str]]
) -> None:
    page(account, done(1, status=Status.PROCESSING), done(2), done(1, duration_seconds=7.0))

    assert heard == [
        ("r1", "", "processing"),
        ("r2", "", "completed"),
        ("r1", "processing", "completed"),
    ]
    assert Recording.objects.get(external_id="r1").duration_seconds == 7.0


def test_call_that_its_recording_told_of_takes_what_is_told_after(account: Account) -> None:
    applied = page(account, done(1), call("c1", state=None, title="Support"), done(2), done(3))

    row = Call.objects.get(external_id="c1")
    assert (row.title, row.state) == ("Support", CallState.ENDED)
    assert (applied.added, applied.changed) == (6, 1)


def test_two_recordings_of_a_page_that_echo_one_key_keep_their_own_rows(account: Account) -> None:
    key = str(uuid.uuid4())

    page(account, done(1, key=key), done(2, key=key), done(3))

    rows = {row.external_id: str(row.key) for row in Recording.objects.all()}
    assert rows["r1"] == key
    assert len(set(rows.values())) == 3


def test_order_without_an_id_finds_its_recording_in_a_page(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FifthAdapter, "matches", lambda *_: 1.0)
    tell(account, call("c2"))
    operation = ordered(account, Call.objects.get())

    page(account, done(1), done(2), done(3))

    operation.refresh_from_db()
    assert operation.state == Operation.State.SUCCEEDED
    assert Recording.objects.get(key=operation.made_key).external_id == "r2"
    assert Recording.objects.count() == 3


def test_open_order_of_a_row_that_is_known_is_settled_by_a_page(account: Account) -> None:
    tell(account, call("c1"))
    operation = ordered(account, Call.objects.get())
    Recording.objects.filter(key=operation.made_key).update(external_id="r1")

    page(account, done(1), done(2), done(3))

    operation.refresh_from_db()
    assert operation.state == Operation.State.SUCCEEDED


def test_two_rows_that_a_page_shows_to_be_one_recording_become_one(account: Account) -> None:
    tell(account, call("c1"))
    operation = ordered(account, Call.objects.get())
    page(account, done(1), done(2), done(3))

    page(account, done(1, key=str(operation.made_key)), done(2), done(3), done(1, duration_seconds=4.0))

    row = Recording.objects.get(external_id="r1")
    assert (row.key, row.duration_seconds) == (operation.made_key, 4.0)
    assert Recording.objects.count() == 3


def test_new_row_and_an_ordered_one_that_are_one_recording(account: Account) -> None:
    tell(account, call("c1"))
    operation = ordered(account, Call.objects.get())

    page(account, done(1), done(2), done(1, key=str(operation.made_key)))

    assert Recording.objects.get(external_id="r1").key == operation.made_key
    assert Recording.objects.count() == 2


def test_two_calls_that_turn_out_to_be_one_keep_the_recordings_of_both(account: Account) -> None:
    ordered_call = Call.objects.create(account=account)
    page(account, done(1), done(2), done(3))
    operation = ordered(account, ordered_call)

    page(
        account, call("c1", key=str(ordered_call.key)), done(1, key=str(operation.made_key)), done(2), done(3)
    )

    row = Recording.objects.get(external_id="r1")
    assert (row.key, row.call_id) == (operation.made_key, ordered_call.pk)
    assert Call.objects.get(external_id="c1").pk == ordered_call.pk


def test_transcript_and_recordings_in_any_order_of_a_page_find_each_other(account: Account) -> None:
    page(
        account,
        done(1),
        TranscriptSnapshot(external_id="t2", recording_external_id="r2", status=Status.COMPLETED),
        TranscriptSnapshot(external_id="t1", recording_external_id="r1", status=Status.COMPLETED),
        done(2),
    )

    found = {row.external_id: row.recording.external_id for row in Transcript.objects.all() if row.recording}
    assert found == {"t1": "r1", "t2": "r2"}


def test_recording_without_a_call_takes_one_that_its_page_tells_of_first(account: Account) -> None:
    tell(account, recording("r1", status=Status.COMPLETED))
    assert Recording.objects.get().call is None

    applied = page(account, done(2), done(1))

    assert Recording.objects.get(external_id="r1").call == Call.objects.get(external_id="c1")
    assert (applied.added, applied.changed) == (3, 1)


def test_transcript_without_a_call_takes_one_that_its_page_tells_of_first(account: Account) -> None:
    tell(account, TranscriptSnapshot(external_id="t1", status=Status.COMPLETED))

    page(account, TranscriptSnapshot(external_id="t1", call_external_id="c1", status=Status.COMPLETED))

    assert Transcript.objects.get().call == Call.objects.get(external_id="c1")


def test_new_transcript_takes_a_call_that_its_page_tells_of_first(account: Account) -> None:
    page(account, TranscriptSnapshot(external_id="t1", call_external_id="c1", status=Status.COMPLETED))

    assert Transcript.objects.get().call == Call.objects.get(external_id="c1")
