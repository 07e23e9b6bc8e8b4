"""Media: short pieces from the provider, or from a copy where it gives only the whole."""

import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from recordings import copies, copying, media, minting, tasks
from recordings.media import Download, MediaBusy, MediaFailed, MediaGone, piece
from recordings.models import Account, Errand, Recording
from recordings.providers.base import Media
from recordings.providers.errors import CredentialsRefused, Throttled, Unavailable
from recordings.providers.snapshots import RecordingSnapshot, Status
from recordings.spans import PIECE, Span, placed, span_of
from recordings.sync import apply
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.simulators.http import Request, Response, bytes_answer, empty_answer
from tests.world import World

SOUND = os.urandom(2 * PIECE + 1000)


class Sounding(FifthSimulator):
    """A fifth whose files are as large and as stubborn as a test needs them."""

    sound = SOUND
    has_ranges = True
    status = 0
    headers: dict[str, str] = {}

    def _media(self, recording_id: str, request: Request) -> Response:
        if self.status:
            return Response(status=self.status, headers=self.headers)
        answer = bytes_answer(request, self.sound, "audio/mpeg", ranges=self.has_ranges)
        return Response(status=answer.status, headers={**answer.headers, **self.headers}, body=answer.body)

    def asked(self) -> list[str]:
        return [each.headers.get("range", "") for each in self.requests if each.path.endswith("/media")]


@pytest.fixture
def fifth(world: World) -> Sounding:
    return Sounding(clock=world.clock)


@pytest.fixture
def recording(account: Account) -> Recording:
    return Recording.objects.create(
        account=account, external_id="rec-1", status=Status.COMPLETED, sort_at=timezone.now()
    )


@pytest.fixture(autouse=True)
def fresh(world: World) -> Iterator[None]:
    minting.forget()
    yield
    minting.forget()
    for path in copies.folder().iterdir():
        path.unlink()


class Links:
    """What the adapter gives instead of addresses that need credentials: links, counted."""

    def __init__(self) -> None:
        self.minted: list[str] = []
        self.life: timedelta | None = None
        self.knows_ranges = True
        self._media = FifthAdapter.media

    def media(self, adapter: FifthAdapter, recording: Any, variant: str) -> Media:
        self.minted.append(variant)
        found = self._media(adapter, recording, variant)
        expires_at = timezone.now() + self.life if self.life else None
        return replace(found, headers={}, expires_at=expires_at, has_ranges=self.knows_ranges)


@pytest.fixture
def links(monkeypatch: pytest.MonkeyPatch, fifth: Sounding) -> Links:
    """The provider's links open by themselves: the file is served to whoever has one."""
    links, handle = Links(), fifth.handle

    def media(adapter: FifthAdapter, recording: Any, variant: str) -> Media:
        return links.media(adapter, recording, variant)

    monkeypatch.setattr(FifthAdapter, "media", media)
    monkeypatch.setattr(
        fifth,
        "handle",
        lambda request: fifth._media("", request) if request.path.endswith("/media") else handle(request),
    )
    return links


# Ranges.


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("", 0, None),
        ("bytes=0-", 0, None),
        ("bytes=5-9", 5, 9),
        ("bytes=-7", None, 7),
        ("bytes=9-5", 0, None),
        ("bytes=0-1,4-5", 0, None),
        ("bytes=-", 0, None),
        ("lines=1-2", 0, None),
    ],
)
def test_range_headers(header: str, first: int | None, last: int | None) -> None:
    assert span_of(header) == Span(first=first, last=last)


def test_no_span_is_longer_than_a_piece() -> None:
    assert Span(first=10, last=None).bounds(None) == (10, 10 + PIECE - 1)
    assert Span(first=0, last=10**12).bounds(10**12) == (0, PIECE - 1)
    assert Span(first=None, last=10**12).bounds(5 * PIECE) == (0, PIECE - 1)
    assert Span(first=None, last=100).bounds(1000) == (900, 999)


@pytest.mark.parametrize(
    ("header", "first", "total"),
    [("bytes 3-5/9", 3, 9), ("bytes */9", None, 9), ("bytes 3-5/*", 3, None), ("nonsense", None, None)],
)
def test_content_range_headers(header: str, first: int | None, total: int | None) -> None:
    assert (placed(header).first, placed(header).total) == (first, total)


# Pieces.


