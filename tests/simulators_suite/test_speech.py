"""The spoken conversations: whole files, small, with the words where the audio has them."""

import struct
from itertools import pairwise
from math import sqrt

import pytest

from tests.simulators import speech

EVERY = speech.conversations()
WITH_WAV = [each for each in EVERY if (speech.FOLDER / f"{each.slug}.wav").exists()]
TOLERANCE = 0.15  # seconds: codecs pad

every = pytest.mark.parametrize("conversation", EVERY, ids=lambda each: each.slug)
with_wav = pytest.mark.parametrize("conversation", WITH_WAV, ids=lambda each: each.slug)


def test_the_folder_stays_small():
    assert sum(path.stat().st_size for path in speech.FOLDER.iterdir() if path.is_file()) < 1_000_000


def test_six_conversations_shortest_first():
    durations = [each.duration_seconds for each in EVERY]
    assert len({each.slug for each in EVERY}) == 6
    assert durations == sorted(durations)
    assert all(15 <= duration <= 45 for duration in durations)


def test_the_two_shortest_have_wav_and_numbers_go_round():
    assert list(EVERY[:2]) == WITH_WAV
    assert speech.conversation(7) == EVERY[1]
    assert speech.with_wav(2) == EVERY[0]


def test_one_turn_speaks_into_the_one_before():
    pairs = [pair for each in EVERY for pair in pairwise(each.turns)]
    overlaps = [(before, after) for before, after in pairs if after.start < before.end]
    assert len(overlaps) == 1
    assert overlaps[0][0].speaker != overlaps[0][1].speaker


@every
def test_words_follow_each_other_inside_the_audio(conversation):
    assert len(conversation.speakers) == len({turn.speaker for turn in conversation.turns})
    assert [turn.start for turn in conversation.turns] == sorted(t.start for t in conversation.turns)
    for turn in conversation.turns:
        assert 0 <= turn.speaker < len(conversation.speakers)
        assert turn.text.split() == [word.text for word in turn.words]
        assert turn.text[-1] in ".?!"
        for word in turn.words:
            assert 0 <= word.start < word.end <= conversation.duration_seconds
            assert 0.02 < word.end - word.start < 1.5
        for before, after in pairwise(turn.words):
            assert before.end <= after.start


@every
def test_mp3_lasts_as_long_as_it_says(conversation):
    _, *frames = mp3_frames(conversation.audio("mp3"))  # the first describes the file
    assert {frame[0] for frame in frames} == {16_000}  # bit rate: constant
    assert {frame[1] for frame in frames} == {22_050}
    assert len(frames) * 576 / 22_050 == pytest.approx(conversation.duration_seconds, abs=TOLERANCE)


@every
def test_mp4_lasts_as_long_as_it_says_and_begins_with_its_index(conversation):
    boxes = mp4_boxes(conversation.audio("mp4"))
    kinds = list(boxes)
    assert kinds[0] == b"ftyp"
    assert kinds.index(b"moov") < kinds.index(b"mdat")
    header = mp4_boxes(boxes[b"moov"])[b"mvhd"]
    scale, duration = struct.unpack_from(">II", header, 12)
    assert duration / scale == pytest.approx(conversation.duration_seconds, abs=TOLERANCE)


@with_wav
def test_wav_has_a_speaker_on_each_channel(conversation):
    left, right = wav_channels(conversation.audio("wav"))
    assert len(left) == len(right)
    assert len(left) / 8000 == pytest.approx(conversation.duration_seconds, abs=TOLERANCE)
    assert len(conversation.speakers) == 2


@with_wav
@pytest.mark.parametrize("speaker", [0, 1], ids=["left", "right"])
def test_words_are_heard_where_they_are_written(conversation, speaker):
    samples = wav_channels(conversation.audio("wav"))[speaker]
    quietest, pauses = energy(samples, words_of(conversation, speaker))
    assert quietest > 20 * pauses


@with_wav
@pytest.mark.parametrize("speaker", [0, 1], ids=["left", "right"])
@pytest.mark.parametrize("late", [-0.05, 0.05])
def test_words_a_twentieth_of_a_second_off_would_be_noticed(conversation, speaker, late):
    samples = wav_channels(conversation.audio("wav"))[speaker]
    moved = [(start + late, end + late) for start, end in words_of(conversation, speaker)]
    quietest, pauses = energy(samples, moved)
    assert quietest < 20 * pauses


def words_of(conversation, speaker):
    turns = [turn for turn in conversation.turns if turn.speaker == speaker]
    return [(word.start, word.end) for turn in turns for word in turn.words]


def energy(samples, words):
    """The loudness of the quietest word and that of all that is no word."""
    paused = [True] * len(samples)
    levels = []
    for start, end in words:
        heard = slice(round(start * 8000), round(end * 8000))
        levels.append(rms(samples[heard]))
        paused[heard] = [False] * (heard.stop - heard.start)
    silence = [sample for sample, pause in zip(samples, paused, strict=True) if pause]
    return min(levels), rms(silence)


def rms(samples):
    return sqrt(sum(sample * sample for sample in samples) / len(samples))


def wav_channels(content):
    """Both channels of a mu-law file at 8 kHz; the wave module knows plain PCM only."""
    assert content[:4] == b"RIFF"
    assert content[8:12] == b"WAVE"
    chunks, at = {}, 12
    while at + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, at)
        chunks[kind] = content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    coding, channels, rate = struct.unpack_from("<HHI", chunks[b"fmt "])
    assert (coding, channels, rate) == (7, 2, 8000)
    data = chunks[b"data"]
    return [MU_LAW[code] for code in data[0::2]], [MU_LAW[code] for code in data[1::2]]


def mu_law(code):
    code = ~code & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 0x07)) - 0x84
    return -size if code & 0x80 else size


MU_LAW = [mu_law(code) for code in range(256)]


def mp3_frames(content):
    """Bit rate and sample rate of every frame: MPEG 2, layer III, mono."""
    frames, at = [], 0
    while at + 4 <= len(content):
        first, second, third, fourth = content[at : at + 4]
        assert (first, second & 0xFE) == (0xFF, 0xF2), f"no frame at {at}"
        assert fourth >> 6 == 3  # one channel
        bits = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)[third >> 4] * 1000
        rate = (22_050, 24_000, 16_000)[third >> 2 & 3]
        frames.append((bits, rate))
        at += 72 * bits // rate + (third >> 1 & 1)
    return frames


def mp4_boxes(content):
    """The boxes of one level by their kind, in the order of the file."""
    boxes, at = {}, 0
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        assert size >= 8
        boxes[kind] = content[at + 8 : at + size]
        at += size
    return boxes
