import json
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.daily import deepgram, texts
from recordings.providers.errors import NotFound, Refused, Unavailable
from recordings.providers.snapshots import Status
from tests.providers.daily_account import (
    JOB,
    RECORDING,
    TRANSCRIPT,
    Account,
    answering,
    body,
    fixture,
    recording_ref,
    says,
    transcript_ref,
)

LIVE_LINK = f"/transcript/{TRANSCRIPT}/access-link"
JOB_LINK = f"/batch-processor/{JOB}/access-link"
FILE = "/daily-storage/fernweh/my-room/1733234933414.vtt"
BATCH = transcript_ref(JOB, kind="batch")


@pytest.fixture
def account():
    return Account()


def job_file(kind):
    return f"/daily-storage/fernweh/{JOB}/transcript/transcript.{kind}"


def job_answers(**files):
    """A finished job whose files are as given; the others are the fixtures'."""
    named = {kind: files.get(kind, httpx.Response(200, content=body(f"batch.{kind}"))) for kind in _KINDS}
    return {
        ("GET", JOB_LINK): says(fixture("api.batch-processor.access-link")),
        **{("GET", job_file(kind)): answer for kind, answer in named.items()},
    }


_KINDS = ("json", "txt", "srt", "vtt")


# Live transcripts.


@pytest.mark.parametrize("key", ["link", "download_link"])
def test_the_words_of_a_live_transcript_with_their_speakers(account, key):
    account.simulator.switch(transcript_link_key=key)
    transcript = account.transcribed()

    found = account.adapter.fetch_text(transcript)

    assert found.utterances[0].speaker == "Nora Quillby"
    assert len(found.utterances) < found.files[0].content.count(b"-->")  # short cues are joined
    assert (found.files[0].name, found.problem, found.note) == ("transcript.vtt", "", "")
    stored = next(iter(account.simulator.storage.objects.values()))
    assert found.files[0].content == stored.content()


def test_the_key_is_not_sent_to_storage(account):
    account.adapter.fetch_text(account.transcribed())

    last = account.simulator.requests[-1]
    assert last.path.startswith("/daily-storage/")
    assert "authorization" not in last.headers


@pytest.mark.parametrize("as_what", ["link", "status"])
def test_a_live_transcript_that_was_not_stored_is_empty_and_says_why(account, as_what):
    account.simulator.switch(not_stored_as=as_what)
    call = account.call(properties={"enable_transcription_storage": False})
    transcript = account.transcribed(call)

    found = account.adapter.fetch_text(transcript)

    assert (found.utterances, found.files) == ((), ())
    assert "did not store" in found.note


def test_a_file_with_nothing_in_it_is_empty():
    answers = {
        ("GET", LIVE_LINK): says(fixture("api.transcript.access-link")),
        ("GET", FILE): httpx.Response(200, content=body("live.empty.vtt")),
    }
    adapter, _ = answering(answers)

    found = adapter.fetch_text(transcript_ref())

    assert found.utterances == ()
    assert "no words" in found.note
    assert found.files[0].content == body("live.empty.vtt")


@pytest.mark.parametrize("name", ["live.vtt", "live.standard.vtt"])
def test_the_voices_of_live_files(name):
    found = texts.read_file("vtt", body(name))

    assert [(said.speaker, said.text) for said in found.utterances] == [
        ("Ana Silva", "Good morning"),
        ("Bruno", "Morning"),
    ]
    assert found.utterances[0].start == 45.588


def test_a_hostile_file_is_read_all_the_same():
    found = texts.read_file("vtt", body("live.hostile.vtt"))

    assert found.utterances[0].speaker == "Dr: <b>Who</b>"
    assert found.utterances[1].text == "nobody's name"
    assert len(found.utterances) == 6


def test_a_sentence_in_the_place_of_the_link_is_told():
    adapter, _ = answering({("GET", LIVE_LINK): says({"link": "The transcript is not available."})})

    with pytest.raises(
        Unavailable, match=r"no link to the text. Daily says: The transcript is not available"
    ):
        adapter.fetch_text(transcript_ref())


@pytest.mark.parametrize(
    "answer", [{}, {"link": None}, {"link": 3}, {"link": "ftp://x/y"}, {"link": "https://[x"}]
)
def test_a_link_that_is_none_is_not_followed(answer):
    adapter, asked = answering({("GET", LIVE_LINK): says(answer)})

    with pytest.raises(Unavailable):
        adapter.fetch_text(transcript_ref())

    assert len(asked) == 1