def test_at_most_one_piece_whatever_is_asked(recording: Recording, fifth: Sounding) -> None:
    found = piece(recording, "audio", "bytes=0-")

    assert (found.status, found.total) == (206, len(SOUND))
    assert found.body == SOUND[:PIECE]
    assert found.headers == {
        "Content-Type": "audio/mpeg",
        "Content-Range": f"bytes 0-{PIECE - 1}/{len(SOUND)}",
    }
    assert fifth.asked() == [f"bytes=0-{PIECE - 1}"]


def test_pieces_follow_each_other(recording: Recording) -> None:
    parts = [piece(recording, "audio", f"bytes={at}-").body for at in (0, PIECE, 2 * PIECE)]

    assert b"".join(parts) == SOUND


def test_bytes_from_the_end(recording: Recording, fifth: Sounding) -> None:
    assert piece(recording, "audio", "bytes=-100").body == SOUND[-100:]
    assert fifth.asked() == ["bytes=0-0", f"bytes={len(SOUND) - 100}-{len(SOUND) - 1}"]


def test_nothing_begins_behind_the_end(recording: Recording) -> None:
    found = piece(recording, "audio", f"bytes={len(SOUND)}-")

    assert (found.status, found.body) == (416, b"")
    assert found.headers == {"Content-Range": f"bytes */{len(SOUND)}"}
    assert piece(recording, "audio", "bytes=-0").status == 416


def test_failure_while_the_size_is_asked_for_is_told(recording: Recording, fifth: Sounding) -> None:
    fifth.status = 503

    with pytest.raises(MediaBusy, match="try again soon"):
        piece(recording, "audio", "bytes=-5")


def test_small_file_without_ranges_is_cut_here(recording: Recording, fifth: Sounding) -> None:
    fifth.sound, fifth.has_ranges = b"0123456789", False

    assert piece(recording, "audio", "bytes=4-6").body == b"456789"
    assert piece(recording, "audio", "bytes=-3").body == b"789"
    assert piece(recording, "audio", "bytes=10-").status == 416


# Links.


def test_link_is_minted_once_for_its_life(recording: Recording, links: Links, world: World) -> None:
    piece(recording, "audio", "bytes=0-")
    piece(recording, "audio", "bytes=5-")
    world.clock.advance(minting.LIFE.total_seconds() + 1)
    piece(recording, "audio", "bytes=5-")

    assert links.minted == ["audio", "audio"]


def test_link_with_a_date_lives_until_then(recording: Recording, links: Links, world: World) -> None:
    links.life = timedelta(hours=1)
    for _ in range(2):
        piece(recording, "audio")
        world.clock.advance(40 * 60)

    assert len(links.minted) == 1


def test_link_that_expired_early_is_minted_anew_once(
    recording: Recording, links: Links, fifth: Sounding
) -> None:
    piece(recording, "audio")
    fifth.status = 403

    with pytest.raises(MediaFailed, match="refused to give the file"):
        piece(recording, "audio")
    fifth.status = 0
    assert piece(recording, "audio").status == 206

    assert len(links.minted) == 2


def test_only_so_many_links_are_kept(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minting, "KEPT", 1)
    other = Recording.objects.create(
        account=recording.account, external_id="rec-2", status=Status.COMPLETED, sort_at=timezone.now()
    )

    piece(recording, "audio")
    piece(other, "audio")

    assert minting.known(recording, "audio") is None
    assert minting.known(other, "audio") is not None


def test_credentials_never_go_with_a_link_that_opens_by_itself(
    recording: Recording, links: Links, fifth: Sounding
) -> None:
    piece(recording, "audio", "bytes=0-")

    asked = [each for each in fifth.requests if each.path.endswith("/media")]
    assert "authorization" not in asked[-1].headers


# What cannot be played.


def test_buried_is_gone_also_where_the_provider_still_has_it(recording: Recording, fifth: Sounding) -> None:
    recording.is_buried = True

    with pytest.raises(MediaGone, match="deleted"):
        piece(recording, "audio")
    assert media.variants(recording) == ()
    assert fifth.asked() == []


@pytest.mark.parametrize(
    ("status", "variant", "words"),
    [
        (Status.DELETED, "audio", "deleted"),
        (Status.IN_PROGRESS, "audio", "nothing to play yet"),
        (Status.COMPLETED, "video", "no media of this form"),
        (Status.COMPLETED, "../../keys", "no media of this form"),
    ],
)
def test_what_is_not_there_is_said(recording: Recording, status: Status, variant: str, words: str) -> None:
    recording.status = status

    with pytest.raises(MediaGone, match=words):
        piece(recording, variant)


@pytest.mark.parametrize("status", [404, 410])
def test_file_that_is_gone_there(recording: Recording, fifth: Sounding, status: int) -> None:
    fifth.status = status

    with pytest.raises(MediaGone, match="does not have this file"):
        piece(recording, "audio")


