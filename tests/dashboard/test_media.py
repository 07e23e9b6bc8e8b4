"""The bytes for players, to people who may see them."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from dashboard.models import User
from dashboard.views import media as view
from recordings import media, minting
from recordings.models import Account, Call, ReadRecord, Recording
from recordings.providers.base import Media
from recordings.providers.recall.adapter import RecallAdapter
from recordings.providers.snapshots import Status
from recordings.spans import PIECE
from tests.simulators.http import Request, Response, bytes_answer
from tests.simulators.recall import RecallSimulator

SOUND = os.urandom(PIECE + 500)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    minting.forget()
    view._noted.clear()
    yield
    minting.forget()


class Sound:
    """What lies behind the provider's link."""

    content = SOUND
    content_type = "video/mp4"
    status = 0
    has_ranges = True

    def __call__(self, request: Request) -> Response:
        if self.status:
            return Response(status=self.status)
        return bytes_answer(request, self.content, self.content_type, ranges=self.has_ranges)


@pytest.fixture
def sound(recall: RecallSimulator, account: Account, monkeypatch: pytest.MonkeyPatch) -> Sound:
    sound = Sound()
    monkeypatch.setattr(recall, "respond", sound)

    def minted(_: RecallAdapter, recording: Any, variant: str) -> Media:
        return Media(url=f"{account.base_url}/file?Signature=secret", content_type=sound.content_type)

    monkeypatch.setattr(RecallAdapter, "media", minted)
    return sound


@pytest.fixture
def recording(account: Account) -> Recording:
    call = Call.objects.create(account=account, external_id="call-1", title="Weekly: plän & more")
    return Recording.objects.create(
        account=account, call=call, external_id="rec-1", status=Status.COMPLETED, sort_at=timezone.now()
    )


@pytest.fixture
def browser(viewer: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(viewer)


def address(recording: Recording, query: str = "") -> str:
    return f"/recordings/{recording.key}/media/{query}"


def ask(browser: Client, recording: Recording, byte_range: str = "", query: str = "") -> Any:
    headers = {"Range": byte_range} if byte_range else {}
    return browser.get(address(recording, query), headers=headers)


def whole(response: Any) -> bytes:
    body = b"".join(response.streaming_content)
    release(response)
    return body


def release(response: Any) -> None:
    """As at the end of a request, without its signal, which would close the test's database."""
    for close in response._resource_closers:
        close()


def test_piece_of_the_media(browser: Client, recording: Recording, sound: Sound) -> None:
    response = ask(browser, recording, "bytes=0-")

    assert response.status_code == 206
    assert response.content == SOUND[:PIECE]
    assert response.headers["Content-Range"] == f"bytes 0-{PIECE - 1}/{len(SOUND)}"
    assert response.headers["Content-Length"] == str(PIECE)
    assert response.headers["Content-Type"] == "video/mp4"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    assert "Signature" not in str(response.headers)


def test_small_file_without_a_range_is_whole(browser: Client, recording: Recording, sound: Sound) -> None:
    sound.content = b"0123456789"

    response = ask(browser, recording)

    assert (response.status_code, response.content) == (200, b"0123456789")
    assert "Content-Range" not in response.headers


def test_large_file_without_a_range_is_begun(browser: Client, recording: Recording, sound: Sound) -> None:
    assert ask(browser, recording).status_code == 206


def test_head_tells_the_size(browser: Client, recording: Recording, sound: Sound) -> None:
    response = browser.head(address(recording))

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Length"] == str(len(SOUND))
    assert not ReadRecord.objects.exists()


def test_range_behind_the_end(browser: Client, recording: Recording, sound: Sound) -> None:
    response = ask(browser, recording, f"bytes={len(SOUND)}-")

    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(SOUND)}"


def test_what_a_browser_would_run_is_no_media(browser: Client, recording: Recording, sound: Sound) -> None:
    sound.content_type = "text/html"

    assert ask(browser, recording).headers["Content-Type"] == "application/octet-stream"


def test_unknown_form_is_not_there(browser: Client, recording: Recording, sound: Sound) -> None:
    response = ask(browser, recording, query="?variant=smell")

    assert response.status_code == 404
    assert response.content == b"This recording has no media of this form."


def test_deleted_is_not_there_and_says_so(browser: Client, recording: Recording, sound: Sound) -> None:
    Recording.objects.update(is_buried=True, status=Status.DELETED)

    response = ask(browser, recording, query="?variant=video")

    assert response.status_code == 404
    assert "was deleted" in response.content.decode()