def test_a_link_that_is_not_https_is_not_followed():
    adapter, asked = answering({("GET", LIVE_LINK): says({"link": "http://storage.test/file"})})

    with pytest.raises(Refused):
        adapter.fetch_text(transcript_ref())

    assert len(asked) == 1


@pytest.mark.parametrize(("status", "error"), [(404, NotFound), (403, Unavailable), (500, Unavailable)])
def test_a_file_that_storage_does_not_give(status, error):
    answers = {
        ("GET", LIVE_LINK): says(fixture("api.transcript.access-link")),
        ("GET", FILE): httpx.Response(status, text="<Error/>"),
    }
    adapter, _ = answering(answers)

    with pytest.raises(error, match=f"HTTP {status}"):
        adapter.fetch_text(transcript_ref())


def test_a_bucket_without_api_access_is_no_fault_of_the_key(account):
    bucket = {"bucket_name": "ours", "bucket_region": "eu-west-1", "allow_api_access": False}
    transcript = account.transcribed(account.call(properties={"transcription_bucket": bucket}))

    with pytest.raises(Refused, match="API access") as caught:
        account.adapter.fetch_text(transcript)

    assert type(caught.value) is Refused


# Jobs.


def test_the_words_of_a_job_with_times_and_speakers(account):
    transcript = account.job()

    found = account.adapter.fetch_text(transcript)

    first = found.utterances[0]
    assert first.speaker == "Speaker 0"
    assert first.words[0].start == first.start
    assert [file.name for file in found.files] == [
        f"transcript.{kind}" for kind in ("json", "txt", "vtt", "srt")
    ]
    assert (found.problem, found.note) == ("", "")
    for file in found.files:
        assert any(file.content == each.content() for each in account.simulator.storage.objects.values())


def test_a_summary_is_text_of_its_own(account):
    found = account.adapter.fetch_text(account.job(preset="summarize"))

    assert found.utterances[0].text.startswith("Summary:")
    assert found.utterances[0].speaker == ""
    assert [file.name for file in found.files] == ["summary.txt"]


def test_a_job_that_is_not_finished_has_no_words(account):
    account.perform("transcript.order", recording=account.finished())
    ident = account.simulator.effects("submit_job")[0].result

    with pytest.raises(Refused, match="not finished"):
        account.adapter.fetch_text(replace(BATCH, external_id=ident))


def test_a_transcript_of_unknown_kind_is_looked_for_in_both(account):
    live, job = account.transcribed(), account.job()

    for transcript in (live, job):
        assert account.adapter.fetch_text(replace(transcript, kind="")).utterances


def test_a_file_that_cannot_be_read_is_kept_and_the_next_best_is_read():
    adapter, _ = answering(job_answers(json=httpx.Response(200, content=b"{broken")))

    found = adapter.fetch_text(BATCH)

    assert found.utterances[0].speaker == "Speaker 0"
    assert found.utterances[0].start is None
    assert "transcript.json: Daily's file is not the JSON" in found.problem
    assert found.files[0].content == b"{broken"


def test_a_file_that_is_not_there_is_passed_over():
    missing = httpx.Response(404)
    adapter, _ = answering(job_answers(json=missing, txt=missing))

    found = adapter.fetch_text(BATCH)

    assert found.utterances[0].start == 0.32
    assert [file.name for file in found.files] == ["transcript.vtt", "transcript.srt"]
    assert "HTTP 404" in found.problem


def test_the_best_file_is_waited_for():
    adapter, asked = answering(job_answers(json=httpx.Response(500)))

    with pytest.raises(Unavailable):
        adapter.fetch_text(BATCH)

    assert len(asked) == 2


def test_a_lesser_file_that_fails_is_told():
    adapter, _ = answering(job_answers(srt=httpx.Response(500)))

    found = adapter.fetch_text(BATCH)

    assert found.utterances[0].words
    assert "HTTP 500" in found.problem


def test_when_no_file_can_be_read_it_is_kept():
    missing = dict.fromkeys(("txt", "vtt", "srt"), httpx.Response(404))
    adapter, _ = answering(job_answers(json=httpx.Response(200, content=b"{"), **missing))

    found = adapter.fetch_text(BATCH)

    assert found.utterances == ()
    assert [file.content for file in found.files] == [b"{"]
    assert (found.note, "transcript.json:" in found.problem) == ("", True)


