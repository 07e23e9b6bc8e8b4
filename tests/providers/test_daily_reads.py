import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from recordings.providers.daily import DailyAdapter
from recordings.providers.daily.api import Api
from recordings.providers.daily.rooms import FRESH_SECONDS, MOST_REMEMBERED, Rooms
from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    Refused,
    Throttled,
    Unavailable,
    UnexpectedResponse,
)
from recordings.providers.snapshots import CallState, Status
from tests.providers.daily_account import (
    JOB,
    RECORDING,
    TRANSCRIPT,
    Account,
    answering,
    complains,
    fixture,
    says,
)

ALL = {"since": None, "until": None}
ONE_RECORDING = f"/recordings/{RECORDING}"
NOBODY = complains(404, "not-found")


@pytest.fixture
def account():
    return Account()


def recordings_page(*numbers, status="finished"):
    return says({"total_count": 250, "data": [recording_row(number, status) for number in numbers]})


def recording_row(number, status="finished"):
    return {"id": f"r-{number}", "room_name": "my-room", "start_ts": 1_733_000_000 - number, "status": status}


# The account.


def test_a_good_key_is_healthy(account):
    account.simulator.set_domain(enable_recording="cloud", enable_transcription_storage=True)

    health = account.adapter.check()

    assert health.is_healthy
    assert health.details == {"Domain": "fernweh", "Recording": "cloud", "Live transcripts": "kept"}


@pytest.mark.parametrize("domain", ["", "fernweh", "Fernweh.daily.co", "https://fernweh.daily.co/"])
def test_a_domain_may_be_typed_in_many_ways(domain):
    assert Account(domain=domain).adapter.check().is_healthy


def test_a_key_of_another_domain_is_not_healthy():
    health = Account(domain="elsewhere").adapter.check()

    assert not health.is_healthy
    assert "belongs to the Daily domain fernweh" in health.message


def test_a_wrong_key_is_not_healthy():
    health = Account(api_key="wrong").adapter.check()

    assert not health.is_healthy
    assert "does not accept the API key" in health.message


def test_a_domain_that_tells_nothing_is_healthy():
    adapter, _ = answering({("GET", "/"): says({})}, domain="fernweh")

    assert adapter.check().details == {
        "Recording": "set by each room",
        "Live transcripts": "kept where a room says so",
    }


def test_an_address_that_is_not_daily_is_not_healthy():
    adapter, _ = answering({("GET", "/"): httpx.Response(200, html="<h1>Hello</h1>")})

    assert not adapter.check().is_healthy


# Calls.


def test_rooms_with_somebody_in_them_are_live(account):
    call = account.call(participants=["Nora", "", "Tom"], properties={"enable_transcription_storage": False})
    account.simulator.advance(20)

    page = account.adapter.list_calls()

    found = page.items[0]
    assert (found.external_id, found.state, found.title) == (
        call.external_id,
        CallState.LIVE,
        call.external_id,
    )
    assert found.participants == ("Nora", "(no name)", "Tom")
    assert (found.flags["enable_recording"], found.flags["enable_transcription_storage"]) == ("cloud", False)
    assert found.flags["room_id"] == account.simulator.rooms[call.external_id].id
    assert set(found.flags["people"].values()) == {"Nora", "(no name)", "Tom"}
    assert found.started_at == datetime(2024, 12, 3, 14, 9, tzinfo=UTC)
    assert found.details["Live transcripts"] == "not kept"
    assert (page.next_cursor, page.total) == ("", 1)


def test_nothing_else_is_read_while_nobody_is_anywhere(account):
    page = account.adapter.list_calls()

    assert page.items == ()
    assert account.asked() == ["GET /v1/presence"]


def test_a_look_soon_after_reads_no_rooms_again(account):
    account.call()
    account.adapter.list_calls()
    account.simulator.requests.clear()

    account.adapter.list_calls()

    assert account.asked() == ["GET /v1/presence", "GET /v1/meetings"]


def test_a_live_row_does_not_change_by_time_alone(account):
    account.call()
    before = account.adapter.list_calls()
    account.simulator.advance(15)

    assert account.adapter.list_calls() == before