def test_file_whose_time_is_over_says_so(recording: Recording, fifth: Sounding) -> None:
    fifth.status = 404
    recording.media_expires_at = timezone.now() - timedelta(hours=1)

    with pytest.raises(MediaGone, match="time of keeping is over"):
        piece(recording, "audio")


def test_busy_provider_says_when(recording: Recording, fifth: Sounding) -> None:
    fifth.status, fifth.headers = 429, {"Retry-After": "17"}

    with pytest.raises(MediaBusy) as caught:
        piece(recording, "audio")
    assert caught.value.retry_after_seconds == 17


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Throttled("Too fast.", retry_after_seconds=9.0), MediaBusy),
        (Unavailable("Down."), MediaBusy),
        (CredentialsRefused("The key is wrong."), MediaFailed),
    ],
)
def test_errors_of_minting(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, error: Exception, told: type[Exception]
) -> None:
    def refuse(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(FifthAdapter, "media", refuse)

    with pytest.raises(told, match=str(error)):
        piece(recording, "audio")


def test_closed_pace_is_kept_while_minting(
    recording: Recording, monkeypatch: pytest.MonkeyPatch, fifth: Sounding
) -> None:
    def refuse(*_: Any) -> Any:
        raise Throttled("Too fast.", retry_after_seconds=9.0)

    with monkeypatch.context() as patch:
        patch.setattr(FifthAdapter, "media", refuse)
        with pytest.raises(MediaBusy):
            piece(recording, "audio")

    with pytest.raises(MediaBusy) as caught:
        piece(recording, "audio")
    assert caught.value.retry_after_seconds == pytest.approx(9.0)
    assert fifth.asked() == []


def test_unreadable_credentials_play_nothing(recording: Recording) -> None:
    recording.account.sealed_secrets = "sealed by another key"

    assert media.variants(recording) == ()


# Threads.


def test_at_most_half_of_the_threads(recording: Recording, settings: Any) -> None:
    settings.TAPEDECK_THREADS = 4
    with media.slots, media.slots, pytest.raises(MediaBusy, match="Too many players"):
        piece(recording, "audio")

    assert piece(recording, "audio").status == 206


def test_download_gives_the_whole_and_its_slots_back(recording: Recording, settings: Any) -> None:
    settings.TAPEDECK_THREADS = 4
    download = Download(recording, "audio")

    with pytest.raises(MediaBusy):
        Download(recording, "audio")
    body = b"".join(download)
    download.close()
    download.close()

    assert body == SOUND
    with media.slots, media.slots, media.downloads:
        pass


def test_download_of_a_part(recording: Recording) -> None:
    download = Download(recording, "audio", f"bytes=100-{PIECE + 500}")
    body = b"".join(download)
    download.close()

    assert (body, download.end) == (SOUND[100 : PIECE + 501], PIECE + 501)


def test_download_that_cannot_begin_holds_nothing(recording: Recording) -> None:
    with pytest.raises(MediaGone):
        Download(recording, "video")

    with media.slots, media.downloads:
        pass


# Copies.


@pytest.fixture
def stubborn(fifth: Sounding) -> Sounding:
    fifth.has_ranges = False
    return fifth


def copied(recording: Recording, world: World) -> None:
    with pytest.raises(MediaBusy, match="being copied"):
        piece(recording, "audio")
    world.work()


def test_whole_only_is_copied_and_then_played_from_here(
    recording: Recording, stubborn: Sounding, world: World
) -> None:
    copied(recording, world)
    asked = len(stubborn.asked())

    found = piece(recording, "audio", f"bytes={PIECE}-")

    assert found.body == SOUND[PIECE : 2 * PIECE]
    assert found.headers["Content-Type"] == "audio/mpeg"
    assert piece(recording, "audio", f"bytes={len(SOUND)}-").status == 416
    assert len(stubborn.asked()) == asked


def test_while_it_is_copied_the_provider_is_not_asked_again(recording: Recording, stubborn: Sounding) -> None:
    for _ in range(3):
        with pytest.raises(MediaBusy, match="being copied"):
            piece(recording, "audio")

    assert len(stubborn.asked()) == 1
    assert Errand.objects.filter(kind=copying.KIND).count() == 1


def test_adapter_that_knows_of_no_ranges_asks_for_none(
    recording: Recording, links: Links, stubborn: Sounding, world: World
) -> None:
    links.knows_ranges = False

    copied(recording, world)

    assert set(stubborn.asked()) == {""}
    assert piece(recording, "audio").body == SOUND[:PIECE]


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "does not have this file"), (403, "refused to give the file")],
)
def test_copy_that_fails_says_why_for_a_while(
    recording: Recording, stubborn: Sounding, world: World, status: int, words: str
) -> None:
    copying.start(recording, "audio")
    stubborn.status = status
    world.work()
    stubborn.status = 0

    with pytest.raises(MediaFailed, match=words):
        piece(recording, "audio")
    world.clock.advance(copying.FAILURE_KEPT.total_seconds() + 1)
    copied(recording, world)
    assert piece(recording, "audio").status == 206


