"""The Daily simulator against its contract: live transcripts."""

import re

import pytest

from tests.simulators import speech
from tests.simulators_suite.daily_client import Client

OURS = "0f6d2c3b-4a5e-4f60-8b7a-9c8d7e6f5a4b"


@pytest.fixture
def daily():
    return Client()


@pytest.fixture
def room(daily):
    return daily.simulator.place_call("Weekly review")


def _text(daily, ident, key="link"):
    link = daily.get(f"/transcript/{ident}/access-link")[1][key]
    return daily.fetch(link).body.decode()


def test_start_is_sent_and_the_transcript_comes_later(daily, room):
    options = {"language": "en", "model": "nova-2-general", "instanceId": OURS, "redact": ["pci"]}

    answer = daily.post(f"/rooms/{room}/transcription/start", options)
    at_once = daily.get("/transcript")[1]["total_count"]
    daily.simulator.advance(2)
    row = daily.get("/transcript")[1]["data"][0]

    assert answer == (200, {"sent": "true"})
    assert at_once == 0
    assert (row["status"], row["isVttAvailable"], row["error"]) == ("t_in_progress", False, None)
    assert "room_name" not in row
    assert "outParams" not in row
    assert row["roomId"] == daily.get(f"/rooms/{room}")[1]["id"]
    effect = daily.simulator.effects("start_transcription")[0]
    assert (effect.subject, effect.result, effect.details) == (room, OURS, options)


def test_text_is_the_conversation_word_for_word_with_daily_voice_tags(daily):
    ident = daily.transcribed()
    spoken = speech.conversation(0)

    text = _text(daily, ident)
    cues = re.findall(r"<v>([^<]*):</v>(.*)", text)

    assert text.startswith("WEBVTT\n\ntranscript:0\n00:00:")
    assert " ".join(words for _, words in cues) == spoken.text
    assert {name for name, _ in cues} == set(spoken.speakers)
    assert len(cues) > len(spoken.turns), "speech is cut into short cues"
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}$", text, re.MULTILINE)


def test_text_may_be_standard(daily):
    daily.simulator.switch(standard_vtt=True)

    text = _text(daily, daily.transcribed())

    assert re.search(r"^<v [^>]+>[^<]+</v>$", text, re.MULTILINE)


def test_speakers_bear_the_names_of_the_participants(daily):
    room = daily.simulator.place_call(participants=["Pip", "Juno: the second"])

    text = _text(daily, daily.transcribed(room))

    assert set(re.findall(r"<v>(.*):</v>", text)) == {"Pip", "Juno: the second"}


def test_only_the_chosen_participants_are_heard(daily, room):
    first = daily.get("/presence")[1][room][0]

    text = _text(daily, daily.transcribed(room, participants=[first["id"]]))

    assert set(re.findall(r"<v>(.*):</v>", text)) == {first["userName"]}


@pytest.mark.parametrize(
    "options",
    [
        {"profanityFilter": True},
        {"profanity_filter": "yes"},
        {"language": "not a language"},
        {"endpointing": "300"},
        {"redact": "pci"},
        {"extra": []},
        {"participants": "everyone"},
    ],
)
def test_start_refuses_bad_options(daily, room, options):
    status, body = daily.post(f"/rooms/{room}/transcription/start", options)

    assert (status, body["error"]) == (400, "invalid-request-error")
    assert not daily.simulator.performed


def test_start_refusals(daily, room):
    path = f"/rooms/{room}/transcription/start"
    empty = daily.post("/rooms/none/transcription/start")[0]
    daily.simulator.switch(refuse_transcription="sfu")
    unfit = daily.post(path)
    daily.simulator.switch(refuse_transcription="")
    first = daily.post(path)[0]
    again = daily.post(path)
    other = daily.post(path, {"instanceId": "second"})[0]

    assert (empty, first, other) == (404, 200, 200)
    assert (unfit[0], "SFU" in unfit[1]["info"]) == (400, True)
    assert again[1] == {"error": "invalid-request-error", "info": f"room {room} has an active stream"}


def test_stop_and_update_without_transcription_are_404(daily, room):
    stop, update = (daily.post(f"/rooms/{room}/transcription/{word}") for word in ("stop", "update"))

    assert (stop[0], stop[1]["error"]) == (404, "not-found")
    assert update[0] == 404