@pytest.mark.parametrize("outputs", [None, [], "no list"])
def test_a_job_without_files_is_an_error(outputs):
    adapter, _ = answering({("GET", JOB_LINK): says({"id": JOB, "transcription": outputs})})

    with pytest.raises(Unavailable, match="names no file"):
        adapter.fetch_text(BATCH)


def test_a_job_whose_files_are_all_gone_is_an_error():
    gone = dict.fromkeys(_KINDS, httpx.Response(404))
    adapter, _ = answering(job_answers(**gone))

    with pytest.raises(Unavailable, match="HTTP 404"):
        adapter.fetch_text(BATCH)


@pytest.mark.parametrize(
    ("name", "file"), [("../x", "transcript.txt"), ("docx", "transcript.docx"), (3, "transcript.3")]
)
def test_a_format_that_nobody_knows_is_read_as_text_under_a_safe_name(name, file):
    answers = {
        ("GET", JOB_LINK): says({"transcription": [{"format": name, "link": "https://storage.test/f"}]}),
        ("GET", "/f"): httpx.Response(200, content=b"Speaker 0: Hello"),
    }
    adapter, _ = answering(answers)

    found = adapter.fetch_text(BATCH)

    assert found.files[0].name == file
    assert found.files[0].content_type == "text/plain"
    assert found.utterances[0].text == "Hello"


def test_silence_is_an_empty_transcript():
    silence = json.dumps({"results": {"channels": [{"alternatives": [{"transcript": "", "words": []}]}]}})
    adapter, _ = answering(job_answers(json=httpx.Response(200, content=silence.encode())))

    found = adapter.fetch_text(BATCH)

    assert (found.utterances, found.problem) == ((), "")
    assert "no words" in found.note


def test_letters_that_no_database_keeps_are_left_out_of_the_words_only():
    content = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v>A:</v>x\x00y\n"

    assert texts.read_file("vtt", content).utterances[0].text == "xy"


def test_bytes_that_are_no_utf8_are_told():
    found = texts.read_file("txt", b"Speaker 0: caf\xe9")

    assert found.utterances[0].text == "café"
    assert "not UTF-8" in found.problem


# Deepgram's answer.


def words(*spoken):
    names = ("punctuated_word", "start", "end", "speaker")
    return [dict(zip(names, word, strict=True)) for word in spoken]


def channels(*each):
    alternatives = [{"alternatives": [{"words": said}]} for said in each]
    return json.dumps({"results": {"channels": alternatives}})


def test_an_utterance_ends_where_the_speaker_changes_or_pauses():
    said = words(("A", 0, 1, 0), ("b.", 1.5, 2, 0), ("C", 2.1, 3, 1), ("D", 6, 7, 1))

    found = deepgram.read(channels(said)).utterances

    assert [(each.text, each.speaker, each.start, each.end) for each in found] == [
        ("A b.", "Speaker 0", 0.0, 2.0),
        ("C", "Speaker 1", 2.1, 3.0),
        ("D", "Speaker 1", 6.0, 7.0),
    ]
    assert found[0].channel is None


def test_channels_are_read_side_by_side():
    found = deepgram.read(channels(words(("late", 5, 6, 0)), words(("early", 1, 2, 0)))).utterances

    assert [(each.text, each.channel) for each in found] == [("early", 1), ("late", 0)]


def test_the_fixture_of_a_job():
    found = deepgram.read(body("batch.json").decode())

    assert [(each.speaker, each.text) for each in found.utterances] == [
        ("Speaker 0", "Good morning."),
        ("Speaker 1", "Morning, Ana."),
    ]
    assert found.utterances[0].confidence == pytest.approx(0.98)


def test_words_without_times_speakers_and_points():
    content = channels(
        [{"word": "hello"}, {"word": ""}, None, {"word": "you", "start": "x", "confidence": None}]
    )

    found = deepgram.read(content).utterances[0]

    assert (found.text, found.speaker, found.start, found.confidence) == ("hello you", "", None, None)