def test_rooms_beyond_the_first_page_are_read_one_by_one(account):
    call = account.call(name="the-first")
    account.simulator.advance(1)
    for number in range(100):
        account.simulator.set_room(f"later-{number}")

    found = account.adapter.list_calls().items[0]

    assert found.external_id == call.external_id
    assert found.flags["enable_recording"] == "cloud"
    assert "GET /v1/rooms/the-first" in account.asked()


def test_live_rooms_are_shown_when_nothing_else_can_be_read(account):
    account.call()
    for path in ("/rooms", "/meetings"):
        account.simulator.fail(kind="refuse", path_contains=path, status=500, times=9)
    account.simulator.fail(kind="refuse", path_contains="/v1/?", status=500)

    found = account.adapter.list_calls().items[0]

    assert found.state is CallState.LIVE
    assert found.started_at is None
    assert set(found.flags) == {"session_id", "people"}


@pytest.mark.parametrize(
    ("domain", "room", "expected"),
    [
        ({}, {}, {"enable_recording": "", "enable_transcription_storage": False}),
        (
            {"enable_recording": "cloud", "enable_transcription_storage": True},
            {},
            {"enable_recording": "cloud", "enable_transcription_storage": True},
        ),
        (
            {"enable_recording": "cloud", "max_streaming_instances_per_room": 3},
            {"enable_recording": "local"},
            {"enable_recording": "local", "enable_transcription_storage": False, "max_instances": 3},
        ),
    ],
)
def test_what_a_room_does_not_say_the_domain_does(account, domain, room, expected):
    account.simulator.set_domain(**domain)
    off = {"enable_recording": None, "enable_transcription_storage": None}
    call = account.call(properties={**off, **room})

    flags = account.adapter.fetch("call", call.external_id)[0].flags

    assert {name: value for name, value in flags.items() if name in expected} == expected


def test_flags_of_a_room_alone_are_known_without_the_domain():
    answers = {
        ("GET", "/rooms/my-room"): says(fixture("api.room")),
        ("GET", "/rooms/my-room/presence"): says({"total_count": 0, "data": []}),
        ("GET", "/"): complains(500, "server-error"),
        ("GET", "/meetings"): complains(500, "server-error"),
    }
    adapter, _ = answering(answers)

    found = adapter.fetch("call", "my-room")[0]

    assert found.flags == {
        "room_id": "9e3c9e1b-6a0f-4a3c-8f57-6c1d2b7e0a11",
        "enable_recording": "cloud",
        "enable_transcription_storage": True,
    }


@pytest.mark.parametrize(
    "answer", [says([]), says({"my-room": None}), says({"": []}), httpx.Response(200, text="no json")]
)
def test_a_presence_that_is_none_is_unexpected(answer):
    adapter, _ = answering({("GET", "/presence"): answer})

    with pytest.raises(UnexpectedResponse):
        adapter.list_calls()


def test_the_fixtures_of_presence():
    answers = {
        ("GET", "/presence"): says({**fixture("api.presence"), "empty": []}),
        ("GET", "/rooms"): says(fixture("api.rooms")),
        ("GET", "/meetings"): says(fixture("api.meetings")),
        ("GET", "/"): says(fixture("api.domain")),
    }
    adapter, _ = answering(answers)

    page = adapter.list_calls()

    assert [item.external_id for item in page.items] == ["my-room"]
    assert page.items[0].participants == ("Nora Quillby", "(no name)")
    assert page.items[0].started_at == datetime.fromtimestamp(1733234925, UTC)


def test_odd_participants_do_no_harm():
    answers = {
        ("GET", "/presence"): says({"my-room": [None, {"userName": 7, "mtgSessionId": 8}]}),
        ("GET", "/rooms"): says({"data": []}),
        ("GET", "/rooms/my-room"): NOBODY,
        ("GET", "/meetings"): says({"data": [{"id": "8", "start_time": "soon"}]}),
        ("GET", "/"): says(fixture("api.domain")),
    }
    adapter, _ = answering(answers)

    found = adapter.list_calls().items[0]

    assert found.participants == ("(no name)", "7")
    assert found.started_at is None


def test_one_room_now(account):
    call = account.call()
    live = account.adapter.fetch("call", call.external_id)[0]
    account.simulator.end_call(call.external_id)
    empty = account.adapter.fetch("call", call.external_id)[0]

    assert (live.state, len(live.participants)) == (CallState.LIVE, 2)
    assert live.started_at is not None
    assert (empty.state, empty.participants) == (CallState.ENDED, ())