def test_stop_finishes_and_the_file_is_there(daily, room):
    daily.post(f"/rooms/{room}/transcription/start", {"instanceId": OURS})
    daily.simulator.advance(30)
    daily.post(f"/rooms/{room}/transcription/stop", {"instanceId": OURS})
    daily.simulator.advance(3)

    row = daily.get("/transcript")[1]["data"][0]

    assert (row["status"], row["isVttAvailable"]) == ("t_finished", True)
    assert row["duration"] == int(speech.conversation(0).duration_seconds)


def test_file_is_flushed_while_it_runs(daily, room):
    daily.post(f"/rooms/{room}/transcription/start")
    daily.simulator.advance(60)
    early = daily.get("/transcript")[1]["data"][0]["isVttAvailable"]
    daily.simulator.advance(70)
    row = daily.get("/transcript")[1]["data"][0]

    assert (early, row["isVttAvailable"], row["status"]) == (False, True, "t_in_progress")
    assert _text(daily, row["transcriptId"]).startswith("WEBVTT")


def test_transcript_of_no_length_is_a_header_alone(daily, room):
    daily.post(f"/rooms/{room}/transcription/start")
    daily.post(f"/rooms/{room}/transcription/stop")
    daily.simulator.advance(10)

    row = daily.get("/transcript")[1]["data"][0]

    assert (row["status"], row["duration"]) == ("t_finished", 0)
    assert _text(daily, row["transcriptId"]) == "WEBVTT\n"


@pytest.mark.parametrize("storage", [False, None])
def test_without_storage_there_is_no_text_ever(daily, storage):
    room = daily.simulator.place_call(properties={"enable_transcription_storage": storage})
    ident = daily.transcribed(room)
    daily.simulator.set_room(room, enable_transcription_storage=True)

    row = daily.get(f"/transcript/{ident}")[1]
    linked = daily.get(f"/transcript/{ident}/access-link")
    daily.simulator.switch(not_stored_as="status")
    refused = daily.get(f"/transcript/{ident}/access-link")

    assert (row["status"], row["isVttAvailable"]) == ("t_finished", False)
    assert (linked[0], "enable_transcription_storage" in linked[1]["link"]) == (200, True)
    assert (refused[0], "enable_transcription_storage" in refused[1]["info"]) == (400, True)


def test_storage_of_the_domain_counts_unless_the_room_says_otherwise(daily):
    daily.simulator.set_domain(enable_transcription_storage=True)
    room = daily.simulator.place_call(properties={"enable_transcription_storage": None})

    ident = daily.transcribed(room)

    assert daily.get(f"/transcript/{ident}")[1]["isVttAvailable"]


@pytest.mark.parametrize("key", ["link", "download_link"])
def test_link_has_either_spelling_and_lives_an_hour(daily, key):
    ident = daily.transcribed()
    daily.simulator.switch(transcript_link_key=key)

    body = daily.get(f"/transcript/{ident}/access-link")[1]
    daily.simulator.advance(3599)
    fresh = daily.fetch(body[key]).status
    daily.simulator.advance(1)

    assert set(body) == {"transcriptId", key}
    assert (fresh, daily.fetch(body[key]).status) == (200, 403)


def test_list_filters_by_room_and_session(daily, room):
    ident = daily.transcribed(room)
    daily.transcribed()
    row = daily.get(f"/transcript/{ident}")[1]

    by_room = daily.get(f"/transcript?roomId={row['roomId']}")[1]
    by_session = daily.get(f"/transcript?mtgSessionId={row['mtgSessionId']}")[1]

    assert [each["transcriptId"] for each in by_room["data"]] == [ident]
    assert by_session["total_count"] == 1
    assert daily.get("/transcript?room_id=x")[0] == 400


def test_empty_list_is_a_404_by_switch(daily):
    plain = daily.get("/transcript")
    daily.simulator.switch(empty_transcripts_404=True)

    assert plain == (200, {"total_count": 0, "data": []})
    assert daily.get("/transcript")[0] == 404


def test_deleted_transcript_stays_listed_without_its_file(daily):
    ident = daily.transcribed()
    link = daily.get(f"/transcript/{ident}/access-link")[1]["link"]

    status, body = daily.delete(f"/transcript/{ident}")
    listed = daily.get("/transcript")[1]["data"]
    again = daily.delete(f"/transcript/{ident}")[0]
    daily.simulator.switch(lists_deleted=False)

    assert (status, body["status"]) == (200, "t_deleted")
    assert [each["status"] for each in listed] == ["t_deleted"]
    assert again == 404
    assert daily.get(f"/transcript/{ident}/access-link")[0] == 404
    assert daily.fetch(link).status == 404
    assert daily.get("/transcript")[1]["data"] == []
    assert daily.get(f"/transcript/{ident}")[0] == 404
