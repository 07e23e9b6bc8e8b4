"""The shape of the sound: heard in the copy that lies here, kept beside it, gone with the recording."""

import io
import json
import math
import uuid
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from recordings import copies, peaks
from recordings.models import Account, Errand, Recording
from recordings.peaks import MOST, Hearing, known, listen
from recordings.providers.snapshots import Status
from tests.world import World

pytest.importorskip("av", reason="the waveform is an extra")


@pytest.fixture
def recording(account: Account) -> Recording:
    return Recording.objects.create(
        account=account, external_id="rec-1", status=Status.COMPLETED, sort_at=timezone.now()
    )


@pytest.fixture(autouse=True)
def fresh(world: World) -> Iterator[None]:
    yield
    for path in copies.folder().iterdir():
        path.unlink()


def sound(*loudness: float, rate: int = 16_000) -> bytes:
    """A tone of a second for each, as a wave file; 1 is as loud as can be."""
    samples = array("h")
    for loud in loudness:
        samples.extend(int(32_000 * loud * math.sin(number / 5)) for number in range(rate))
    file = io.BytesIO()
    with wave.open(file, "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(rate)
        sink.writeframes(samples.tobytes())
    return file.getvalue()


def hold(recording: Recording, content: bytes, content_type: str = "audio/wav") -> Path:
    partial = copies.new_partial()
    partial.write_bytes(content)
    copies.place(partial, recording.key, "wav", content_type)
    return copies.find(recording.key, "wav").path  # type: ignore[union-attr]


def beside() -> list[Path]:
    return list(copies.folder().glob(f"{copies.BESIDE}*"))


def errands() -> list[Errand]:
    return list(Errand.objects.filter(kind=peaks.KIND))


def test_loud_and_quiet_seconds_are_told_apart(recording: Recording, world: World) -> None:
    hold(recording, sound(1, 0, 0.25))

    assert listen(recording, "wav")
    world.work()

    found = known(recording.key, "wav")
    assert found is not None
    assert found.seconds == pytest.approx(3, abs=0.2)
    loud, silent, quiet = found.values[2:8], found.values[12:18], found.values[22:28]
    assert min(loud) > 110
    assert max(silent) < 5
    assert 20 < min(quiet) <= max(quiet) < 45


def test_it_is_heard_once_and_asked_for_once(recording: Recording, world: World) -> None:
    hold(recording, sound(1))
    listen(recording, "wav")
    listen(recording, "wav")

    world.work()
    [path] = beside()
    path.write_text(json.dumps({"seconds": 1, "values": [7]}))
    listen(recording, "wav")
    world.work()

    assert [each.state for each in errands()] == [Errand.State.DONE] * 2
    assert known(recording.key, "wav") == peaks.Peaks(seconds=1, values=(7,))


def test_long_one_goes_on_where_it_was(
    recording: Recording, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(recording, sound(1, 0, 0.5, 0))
    listen(recording, "wav")
    world.work()
    at_once = known(recording.key, "wav")
    beside()[0].unlink()
    monkeypatch.setattr(peaks, "STEP_SECONDS", 0.0)

    listen(recording, "wav")
    world.work(rounds=200)

    in_steps = known(recording.key, "wav")
    assert max(each.step for each in errands()) > 5
    assert at_once is not None
    assert in_steps is not None
    assert in_steps.seconds == pytest.approx(at_once.seconds, abs=0.5)
    assert min(in_steps.values[2:8]) > 110
    assert max(in_steps.values[-5:]) < 5


def test_what_is_not_held_here_is_not_heard(recording: Recording) -> None:
    assert not listen(recording, "wav")
    assert not listen(recording, "../../x")
    assert known(recording.key, "wav") is None
    assert errands() == []


def test_without_the_library_nothing_is_asked_for(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(recording, sound(1))
    monkeypatch.setattr(peaks, "can_be_heard", lambda: False)

    assert not listen(recording, "wav")
    assert errands() == []


NOTHING = {
    "no sound at all": b"not a sound",
    "empty": b"",
    "list of other files": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n",
    "picture": bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
        "0000000049454e44ae426082"
    ),
}


@pytest.mark.parametrize("content", NOTHING.values(), ids=NOTHING)
def test_what_cannot_be_heard_is_kept_as_such(recording: Recording, world: World, content: bytes) -> None:
    hold(recording, content)

    listen(recording, "wav")
    world.work()

    assert known(recording.key, "wav") == peaks.Peaks()
    assert [each.state for each in errands()] == [Errand.State.DONE]


def test_film_without_sound_has_none(recording: Recording, world: World) -> None:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as film:
        stream = film.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 16
        for frame in (av.VideoFrame(16, 16, "yuv420p"), None):
            film.mux(stream.encode(frame))
    hold(recording, file.getvalue(), "video/mp4")

    listen(recording, "wav")
    world.work()

    assert known(recording.key, "wav") == peaks.Peaks()


def test_file_that_breaks_off_is_heard_until_there(recording: Recording, world: World) -> None:
    whole = sound(1, 1, 1)
    hold(recording, whole[: len(whole) // 2])

    listen(recording, "wav")
    world.work()

    found = known(recording.key, "wav")
    assert found is not None
    assert found.seconds == pytest.approx(1.5, abs=0.2)


def test_deleting_takes_it_along(recording: Recording, world: World) -> None:
    other = Recording.objects.create(account=recording.account, sort_at=timezone.now())
    for each in (recording, other):
        hold(each, sound(1))
        listen(each, "wav")
    world.work()

    copies.forget(recording.key)

    assert [path.name for path in beside()] == [f"{copies.BESIDE}{other.key}.wav"]
    assert known(recording.key, "wav") is None
    assert known(other.key, "wav") is not None


def test_deleted_while_it_was_heard_leaves_nothing(recording: Recording, world: World) -> None:
    hold(recording, sound(1))
    listen(recording, "wav")
    Recording.objects.filter(pk=recording.pk).update(is_buried=True)

    world.work()

    assert beside() == []


def test_copy_that_made_room_leaves_nothing_to_hear(recording: Recording, world: World) -> None:
    path = hold(recording, sound(1))
    listen(recording, "wav")
    path.unlink()

    world.work()

    assert beside() == []
    assert [each.state for each in errands()] == [Errand.State.DONE]


def test_file_that_kills_its_worker_is_left_alone(recording: Recording, world: World) -> None:
    hold(recording, sound(1))
    listen(recording, "wav")
    Errand.objects.update(deaths=3)

    world.work()

    assert [each.state for each in errands()] == [Errand.State.FAILED]
    assert known(recording.key, "wav") == peaks.Peaks()


def test_errand_about_nothing_is_done(account: Account, world: World) -> None:
    key = uuid.uuid4()
    Errand.objects.create(account=account, kind=peaks.KIND, subject=f"{key} wav", due_at=timezone.now())
    world.work()

    peaks.give_up(errands()[0], "")

    assert [each.state for each in errands()] == [Errand.State.DONE]
    assert beside() == []


def test_values_become_no_more_than_the_eye_can_use() -> None:
    heard = Hearing()

    for number in range(2 * MOST - 1):
        heard.add(100 if number == 1_000 else number % 50)
    before = heard.seconds
    heard.add(0)

    assert (before, heard.seconds) == (pytest.approx(199.9), pytest.approx(200))
    assert (len(heard.values), heard.window) == (MOST, 2 * peaks.WINDOW)
    assert heard.values[498:502] == [47, 49, 100, 3]


def test_packet_that_is_broken_is_left_out(recording: Recording, world: World, monkeypatch: Any) -> None:
    from av.error import InvalidDataError

    hold(recording, sound(1))
    decode, broken = peaks._frames, []

    class Broken:
        def decode(self) -> None:
            broken.append(True)
            raise InvalidDataError(1, "broken")

    def frames(packet: Any) -> Any:
        return decode(packet) if broken else decode(Broken())

    monkeypatch.setattr(peaks, "_frames", frames)
    listen(recording, "wav")
    world.work()

    found = known(recording.key, "wav")
    assert broken
    assert found is not None
    assert found.values