def test_full_house_says_when_to_come_back(
    browser: Client, recording: Recording, sound: Sound, settings: Any
) -> None:
    settings.TAPEDECK_THREADS = 2
    with media.slots:
        response = ask(browser, recording)

    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1
    assert "Too many players" in response.content.decode()


def test_whole_only_is_being_copied(browser: Client, recording: Recording, sound: Sound) -> None:
    sound.has_ranges = False

    response = ask(browser, recording)

    assert response.status_code == 503
    assert "is being copied" in response.content.decode()
    assert response.headers["Retry-After"]


def test_refusal_of_the_provider_is_told(browser: Client, recording: Recording, sound: Sound) -> None:
    sound.status = 403

    response = ask(browser, recording)

    assert response.status_code == 502
    assert "an administrator" in response.content.decode()


@pytest.mark.parametrize("query", ["", "?download=1"])
def test_hidden_account_is_404(
    browser: Client, recording: Recording, sound: Sound, account: Account, others: Group, query: str
) -> None:
    account.groups.set([others])

    assert ask(browser, recording, query=query).status_code == 404


def test_without_a_role_403(
    recording: Recording, sound: Sound, signed_in: Callable[[User], Client], world: Any
) -> None:
    assert ask(signed_in(User.objects.create_user("nobody")), recording).status_code == 403


# Downloads.


def test_download_of_the_whole(browser: Client, recording: Recording, sound: Sound) -> None:
    response = ask(browser, recording, query="?download=1")

    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(len(SOUND))
    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="weekly-plan-more-2026-11-20'
    )
    assert response.headers["Content-Disposition"].endswith('.mp4"')
    assert whole(response) == SOUND
    with media.slots, media.downloads:
        pass


def test_download_that_goes_on(browser: Client, recording: Recording, sound: Sound) -> None:
    response = ask(browser, recording, f"bytes={PIECE}-", "?download=1")

    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {PIECE}-{len(SOUND) - 1}/{len(SOUND)}"
    assert whole(response) == SOUND[PIECE:]


def test_download_behind_the_end(browser: Client, recording: Recording, sound: Sound) -> None:
    assert ask(browser, recording, f"bytes={len(SOUND)}-", "?download=1").status_code == 416
    with media.slots, media.downloads:
        pass


def test_download_that_cannot_begin_is_told_on_the_page(
    browser: Client, recording: Recording, sound: Sound
) -> None:
    sound.status = 404

    response = browser.get(address(recording, "?download=1"), follow=True)

    assert response.redirect_chain == [(recording.get_absolute_url(), 302)]
    assert "Not downloaded. The provider does not have this file any more." in response.content.decode()


def test_download_of_a_recording_without_a_call(browser: Client, recording: Recording, sound: Sound) -> None:
    sound.content_type = "audio/x-strange"
    Recording.objects.update(call=None)

    response = ask(browser, recording, query="?download=1")
    release(response)

    assert 'filename="recording-2026' in response.headers["Content-Disposition"]
    assert response.headers["Content-Disposition"].endswith('.bin"')


# Who played what.


def test_playing_is_counted_by_its_beginnings(browser: Client, recording: Recording, sound: Sound) -> None:
    for first in (0, 100, PIECE, 0):
        ask(browser, recording, f"bytes={first}-")

    record = ReadRecord.objects.get()
    assert (record.purpose, record.count, record.key) == ("played", 2, recording.key)


def test_playing_that_begins_in_the_middle_is_counted_once(
    browser: Client, recording: Recording, sound: Sound
) -> None:
    for first in (500, 600):
        ask(browser, recording, f"bytes={first}-")

    assert ReadRecord.objects.get().count == 1


def test_downloading_is_counted_for_itself(
    browser: Client, recording: Recording, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "NOTED_AT_ONCE", 1)
    ask(browser, recording)
    release(ask(browser, recording, query="?download=1"))

    assert set(ReadRecord.objects.values_list("purpose", flat=True)) == {"played", "downloaded"}


def test_what_cannot_be_noted_is_not_given(
    browser: Client, recording: Recording, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(view, "note_read", refuse)

    with pytest.raises(DatabaseError):
        ask(browser, recording, query="?download=1")
    with media.slots, media.downloads:
        pass