def test_a_deleted_room_has_ended(account):
    found = account.adapter.fetch("call", "no-such-room")[0]

    assert (found.state, found.provider_status) == (CallState.ENDED, "unknown room")
    assert "does not know this room" in found.reason


def test_a_room_is_not_over_behind_a_wrong_address():
    adapter, _ = answering({("GET", "/rooms/my-room"): httpx.Response(404, html="<h1>Not here</h1>")})

    with pytest.raises(NotFound):
        adapter.fetch("call", "my-room")


def test_rooms_are_forgotten_before_they_fill_the_memory():
    rooms = Rooms(Api.of(Account().connection))
    for number in range(MOST_REMEMBERED + 1):
        rooms.remember({"id": f"id-{number}", "name": f"room-{number}"})

    assert len(rooms._rooms) == 1
    assert len(rooms._names) == 1


def test_rooms_are_read_again_after_a_minute(account):
    call = account.call()
    now = [0.0]
    rooms = Rooms(Api.of(account.connection), clock=lambda: now[0])
    rooms.named([call.external_id])
    rooms.domain()
    now[0] = FRESH_SECONDS + 1
    account.simulator.set_domain(enable_recording="local")

    rooms.named([call.external_id])

    assert rooms.domain() == {"enable_recording": "local"}
    assert account.asked().count("GET /v1/rooms") == 2


# Recordings.


def test_a_recording_that_runs_and_one_that_is_finished(account):
    recording = account.start(account.call())
    running = account.adapter.list_recordings(**ALL).items[0]
    account.simulator.end_call(recording.call.external_id)
    account.simulator.advance(10)
    finished = account.adapter.list_recordings(**ALL).items[0]

    assert (running.external_id, running.status) == (recording.external_id, Status.IN_PROGRESS)
    assert running.duration_seconds is None
    assert (finished.status, finished.provider_status) == (Status.COMPLETED, "finished")
    assert finished.duration_seconds > 0
    assert finished.call_external_id == recording.call.external_id
    assert finished.key == ""


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("api.recording", Status.COMPLETED, ""),
        ("api.recording.in-progress", Status.IN_PROGRESS, ""),
        ("api.recording.canceled", Status.FAILED, "nothing was kept"),
        ("api.recording.raw-tracks", Status.COMPLETED, ""),
        ("api.recording.custom-bucket", Status.COMPLETED, ""),
    ],
)
def test_every_word_for_a_recording(name, status, reason):
    row = fixture(name)
    adapter, _ = answering({("GET", f"/recordings/{row['id']}"): says(row)})

    found = adapter.fetch("recording", row["id"])[0]

    assert (found.status, found.provider_status) == (status, row["status"])
    assert reason in found.reason
    assert "ntDCL5k98Ulq" not in repr(found)


def test_an_unknown_word_for_a_recording_is_kept_beside_our_status():
    adapter, _ = answering({("GET", ONE_RECORDING): says({"id": RECORDING, "status": "archived"})})

    found = adapter.fetch("recording", RECORDING)[0]

    assert (found.status, found.provider_status) == (None, "archived")


def test_a_recording_that_tells_next_to_nothing():
    row = {"id": RECORDING, "status": None, "duration": "-1", "start_ts": "soon", "tracks": {}, "s3": []}
    adapter, _ = answering({("GET", ONE_RECORDING): says(row)})

    found = adapter.fetch("recording", RECORDING)[0]

    assert (found.status, found.started_at, found.duration_seconds) == (None, None, None)
    assert found.handle == {}


def test_a_recording_of_no_length_says_so():
    adapter, _ = answering(
        {("GET", ONE_RECORDING): says({"id": RECORDING, "status": "finished", "duration": 0})}
    )

    found = adapter.fetch("recording", RECORDING)[0]

    assert found.status is Status.COMPLETED
    assert "no length" in found.reason