def test_text_without_words_is_one_utterance():
    content = {"results": {"channels": [{"alternatives": [{"transcript": "Hello", "confidence": 0.5}]}]}}

    found = deepgram.read(json.dumps(content)).utterances

    assert [(each.text, each.confidence) for each in found] == [("Hello", 0.5)]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"results": []}', '{"results": {"channels": {}}}', "[" * 100_000]
)
def test_what_is_no_answer_of_deepgram_is_a_problem(content):
    found = deepgram.read(content)

    assert found.utterances == ()
    assert found.problem


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["results", "channels", "alternatives", "words", "word", "start", "end", "speaker"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(_JSON)
def test_no_json_breaks_the_reader(value):
    inside = {"results": {"channels": [{"alternatives": [{"words": value, "transcript": value}]}, value]}}

    deepgram.read(json.dumps(value))
    found = deepgram.read(json.dumps(inside))

    assert all(said.text for said in found.utterances)


@given(st.binary(max_size=200), st.sampled_from(["json", "txt", "vtt", "srt"]))
def test_no_bytes_break_the_reader(content, kind):
    found = texts.read_file(kind, content)

    assert all("\0" not in said.text for said in found.utterances)


# Media.


@pytest.mark.parametrize(
    ("recording", "names"),
    [
        (recording_ref(), ["video"]),
        (recording_ref(handle={"type": "cloud"}), ["video"]),
        (recording_ref(handle={"type": "cloud-audio-only"}), ["audio"]),
        (recording_ref(handle={"type": "raw-tracks"}), []),
        (recording_ref(status=Status.IN_PROGRESS), []),
        (recording_ref(""), []),
    ],
)
def test_the_forms_of_media(account, recording, names):
    assert [variant.name for variant in account.adapter.variants(recording)] == names


def test_a_file_is_behind_a_link_of_an_hour_without_our_key(account):
    recording = account.finished()

    media = account.adapter.media(recording, "video")

    answer = account.connection.links.read(media.url)
    assert answer.status == 200
    assert media.headers == {}
    assert (media.content_type, media.filename) == ("video/mp4", f"{recording.external_id}.mp4")
    assert (media.expires_at - account.now()).total_seconds() == pytest.approx(3600, abs=1)
    assert media.has_ranges


@pytest.mark.parametrize(
    ("container", "content_type", "ending"), [("mp4", "audio/mp4", "m4a"), ("mp3", "audio/mpeg", "mp3")]
)
def test_sound_is_what_its_first_bytes_say(account, container, content_type, ending):
    account.simulator.switch(audio_only_container=container)
    call = account.call(properties={"enable_recording": "cloud-audio-only"})
    recording = account.finished(call, type="cloud-audio-only")

    media = account.adapter.media(recording, "audio")

    assert media.content_type == content_type
    assert media.filename == f"{recording.external_id}.{ending}"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403),
        httpx.Response(200, content=b""),
        httpx.Response(302, headers={"location": "http://plain.test/"}),
    ],
)
def test_sound_that_cannot_be_looked_at_is_what_the_documentation_says(answer):
    link = "https://storage.test/f"
    answers = {
        ("GET", f"/recordings/{RECORDING}/access-link"): says({"download_link": link}),
        ("GET", "/f"): answer,
    }
    adapter, _ = answering(answers)

    media = adapter.media(recording_ref(handle={"type": "cloud-audio-only"}), "audio")

    assert (media.content_type, media.expires_at) == ("audio/mp4", None)


def test_webm_is_told_apart():
    answers = {
        ("GET", f"/recordings/{RECORDING}/access-link"): says({"download_link": "https://storage.test/f"}),
        ("GET", "/f"): httpx.Response(200, content=b"\x1aE\xdf\xa3 and more"),
    }
    adapter, _ = answering(answers)

    media = adapter.media(recording_ref(handle={"type": "cloud-audio-only"}), "audio")

    assert media.filename == f"{RECORDING}.webm"


def test_a_sentence_instead_of_a_file_is_told():
    path = f"/recordings/{RECORDING}/access-link"
    adapter, _ = answering({("GET", path): says(fixture("api.recording.access-link.sentence"))})

    with pytest.raises(Unavailable, match="could not be found in the bucket"):
        adapter.media(recording_ref(), "video")


def test_a_file_of_a_deleted_recording_is_gone(account):
    with pytest.raises(NotFound):
        account.adapter.media(recording_ref(), "video")