def test_half_a_file_is_no_copy(recording: Recording, stubborn: Sounding, world: World) -> None:
    copying.start(recording, "audio")
    stubborn.headers = {"Content-Length": str(len(SOUND) + 1)}
    world.work()

    assert copies.find(recording.key, "audio") is None
    assert list(copies.folder().iterdir()) == []
    assert "whole file" in Errand.objects.get(kind=copying.KIND).problem


def test_copy_made_twice_is_read_once(recording: Recording, stubborn: Sounding, world: World) -> None:
    copied(recording, world)
    asked = len(stubborn.asked())
    copying.start(recording, "audio")
    world.work()

    assert len(stubborn.asked()) == asked


def test_recording_deleted_while_it_is_copied_leaves_no_file(
    recording: Recording, stubborn: Sounding, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_whole = copying.require_whole

    def and_deleted_meanwhile(*facts: Any) -> None:
        require_whole(*facts)
        Recording.objects.update(is_buried=True)

    monkeypatch.setattr(copying, "require_whole", and_deleted_meanwhile)
    copying.start(recording, "audio")
    world.work()
    copying.start(recording, "audio")
    world.work()

    assert list(copies.folder().iterdir()) == []


def test_deleting_takes_the_copy_along(
    recording: Recording, stubborn: Sounding, world: World, operator: Any
) -> None:
    copied(recording, world)
    stubborn.recordings["rec-1"] = {"id": "rec-1"}
    monkey = stubborn._delete
    stubborn._delete = lambda rows, row_id, action: (monkey(rows, row_id, action), empty_answer())[1]  # type: ignore[method-assign]

    world.order(operator, recording, "recording.delete")
    world.work()

    assert list(copies.folder().iterdir()) == []


@pytest.mark.parametrize(("forgets", "kept"), [(False, 1), (True, 0)])
def test_deleted_at_the_provider_stays_playable_unless_the_account_forgets(
    recording: Recording, stubborn: Sounding, world: World, account: Account, forgets: bool, kept: int
) -> None:
    copied(recording, world)
    Account.objects.update(forgets_with_provider=forgets)
    account.refresh_from_db()

    apply(account, [RecordingSnapshot(external_id="rec-1", status=Status.DELETED)], source="sweep")

    recording.refresh_from_db()
    assert len(list(copies.folder().iterdir())) == kept
    if kept:
        assert piece(recording, "audio").body == SOUND[:PIECE]


def test_least_recently_played_goes_first(settings: Any) -> None:
    settings.TAPEDECK_MEDIA_CACHE_BYTES = 25
    keys = [uuid.uuid4() for _ in range(3)]
    for age, key in zip((100, 200, 300), keys, strict=True):
        partial = copies.new_partial()
        partial.write_bytes(bytes(10))
        copies.place(partial, key, "audio", "audio/mpeg")
        if copy := copies.find(key, "audio"):
            os.utime(copy.path, (age, age))

    assert [copies.find(key, "audio") is not None for key in keys] == [False, True, True]


def test_file_larger_than_the_cache_stays_while_it_is_the_newest(settings: Any) -> None:
    settings.TAPEDECK_MEDIA_CACHE_BYTES = 5
    key = uuid.uuid4()
    partial = copies.new_partial()
    partial.write_bytes(bytes(10))

    copies.place(partial, key, "audio", "audio/mpeg")

    assert copies.find(key, "audio") is not None


def test_what_dead_workers_left_is_cleaned_up(world: World) -> None:
    old, young = copies.new_partial(), copies.new_partial()
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))

    copies.make_room()

    assert not old.exists()
    assert young.exists()


def test_copy_that_made_room_meanwhile_is_copied_again(
    recording: Recording, stubborn: Sounding, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(recording, world)
    copy = copies.find(recording.key, "audio")
    assert copy is not None
    copy.path.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(copies, "find", lambda key, variant: copy)
        with pytest.raises(MediaBusy):
            piece(recording, "audio")

    copied(recording, world)
    assert tasks.look() == 0