def test_numbers_may_be_text():
    row = {"id": RECORDING, "status": "finished", "duration": "9", "start_ts": "1692124183"}
    adapter, _ = answering({("GET", ONE_RECORDING): says(row)})

    found = adapter.fetch("recording", RECORDING)[0]

    assert found.duration_seconds == 9.0
    assert found.started_at == datetime.fromtimestamp(1692124183, UTC)


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("api.recording.raw-tracks", {"type": "raw-tracks", "bucket": "customer-recordings"}),
        ("api.recording.custom-bucket", {"bucket": "customer-recordings"}),
    ],
)
def test_what_playing_and_stopping_need(name, handle):
    row = {**fixture(name), "mtgSessionId": None}
    adapter, _ = answering({("GET", f"/recordings/{row['id']}"): says(row)})

    assert adapter.fetch("recording", row["id"])[0].handle == handle


def test_a_recording_without_a_room_is_placed_by_its_session():
    row = {"id": RECORDING, "status": "finished", "mtgSessionId": "s-1"}
    answers = {("GET", ONE_RECORDING): says(row), ("GET", "/meetings/s-1"): says(fixture("api.meeting"))}
    adapter, _ = answering(answers)

    assert adapter.fetch("recording", RECORDING)[0].call_external_id == "my-room"


def test_a_recording_that_daily_does_not_know_is_deleted(account):
    found = account.adapter.fetch("recording", RECORDING)[0]

    assert (found.external_id, found.status) == (RECORDING, Status.DELETED)


@pytest.mark.parametrize("kind", ["recording", "transcript"])
def test_nothing_is_deleted_by_a_key_of_another_domain(kind):
    with pytest.raises(CredentialsRefused):
        Account(domain="elsewhere").adapter.fetch(kind, RECORDING)


def test_a_recording_is_not_deleted_behind_a_wrong_address():
    adapter, _ = answering({("GET", ONE_RECORDING): httpx.Response(404, html="<h1>Not here</h1>")})

    with pytest.raises(NotFound):
        adapter.fetch("recording", RECORDING)


@pytest.mark.parametrize("row", [{"id": JOB}, {"id": ""}, {}, []])
def test_another_recording_or_none_is_unexpected(row):
    adapter, _ = answering({("GET", ONE_RECORDING): says(row)})

    with pytest.raises(UnexpectedResponse):
        adapter.fetch("recording", RECORDING)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (complains(500, "server-error"), Unavailable),
        (complains(503, "server-error"), Unavailable),
        (complains(429, "rate-limit-error"), Throttled),
        (complains(401, "authentication-error"), CredentialsRefused),
        (complains(403, "forbidden-error"), Refused),
        (complains(400, "invalid-request-error"), Refused),
        (httpx.Response(302, headers={"location": "https://elsewhere.test/"}), Unavailable),
    ],
)
def test_what_a_refused_read_means(answer, error):
    adapter, _ = answering({("GET", ONE_RECORDING): answer})

    with pytest.raises(error):
        adapter.fetch("recording", RECORDING)


def test_a_throttled_list_closes_its_own_bucket(account):
    for _ in range(50):
        account.adapter.list_recordings(**ALL)

    with pytest.raises(Throttled) as caught:
        account.adapter.list_recordings(**ALL)

    assert caught.value.bucket == "listing"


# Pages.


def test_pages_follow_each_other_to_the_end(account):
    call = account.call()
    for _ in range(3):
        recording = account.start(call)
        account.simulator.advance(10)
        account.perform("recording.stop", recording=recording)
        account.simulator.advance(10)
    everything = account.adapter.list_recordings(**ALL)
    account.simulator.requests.clear()
    cursor = json.dumps({"after": [everything.items[0].external_id]})

    rest = account.adapter.list_recordings(**ALL, cursor=cursor)

    assert everything.total == 3
    assert everything.next_cursor == ""
    assert [item.external_id for item in rest.items] == [item.external_id for item in everything.items[1:]]
    assert account.simulator.requests[0].params == {
        "limit": "100",
        "starting_after": everything.items[0].external_id,
    }


def test_a_full_page_has_a_next_one_after_its_last_row():
    adapter, asked = answering({("GET", "/recordings"): [recordings_page(*range(100)), recordings_page(100)]})

    first = adapter.list_recordings(**ALL)
    second = adapter.list_recordings(**ALL, cursor=first.next_cursor)

    assert first.total == 250
    assert asked[1].url.params["starting_after"] == "r-99"
    assert second.next_cursor == ""


