"""The waveform under the player: drawn where the media lie here, and a slider that seeks."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from playwright.sync_api import Page, expect

from dashboard.models import User
from dashboard.player import player
from dashboard.waveform import HEIGHT, WIDTH, columns_of, outline, waveform
from recordings import copies, minting, peaks
from recordings.models import Account, Errand, Recording
from tests.dashboard.browser import barriers, complaints, held_back, sign_in
from tests.dashboard.spoken import recorded, transcribed
from tests.dashboard.test_player_in_browser import IS_READY, PLAYER, browser_type_launch_args, until
from tests.engine.test_peaks import sound
from tests.world import World
from transcripts import burial
from transcripts.models import Transcript

__all__ = ["browser_type_launch_args"]
pytest.importorskip("av", reason="the waveform is an extra")

HTMX = {"HX-Request": "true"}
LOUDNESS = (1, 0, 0.25, 1, 0, 0.25) * 2


@pytest.fixture(autouse=True)
def _own_data_folder(settings: Any, tmp_path: Any) -> None:
    settings.TAPEDECK_DATA = tmp_path


@pytest.fixture
def transcript(account: Account) -> Transcript:
    """Of a recording that can be played as sound; its provider does not know it."""
    minting.forget()
    recording = recorded(account)
    recording.handle = {"media": {"audio": "mp3"}}
    recording.save()
    return transcribed(recording, "tra-1", ("Ana", 1.0, "Hello."), ("Ben", 3.0, "Good morning."))


@pytest.fixture
def client_of(signed_in: Callable[[User], Client], operator: User) -> Client:
    return signed_in(operator)


def variant_of(transcript: Transcript) -> str:
    current = player(recording_of(transcript)).current
    assert current
    return current.name


def recording_of(transcript: Transcript) -> Recording:
    assert transcript.recording
    return transcript.recording


def hold(transcript: Transcript, content: bytes = b"") -> None:
    """The media were copied here, as they are where a provider gives them only as a whole."""
    partial = copies.new_partial()
    partial.write_bytes(content or sound(*LOUDNESS))
    copies.place(partial, recording_of(transcript).key, variant_of(transcript), "audio/wav")


def ask(client: Client, transcript: Transcript, variant: str = "") -> Any:
    told = {"waveform": variant or variant_of(transcript)}
    return client.get(transcript.get_absolute_url(), told, headers=HTMX)


def html(response: Any) -> str:
    return str(response.content.decode())


# The picture.


def test_columns_keep_the_loudest_and_fill_the_picture() -> None:
    values = [0] * 3 * WIDTH
    values[3 * 7 + 1], values[3 * 9] = 64, 32

    columns = columns_of(values)

    assert len(columns) == WIDTH
    assert (columns[7], columns[8], columns[9]) == (HEIGHT // 2, 0, HEIGHT // 4)
    assert columns_of([1, 2]) == [6, 12]  # quiet, not as loud as can be
    assert columns_of([]) == []


def test_outline_goes_along_the_top_and_back() -> None:
    assert outline([0, 50]) == "M0 50L1 0L1 100L0 50Z"
    assert outline([]) == ""


# The page.


def test_nothing_is_drawn_where_no_media_lie_here(client_of: Client, transcript: Transcript) -> None:
    page = html(client_of.get(transcript.get_absolute_url()))

    assert 'id="waveform"' in page
    assert "tapedeck-waveform" in page
    assert "wave-seek" not in page
    assert "every 3s" not in page
    assert ask(client_of, transcript).status_code == 204
    assert not Errand.objects.filter(kind=peaks.KIND).exists()


def test_it_is_drawn_by_an_errand_and_then_shown(
    client_of: Client, transcript: Transcript, world: World
) -> None:
    hold(transcript)

    waiting = html(client_of.get(transcript.get_absolute_url()))
    world.work()
    drawn = html(ask(client_of, transcript))
    page = html(client_of.get(transcript.get_absolute_url()))

    assert "The waveform is being drawn." in waiting
    assert "every 3s" in waiting
    for each in (drawn, page):
        assert '<path d="M0 ' in each
        assert 'max="12"' in each
        assert "hx-trigger" not in each.split('id="waveform"')[1].split("</div>")[0]
    assert "<html" not in drawn


def test_while_it_is_drawn_the_poll_says_so(client_of: Client, transcript: Transcript) -> None:
    hold(transcript)

    response = ask(client_of, transcript)

    assert response.status_code == 200
    assert "every 3s" in html(response)


def test_what_cannot_be_heard_leaves_no_picture_and_no_question(
    client_of: Client, transcript: Transcript, world: World
) -> None:
    hold(transcript, b"no sound")
    ask(client_of, transcript)
    world.work()

    drawn = html(ask(client_of, transcript))

    assert "wave-seek" not in drawn
    assert "hx-get" not in drawn


def test_without_the_extra_the_page_has_no_place_for_it(
    client_of: Client, transcript: Transcript, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(transcript)
    monkeypatch.setattr(peaks, "can_be_heard", lambda: False)

    page = html(client_of.get(transcript.get_absolute_url()))

    assert "waveform" not in page
    assert ask(client_of, transcript).status_code == 204


def test_nothing_is_drawn_of_what_cannot_be_played(
    client_of: Client, transcript: Transcript, world: World
) -> None:
    recording = recording_of(transcript)
    hold(transcript)
    ask(client_of, transcript)
    world.work()
    with transaction.atomic():
        burial.forget(transcript)

    assert ask(client_of, transcript).status_code == 204
    recording.is_buried = True
    assert waveform(player(recording)) is None


def test_unknown_form_is_answered_by_the_usual_one(
    client_of: Client, transcript: Transcript, world: World
) -> None:
    hold(transcript)
    ask(client_of, transcript)
    world.work()

    assert '<path d="M0 ' in html(ask(client_of, transcript, "../../secret"))


def test_without_a_recording_there_is_nothing_to_draw(client_of: Client, transcript: Transcript) -> None:
    Transcript.objects.update(recording=None)

    assert ask(client_of, transcript, "any").status_code == 204


def test_hidden_account_hides_it(
    client_of: Client, transcript: Transcript, account: Account, others: Group
) -> None:
    hold(transcript)
    account.groups.set([others])

    assert client_of.get(transcript.get_absolute_url(), {"waveform": "x"}, headers=HTMX).status_code == 404


# In the browser.


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_appears_while_one_reads_and_seeks_by_pointer_and_keyboard(
    page: Page, live_server: Any, operator: User, transcript: Transcript, world: World
) -> None:
    refused = complaints(page)
    hold(transcript)
    sign_in(page, live_server, operator)
    page.goto(live_server.url + transcript.get_absolute_url())
    expect(page.locator("#waveform")).to_contain_text("being drawn")
    world.work()
    slider = page.get_by_role("slider", name="Moment of the recording")
    expect(slider).to_be_visible()
    until(page, IS_READY)

    box = slider.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    until(page, f"Math.abs({PLAYER}.currentTime - 6) < 0.3")
    expect(slider).to_be_focused()
    page.keyboard.press("ArrowRight")
    until(page, f"Math.abs({PLAYER}.currentTime - 11) < 0.3")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    until(page, f"Math.abs({PLAYER}.currentTime - 1) < 0.3")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^0:0[01] of 0:12$"))
    page.keyboard.press("Home")
    until(page, f"{PLAYER}.currentTime === 0")
    page.locator("#line-1 .line-time").click()
    until(page, f"Number(document.getElementById('wave-seek').value) >= {PLAYER}.currentTime - 0.6")
    assert page.locator("#line-1").get_attribute("aria-current") == "true"

    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert barriers(page) == []
    assert refused == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_is_asked_for_once_the_media_have_come_here(
    page: Page, live_server: Any, operator: User, transcript: Transcript, world: World
) -> None:
    sign_in(page, live_server, operator)
    page.goto(live_server.url + transcript.get_absolute_url())
    expect(page.locator("#waveform p, #waveform svg")).to_have_count(0)
    until(page, f"{PLAYER}.error !== null")
    hold(transcript)
    peaks.listen(recording_of(transcript), variant_of(transcript))
    world.work()

    page.evaluate(f"{PLAYER}.load()")

    expect(page.locator("#waveform path")).to_have_count(1)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_is_asked_for_where_the_media_come_before_the_script(
    page: Page, live_server: Any, operator: User, transcript: Transcript, world: World
) -> None:
    held = held_back(page, "**/waveform*.js")
    sign_in(page, live_server, operator)
    page.goto(live_server.url + transcript.get_absolute_url(), wait_until="commit")
    until(page, f"!!{PLAYER}?.error")
    hold(transcript)
    page.evaluate(f"{PLAYER}.load()")
    until(page, IS_READY)
    peaks.listen(recording_of(transcript), variant_of(transcript))
    world.work()

    held[0].continue_()

    expect(page.locator("#waveform path")).to_have_count(1)
