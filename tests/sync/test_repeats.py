"""Words that a listing repeats are passed by, and only where comparing them again would change nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recordings.models import Account, Call, Operation, Recording
from recordings.models.mirror import Source
from recordings.providers.snapshots import CallState, RecordingSnapshot, Status
from recordings.sync import calls_told, repeats
from recordings.sync.burial import bury
from recordings.sync.recordings import apply_recording
from tests.sync.test_funnel import NOON, call, ordered, recording, tell
from tests.world import World

SECOND = timedelta(seconds=1)


def done(number: int, **facts: Any) -> RecordingSnapshot:
    return recording(
        f"r{number}",
        **{"call_external_id": f"c{number}", "status": Status.COMPLETED, "raw": {"number": number}, **facts},
    )


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The recordings that were compared with their rows."""
    ids: list[str] = []

    def note(context: Any, snapshot: RecordingSnapshot, **more: Any) -> Any:
        ids.append(snapshot.external_id)
        return apply_recording(context, snapshot, **more)

    monkeypatch.setitem(_appliers(), RecordingSnapshot, note)
    return ids


def _appliers() -> dict[type, Any]:
    from recordings import sync

    return sync._appliers


def listed(account: Account, *facts: Any, times: int = 1, source: Source = Source.SWEEP) -> Any:
    for _ in range(times):
        applied = tell(account, *facts, source=source, at=NOON)
    return applied


def page(**changes: Any) -> list[RecordingSnapshot]:
    """Three recordings, the first one changed."""
    return [done(1, **changes), done(2), done(3)]


def test_same_words_are_compared_once_more_and_then_passed_by(account: Account, compared: list[str]) -> None:
    listed(account, *page())
    listed(account, *page())
    compared.clear()

    with CaptureQueriesContext(connection) as queries:
        applied = listed(account, *page())

    assert compared == []
    assert (applied.seen, applied.added, applied.changed) == (3, 0, 0)
    assert len(queries) <= 4, [query["sql"][:120] for query in queries]


def test_other_words_are_news(account: Account, compared: list[str]) -> None:
    listed(account, *page(), times=2)
    compared.clear()

    applied = listed(account, *page(duration_seconds=9.0))

    assert (compared, applied.changed) == (["r1"], 1)
    assert Recording.objects.get(external_id="r1").duration_seconds == 9.0


def test_row_that_was_changed_meanwhile_is_compared_again(account: Account, compared: list[str]) -> None:
    listed(account, *page(duration_seconds=5.0), times=2)
    tell(account, done(1, duration_seconds=9.0), at=NOON)
    compared.clear()

    listed(account, *page(duration_seconds=5.0))

    assert compared == ["r1"]
    assert Recording.objects.get(external_id="r1").duration_seconds == 5.0


def test_row_that_is_saved_in_the_same_page_is_compared_again(account: Account, compared: list[str]) -> None:
    both = [*page(duration_seconds=5.0), done(1, duration_seconds=9.0)]
    listed(account, *both, times=2)
    Recording.objects.filter(external_id="r1").update(duration_seconds=5.0)
    listed(account, *both)
    compared.clear()

    listed(account, *both)

    assert compared == ["r1", "r1"]
    assert Recording.objects.get(external_id="r1").duration_seconds == 9.0


def test_digest_is_not_noted_of_a_row_that_another_saved_meanwhile(
    account: Account, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    listed(account, *page())
    write = repeats.Repeats.write

    def write_late(self: repeats.Repeats) -> None:
        world.clock.advance(1)
        Recording.objects.get(external_id="r1").save()
        write(self)

    monkeypatch.setattr(repeats.Repeats, "write", write_late)
    listed(account, *page())

    told = dict(Recording.objects.values_list("external_id", "told"))
    assert (told["r1"], bool(told["r2"])) == ("", True)


def test_what_goes_on_is_compared_every_time(account: Account, compared: list[str]) -> None:
    listed(account, *page(status=Status.PROCESSING), times=3)
    compared.clear()

    listed(account, *page(status=Status.PROCESSING))

    assert compared == ["r1"]


def test_recording_whose_order_is_not_settled_is_compared_every_time(
    account: Account, compared: list[str]
) -> None:
    tell(account, call("c1"))
    operation = ordered(account, Call.objects.get(), lease_token="0" * 32, lease_until=NOON + 60 * SECOND)
    Recording.objects.filter(key=operation.made_key).update(external_id="r1")
    listed(account, *page(), times=3)
    Operation.objects.update(lease_until=NOON - SECOND)
    compared.clear()

    listed(account, *page())

    operation.refresh_from_db()
    assert (compared, operation.state) == (["r1"], Operation.State.SUCCEEDED)


def test_tombstone_is_never_brought_back(account: Account) -> None:
    listed(account, *page(), times=3)
    row = Recording.objects.get(external_id="r1")
    bury(Operation.objects.create(account=account, recording=row, kind="recording.delete"))

    listed(account, *page(), times=3)

    row.refresh_from_db()
    assert (row.is_buried, row.raw, row.told) == (True, {}, "")


@pytest.mark.parametrize("source", [Source.WEBHOOK, Source.REPLY])
def test_only_listings_are_passed_by(account: Account, compared: list[str], source: Source) -> None:
    listed(account, *page(), times=3)
    compared.clear()

    listed(account, *page(), source=source)

    assert compared == ["r1", "r2", "r3"]


def test_a_few_are_compared_at_once(account: Account, compared: list[str]) -> None:
    listed(account, *page(), times=3)
    compared.clear()

    listed(account, *page()[:2])

    assert compared == ["r1", "r2"]


def test_new_version_compares_everything_once_more(
    account: Account, compared: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(account, *page(), times=3)
    compared.clear()
    monkeypatch.setattr(repeats, "VERSION", repeats.VERSION + 1)

    listed(account, *page(), times=2)

    assert compared == ["r1", "r2", "r3"]


def test_ended_calls_are_passed_by_and_live_ones_are_not(account: Account) -> None:
    ended = call("c1", state=CallState.ENDED, status_at=NOON)
    live, late = call("c2"), call("c3", state=CallState.ENDED, status_at=NOON - SECOND)
    tell(account, call("c3", state=CallState.ENDED, status_at=NOON))

    listed(account, ended, live, late, times=3)

    told = dict(Call.objects.values_list("external_id", "told"))
    assert {name: bool(digest) for name, digest in told.items()} == {"c1": True, "c2": False, "c3": False}


def test_recording_inside_a_call_is_compared_with_it(account: Account) -> None:
    ended = call("c1", state=CallState.ENDED, recordings=(done(1),))

    listed(account, ended, done(2), done(3), times=3)

    told = dict(Recording.objects.values_list("external_id", "told"))
    assert {name: bool(digest) for name, digest in told.items()} == {"r1": False, "r2": True, "r3": True}


def test_nobody_is_told_of_calls_that_are_passed_by(account: Account) -> None:
    heard: list[list[str]] = []

    def hear(*, calls: list[Call], **_: Any) -> None:
        heard.append([each.external_id for each in calls])

    calls_told.connect(hear)
    facts = [call(f"c{number}", state=CallState.ENDED) for number in (1, 2)]
    listed(account, *facts, call("c3"), times=3)
    calls_told.disconnect(hear)

    assert heard == [["c1", "c2", "c3"], ["c1", "c2", "c3"], ["c3"]]