def test_a_row_deleted_between_two_pages_is_replaced_as_cursor():
    pages = [recordings_page(*range(100)), complains(400, "invalid-request-error"), recordings_page(99)]
    adapter, asked = answering({("GET", "/recordings"): pages})

    first = adapter.list_recordings(**ALL)
    second = adapter.list_recordings(**ALL, cursor=first.next_cursor)

    assert [each.url.params.get("starting_after") for each in asked] == [None, "r-99", "r-98"]
    assert len(second.items) == 1


def test_a_list_whose_cursors_are_all_gone_begins_anew():
    refused = complains(400, "invalid-request-error")
    first_page = recordings_page(*range(100))
    adapter, asked = answering({("GET", "/recordings"): [first_page, refused, refused, refused, first_page]})

    first = adapter.list_recordings(**ALL)
    again = adapter.list_recordings(**ALL, cursor=first.next_cursor)

    assert again.next_cursor == first.next_cursor  # the caller sees the circle
    assert "starting_after" not in asked[-1].url.params


def test_a_page_that_is_refused_for_another_reason_stays_refused():
    pages = [recordings_page(*range(100)), complains(401, "authentication-error")]
    adapter, asked = answering({("GET", "/recordings"): pages})
    first = adapter.list_recordings(**ALL)

    with pytest.raises(CredentialsRefused):
        adapter.list_recordings(**ALL, cursor=first.next_cursor)

    assert len(asked) == 2


def test_the_window_ends_where_a_page_reaches_before_it():
    adapter, _ = answering({("GET", "/recordings"): recordings_page(*range(100))})
    newest = datetime.fromtimestamp(1_733_000_000, UTC)

    within = adapter.list_recordings(since=newest - timedelta(hours=1), until=None)
    past = adapter.list_recordings(since=newest - timedelta(seconds=30), until=None)

    assert within.next_cursor
    assert past.next_cursor == ""


@pytest.mark.parametrize("cursor", ["no json", "[]", '{"after": 3}', '{"after": [null]}'])
def test_a_cursor_that_is_none_of_ours_is_the_beginning(account, cursor):
    account.adapter.list_recordings(**ALL, cursor=cursor)

    assert account.simulator.requests[0].params == {"limit": "100"}


@pytest.mark.parametrize(
    "answer", [says({"data": None}), says({"data": [1]}), says({"data": [{}]}), says([]), httpx.Response(200)]
)
def test_a_list_that_is_none_is_unexpected(answer):
    adapter, _ = answering({("GET", "/recordings"): answer})

    with pytest.raises(UnexpectedResponse):
        adapter.list_recordings(**ALL)


# Transcripts.


def test_live_transcripts_are_listed_with_the_names_of_their_rooms(account):
    transcript = account.transcribed()

    page = account.adapter.list_transcripts(**ALL)

    found = page.items[0]
    assert (found.external_id, found.kind) == (transcript.external_id, "realtime")
    assert found.call_external_id == transcript.call.external_id
    assert (found.status, found.is_empty) == (Status.COMPLETED, False)
    assert page.next_cursor


def test_after_the_live_ones_come_the_jobs(account):
    transcript = account.job()
    account.simulator.requests.clear()

    live = account.adapter.list_transcripts(**ALL)
    batch = account.adapter.list_transcripts(**ALL, cursor=live.next_cursor)

    found = batch.items[0]
    assert (found.external_id, found.kind, found.key) == (transcript.external_id, "batch", transcript.key)
    assert found.recording_external_id == transcript.recording.external_id
    assert batch.next_cursor == ""
    assert account.asked()[-1] == f"GET /v1/batch-processor/{transcript.external_id}"


def test_full_rows_of_jobs_need_no_read_of_their_own(account):
    account.simulator.switch(full_job_rows=True)
    account.job()
    cursor = account.adapter.list_transcripts(**ALL).next_cursor
    account.simulator.requests.clear()

    page = account.adapter.list_transcripts(**ALL, cursor=cursor)

    assert page.items[0].status is Status.COMPLETED
    assert account.asked() == ["GET /v1/batch-processor"]


def test_an_empty_list_may_come_as_a_404(account):
    account.simulator.switch(empty_transcripts_404=True)

    assert account.adapter.list_transcripts(**ALL).items == ()


def test_a_404_of_html_is_no_empty_list():
    adapter, _ = answering({("GET", "/transcript"): httpx.Response(404, html="<h1>Not here</h1>")})

    with pytest.raises(NotFound):
        adapter.list_transcripts(**ALL)


def test_pages_of_live_transcripts_within_a_window():
    rows = [
        {"transcriptId": f"t-{n}", "status": "t_finished", "created_at": "2024-12-03T14:00:00Z"}
        for n in range(100)
    ]
    adapter, _ = answering({("GET", "/transcript"): says({"total_count": 300, "data": rows})})

    everything = adapter.list_transcripts(**ALL)
    recent = adapter.list_transcripts(since=datetime(2024, 12, 4, tzinfo=UTC), until=None)

    assert json.loads(everything.next_cursor) == {"list": "realtime", "after": ["t-99", "t-98", "t-97"]}
    assert json.loads(recent.next_cursor) == {"list": "batch", "after": []}


def test_only_the_newest_jobs_stand_for_a_window():
    rows = [{"id": f"j-{n}", "status": "finished", "input": {}} for n in range(20)]
    adapter, asked = answering({("GET", "/batch-processor"): says({"data": rows})})
    cursor = json.dumps({"list": "batch", "after": []})

    everything = adapter.list_transcripts(**ALL, cursor=cursor)
    recent = adapter.list_transcripts(since=datetime(2024, 12, 4, tzinfo=UTC), until=None, cursor=cursor)

    assert json.loads(everything.next_cursor)["after"][0] == "j-19"
    assert recent.next_cursor == ""
    assert asked[0].url.params["limit"] == "20"


def test_a_job_that_went_away_while_the_list_was_read_is_left_out():
    answers = {
        ("GET", "/batch-processor"): says({"data": [{"id": JOB, "preset": "transcript", "status": "x"}]}),
        ("GET", f"/batch-processor/{JOB}"): NOBODY,
    }
    adapter, _ = answering(answers)

    page = adapter.list_transcripts(**ALL, cursor=json.dumps({"list": "batch"}))

    assert page.items == ()


def test_a_job_behind_a_wrong_address_is_an_error():
    answers = {("GET", f"/batch-processor/{JOB}"): httpx.Response(404), ("GET", f"/transcript/{JOB}"): NOBODY}
    adapter, _ = answering(answers)

    with pytest.raises(NotFound):
        adapter.fetch("transcript", JOB)


def test_a_live_transcript_behind_a_wrong_address_is_an_error():
    adapter, _ = answering({("GET", f"/transcript/{TRANSCRIPT}"): httpx.Response(404)})

    with pytest.raises(NotFound):
        adapter.fetch("transcript", TRANSCRIPT)


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("api.transcript", Status.COMPLETED, ""),
        ("api.transcript.unstored", Status.COMPLETED, "enable_transcription_storage"),
        ("api.transcript.error", Status.FAILED, "User: [AWS name] is not authorized"),
        ("api.transcript.deleted", Status.DELETED, ""),
    ],
)
def test_every_word_for_a_live_transcript(name, status, reason):
    answers = {
        ("GET", f"/transcript/{TRANSCRIPT}"): says(fixture(name)),
        ("GET", "/rooms"): says(fixture("api.rooms")),
    }
    adapter, _ = answering(answers)

    found = adapter.fetch("transcript", TRANSCRIPT)[0]

    assert found.status is status
    assert reason in found.reason
    assert bool(found.reason) == bool(reason)
    assert found.call_external_id == "my-room"


@pytest.mark.parametrize("word", ["t_completed", "t_failed", "t_new", None])
def test_an_unknown_word_for_a_live_transcript_is_kept_beside_our_status(word):
    answers = {("GET", f"/transcript/{TRANSCRIPT}"): says({"transcriptId": TRANSCRIPT, "status": word})}
    adapter, _ = answering(answers)

    found = adapter.fetch("transcript", TRANSCRIPT)[0]

    assert (found.status, found.provider_status, found.call_external_id) == (None, word or "", "")


def test_a_running_live_transcript_has_no_length_yet(account):
    transcript = account.transcribe(account.call())

    found = account.adapter.fetch("transcript", transcript.external_id)[0]

    assert (found.status, found.duration_seconds, found.completed_at) == (Status.IN_PROGRESS, None, None)


def test_a_live_transcript_of_no_length_is_empty():
    row = {**fixture("api.transcript.unstored"), "duration": 0}
    answers = {("GET", f"/transcript/{TRANSCRIPT}"): says(row), ("GET", "/rooms"): says(fixture("api.rooms"))}
    adapter, _ = answering(answers)

    found = adapter.fetch("transcript", TRANSCRIPT)[0]

    assert found.is_empty
    assert "nothing was heard" in found.reason


def test_an_error_without_words_has_ours():
    row = {"transcriptId": TRANSCRIPT, "status": "t_error", "error": None}
    adapter, _ = answering({("GET", f"/transcript/{TRANSCRIPT}"): says(row)})

    assert "could not store" in adapter.fetch("transcript", TRANSCRIPT)[0].reason


def test_the_room_of_a_transcript_is_found_by_its_session():
    answers = {
        ("GET", f"/transcript/{TRANSCRIPT}"): says(fixture("api.transcript")),
        ("GET", "/rooms"): says({"data": []}),
        ("GET", "/meetings/927be4b9-0a53-4d16-8ddb-3a4f9e0c7b55"): says(fixture("api.meeting")),
    }
    adapter, asked = answering(answers)

    first = adapter.fetch("transcript", TRANSCRIPT)[0]
    adapter.fetch("transcript", TRANSCRIPT)

    assert first.call_external_id == "my-room"
    assert len(asked) == 4  # its name is remembered


def test_a_room_that_cannot_be_found_is_unknown():
    row = {**fixture("api.transcript"), "mtgSessionId": None}
    answers = {
        ("GET", f"/transcript/{TRANSCRIPT}"): says(row),
        ("GET", "/rooms"): complains(500, "server-error"),
    }
    adapter, _ = answering(answers)

    assert adapter.fetch("transcript", TRANSCRIPT)[0].call_external_id == ""


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("api.batch-processor.job", Status.COMPLETED, ""),
        ("api.batch-processor.job.processing", Status.PROCESSING, ""),
        ("api.batch-processor.job.error", Status.FAILED, "Failed to transcribe. The audio may be invalid"),
    ],
)
def test_every_word_for_a_job(name, status, reason):
    adapter, asked = answering({("GET", f"/batch-processor/{JOB}"): says(fixture(name))})

    found = adapter.fetch("transcript", JOB, parent=RECORDING)[0]

    assert (found.status, found.kind, found.recording_external_id) == (status, "batch", RECORDING)
    assert reason in found.reason
    assert len(asked) == 1  # a job has a parent, and is asked for first


def test_a_submitted_job_and_an_unknown_word(account):
    recording = account.finished()
    account.perform("transcript.order", recording=recording)
    ident = account.simulator.effects("submit_job")[0].result

    submitted = account.adapter.fetch("transcript", ident)[0]
    account.simulator.jobs[ident].status = "paused"
    unknown = account.adapter.fetch("transcript", ident)[0]

    assert submitted.status is Status.REQUESTED
    assert (unknown.status, unknown.provider_status) == (None, "paused")


def test_a_failed_job_without_words_has_ours():
    adapter, _ = answering({("GET", f"/batch-processor/{JOB}"): says({"id": JOB, "status": "error"})})

    assert "could not process" in adapter.fetch("transcript", JOB, parent=RECORDING)[0].reason


@pytest.mark.parametrize("parent", ["", RECORDING])
def test_one_id_may_be_of_either_kind(account, parent):
    live, job = account.transcribed(), account.job()

    for transcript in (live, job):
        found = account.adapter.fetch("transcript", transcript.external_id, parent=parent)[0]
        assert (found.external_id, found.kind) == (transcript.external_id, transcript.kind)


def test_a_summary_is_told_apart(account):
    transcript = account.job(preset="summarize")

    found = account.adapter.fetch("transcript", transcript.external_id)[0]

    assert (found.kind, found.key, found.engine) == ("summary", transcript.key, "")


def test_a_transcript_that_neither_list_knows_is_deleted(account):
    found = account.adapter.fetch("transcript", TRANSCRIPT)[0]

    assert (found.external_id, found.status) == (TRANSCRIPT, Status.DELETED)


def test_ids_have_a_form_by_which_they_are_found():
    assert set(DailyAdapter.id_patterns) == {"recording", "transcript"}
