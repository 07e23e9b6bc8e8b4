import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    ProviderError,
    Refused,
    Unavailable,
    UnexpectedResponse,
)
from recordings.providers.snapshots import CallState, RecordingSnapshot, Status
from recordings.providers.twilio import recordings, values
from tests.providers.twilio_account import (
    AC,
    AT,
    CA,
    CF,
    GT,
    PRODUCT,
    RE,
    ROOT,
    TR,
    Account,
    answering,
    failing,
    fixture,
    later,
    listing,
    ok,
    order,
    recording_ref,
    ref,
    sent_by,
)

CALLS = "/2010-04-01/Accounts/" + AC + "/Calls.json"
RECORDINGS = "/2010-04-01/Accounts/" + AC + "/Recordings.json"
LEGACY = "/2010-04-01/Accounts/" + AC + "/Transcriptions.json"
SOUND = {"content-type": "audio/mpeg"}


@pytest.fixture
def twilio():
    return Account()


def every(read, **window):
    """All pages, as the caller would follow them."""
    page = read(**window)
    items = list(page.items)
    while page.next_cursor:
        page = read(**window, cursor=page.next_cursor)
        items += page.items
    return items


def recorded(data):
    return answering(ok(data)).fetch("recording", RE)[-1]


# Calls.


def test_live_and_ringing_calls_are_listed_parent_legs_only(twilio):
    live = twilio.call()
    ringing = twilio.simulator.ring_call("Cedar Travel")
    over = twilio.call()
    twilio.simulator.end_call(over.external_id)

    found = every(twilio.adapter.list_calls)

    assert [(each.external_id, each.state) for each in found] == [
        (ringing, CallState.WAITING),
        (live.external_id, CallState.LIVE),
    ]
    assert found[1].title.startswith("Harbor Dental → ")
    assert found[1].details["Direction"] == "Inbound"
    assert found[1].started_at == AT
    assert [request.params["Status"] for request in twilio.requests] == ["queued", "ringing", "in-progress"]


def test_pages_of_calls_are_followed_as_given():
    adapter = answering(
        listing("calls", fixture("call.ringing"), following=f"{CALLS}?Status=queued&Page=1&PageToken=T"),
        listing("calls"),
    )

    every(adapter.list_calls)

    assert str(sent_by(adapter)[1].url) == f"{ROOT}/Calls.json?Status=queued&Page=1&PageToken=T"
    assert len(sent_by(adapter)) == 4


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", CallState.WAITING),
        ("ringing", CallState.WAITING),
        ("in-progress", CallState.LIVE),
        ("completed", CallState.ENDED),
        ("busy", CallState.ENDED),
        ("failed", CallState.ENDED),
        ("no-answer", CallState.ENDED),
        ("canceled", CallState.ENDED),
        ("sideways", None),
    ],
)
def test_every_word_for_the_state_of_a_call(word, state):
    data = {**fixture("call.completed"), "status": word}

    (found,) = answering(ok(data), listing("recordings")).fetch("call", CA)

    assert (found.state, found.provider_status) == (state, word)
    assert bool(found.reason) is (word in {"busy", "failed", "no-answer", "canceled"})


def test_a_call_comes_with_its_recordings(twilio):
    recording = twilio.completed()

    (found,) = twilio.adapter.fetch("call", recording.call.external_id)

    assert found.state is CallState.ENDED
    assert found.ended_at is not None
    assert [each.external_id for each in found.recordings] == [recording.external_id]


def test_the_recordings_of_a_live_call_are_taken_for_running(twilio):
    call = twilio.call()
    started = twilio.start(call)
    twilio.simulator.advance(10)
    twilio.adapter.perform(order("recording.stop", recording=started))
    twilio.simulator.advance(10)
    other = twilio.simulator.begin_recording(call.external_id)

    (found,) = twilio.adapter.fetch("call", call.external_id)

    assert {each.external_id: each.status for each in found.recordings} == {
        started.external_id: Status.COMPLETED,
        other: Status.IN_PROGRESS,
    }


def test_a_paused_recording_is_not_resumed_by_a_read(twilio):
    call = twilio.call()
    started = twilio.start(call)
    twilio.simulator.advance(10)
    (paused,) = twilio.adapter.perform(order("recording.pause", recording=started)).facts

    (found,) = twilio.adapter.fetch("call", call.external_id)[0].recordings

    assert found.status_at < paused.status_at


def test_without_a_beginning_nothing_is_taken_for_running():
    item = {"sid": RE, "status": "processing"}

    (found,) = answering(ok(fixture("call.in-progress")), listing("recordings", item)).fetch("call", CA)

    assert found.recordings[0].may_be_live


def test_a_call_of_which_little_is_known(twilio):
    (found,) = answering(ok({"sid": CA, "from": 7, "to": None}), listing("recordings")).fetch("call", CA)

    assert (found.state, found.title, found.participants) == (None, "7", ("7",))


def test_a_call_that_twilio_does_not_know_is_not_found(twilio):
    with pytest.raises(NotFound):
        twilio.adapter.fetch("call", CA)
    with pytest.raises(NotFound):
        twilio.adapter.fetch("call", CF)


def test_a_call_without_its_sid_is_unexpected():
    with pytest.raises(UnexpectedResponse):
        answering(listing("calls", {"status": "queued"})).list_calls()


def test_a_conference_is_as_live_as_its_recordings():
    live, over = {"sid": RE, "status": "sideways"}, {"sid": RE, "status": "absent"}

    (during,) = answering(listing("recordings", live, over)).fetch("call", CF)
    (after,) = answering(listing("recordings", over)).fetch("call", CF)

    assert (during.state, after.state) == (CallState.LIVE, CallState.ENDED)
    assert after.status_at is None


# Recordings.


@pytest.mark.parametrize(
    ("word", "status", "may_be_live"),
    [
        ("in-progress", Status.IN_PROGRESS, False),
        ("paused", Status.PAUSED, False),
        ("stopped", Status.PROCESSING, False),
        ("processing", Status.PROCESSING, True),
        ("completed", Status.COMPLETED, False),
        ("absent", Status.FAILED, False),
        ("failed", Status.FAILED, False),
        ("deleted", Status.DELETED, False),
        ("sideways", None, False),
    ],
)
def test_every_word_for_the_state_of_a_recording(word, status, may_be_live):
    found = recorded({**fixture("recording.fetched"), "status": word})

    assert (found.status, found.provider_status, found.may_be_live) == (status, word, may_be_live)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (16101, "too short"),
        (16102, "silent"),
        (16104, "encrypted"),
        (16105, "encrypted"),
        (16106, "encrypted"),
        (16111, "external storage"),
        (16112, "external storage"),
        ("16199", "16199"),
        (None, "kept nothing"),
        ("0", "kept nothing"),
    ],
)
def test_why_nothing_was_kept(code, words):
    found = recorded({**fixture("recording.fetched.absent"), "error_code": code})

    assert words in found.reason
    assert found.reason_code == ("" if code in {None, "0"} else str(code))


def test_a_live_recording_is_listed_as_processing_and_never_ends_by_it(twilio):
    started = twilio.start(twilio.call())

    (found,) = twilio.adapter.fetch("recording", started.external_id)

    assert found.status is Status.PROCESSING
    assert found.may_be_live


def test_a_completed_recording_has_its_price_later(twilio):
    recording = twilio.completed()
    (before,) = twilio.adapter.fetch("recording", recording.external_id)
    twilio.simulator.advance(200)

    (after,) = twilio.adapter.fetch("recording", recording.external_id)

    assert before.price is None
    assert after.price == Decimal("0.00250")
    assert after.currency == "USD"
    assert after.duration_seconds > 2


@pytest.mark.parametrize(
    ("field", "value", "name", "expected"),
    [
        ("price", -0.0025, "price", Decimal("0.0025")),
        ("price", "0", "price", Decimal(0)),
        ("price", "0.5", "price", None),
        ("price", "many", "price", None),
        ("price", None, "price", None),
        ("price", [], "price", None),
        ("price", True, "price", None),
        ("price", "1e99", "price", None),
        ("price", "NaN", "price", None),
        ("duration", "-1", "duration_seconds", None),
        ("duration", "", "duration_seconds", None),
        ("duration", 4.5, "duration_seconds", 4.5),
        ("channels", "2", "channels", 2),
        ("channels", "1.5", "channels", None),
        (
            "start_time",
            "Fri, 14 Oct 2016 23:56:34 +0200",
            "started_at",
            datetime(2016, 10, 14, 21, 56, 34, tzinfo=UTC),
        ),
        ("date_updated", "2010-08-31T20:36:28Z", "status_at", datetime(2010, 8, 31, 20, 36, 28, tzinfo=UTC)),
        ("date_updated", "2010-08-31T20:36:28", "status_at", datetime(2010, 8, 31, 20, 36, 28, tzinfo=UTC)),
        ("date_updated", "soon", "status_at", None),
        ("date_updated", 7, "status_at", None),
        ("date_updated", "9999-12-31T23:59:59-10:00", "status_at", None),
    ],
)
def test_values_are_read_leniently(field, value, name, expected):
    found = recorded({**fixture("recording.fetched"), field: value})

    assert getattr(found, name) == expected


@given(
    st.dictionaries(
        st.sampled_from([*fixture("recording.fetched")]),
        st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(), st.lists(st.integers())),
    )
)
def test_no_value_of_a_recording_raises_anything_but_a_provider_error(changes):
    data = {**fixture("recording.fetched"), **changes}
    try:
        found = recordings.snapshot(data)
    except ProviderError:
        found = None

    assert found is None or found.external_id


@given(st.one_of(st.none(), st.text(), st.floats(), st.integers(), st.lists(st.none())))
def test_values_never_raise(value):
    numbers = [values.number(value), values.seconds(value), values.charged(value), values.integer(value)]

    assert all(each is None or abs(each) < values.LARGEST for each in numbers)
    assert values.moment(value) is None or values.moment(value).tzinfo is UTC
    assert isinstance(values.host_of(str(value)), str)


def test_what_is_encrypted_or_elsewhere_is_remembered():
    encrypted = recorded(fixture("recording.fetched.encrypted"))
    external = recorded(
        {**fixture("recording.fetched"), "media_url": "https://bucket.example/RE?Signature=x"}
    )
    own = recorded({**fixture("recording.fetched"), "media_url": "http://api.twilio.com/RE"})
    odd = recorded({**fixture("recording.fetched"), "media_url": "http://[x"})

    assert encrypted.handle["is_encrypted"] is True
    assert external.handle["is_external"] is True
    assert "Signature=x" not in str(external.raw)
    assert "is_external" not in own.handle
    assert "is_external" not in odd.handle


def test_recordings_are_listed_with_the_deleted_ones(twilio):
    kept, gone = twilio.completed(), twilio.completed()
    twilio.adapter.perform(order("recording.delete", recording=gone))

    found = every(twilio.adapter.list_recordings, since=None, until=None)

    assert {each.external_id: each.status for each in found} == {
        kept.external_id: Status.COMPLETED,
        gone.external_id: Status.DELETED,
    }


def test_a_window_asks_for_whole_days(twilio):
    recording = twilio.completed()

    inside = twilio.adapter.list_recordings(since=AT, until=later(60))
    before = twilio.adapter.list_recordings(since=None, until=AT - timedelta(days=2))

    assert [each.external_id for each in inside.items] == [recording.external_id]
    assert before.items == ()
    assert twilio.requests[-2].params["DateCreated>"] == "2024-05-06"
    assert twilio.requests[-2].params["DateCreated<"] == "2024-05-07"
    assert twilio.requests[-2].params["PageSize"] == "100"


def test_pages_of_recordings_are_followed_as_given():
    link = f"{RECORDINGS}?DateCreated%3E=2024-05-06&Page=1&PageToken=T"
    adapter = answering(listing("recordings", following=link), listing("recordings"))

    every(adapter.list_recordings, since=AT, until=None)

    assert str(sent_by(adapter)[1].url) == f"https://api.twilio.com{link}"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example" + RECORDINGS,
        "//evil.example" + RECORDINGS,
        "https://[evil" + RECORDINGS,
        "/2010-04-01/Accounts/ACother/Recordings.json",
        "file:" + RECORDINGS,
        7,
    ],
)
def test_a_next_page_that_is_not_our_own_is_refused(link):
    adapter = answering(listing("recordings", following=link))

    with pytest.raises(UnexpectedResponse, match="not its own"):
        adapter.list_recordings(since=None, until=None)


@pytest.mark.parametrize("host", ["http://api.twilio.com", "//api.twilio.com", "https://api.twilio.com"])
def test_a_next_page_of_twilios_own_host_is_asked_for_at_our_address(host):
    adapter = answering(listing("recordings", following=f"{host}{RECORDINGS}?Page=1"), listing("recordings"))

    every(adapter.list_recordings, since=None, until=None)

    assert str(sent_by(adapter)[1].url) == f"https://api.twilio.com{RECORDINGS}?Page=1"


def test_a_lost_place_is_told(twilio):
    with pytest.raises(Refused, match="begin again") as caught:
        twilio.adapter.list_recordings(
            since=None, until=None, cursor=f"{twilio.simulator.root}/Recordings.json?PageToken=PAnone"
        )

    assert caught.value.code == "21481"


@pytest.mark.parametrize("data", [{}, [], {"recordings": None}, {"recordings": [7]}, {"recordings": [{}]}])
def test_a_listing_of_another_shape_is_unexpected(data):
    with pytest.raises(UnexpectedResponse):
        answering(ok(data)).list_recordings(since=None, until=None)


def test_a_deleted_recording_is_told_and_after_40_days_unknown(twilio):
    recording = twilio.completed()
    twilio.adapter.perform(order("recording.delete", recording=recording))
    (told,) = twilio.adapter.fetch("recording", recording.external_id)
    twilio.simulator.advance(41 * 86_400)

    (unknown,) = twilio.adapter.fetch("recording", recording.external_id)

    assert told.status is unknown.status is Status.DELETED
    assert "any more" in unknown.reason


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404, content=b"<html>"), NotFound),
        (failing(20500, 500), Unavailable),
        (failing(20429, 429), Refused),
        (httpx.ReadTimeout("slow"), Unavailable),
        (ok({}), UnexpectedResponse),
    ],
)
def test_a_read_that_fails_deletes_nothing(answer, error):
    with pytest.raises(error):
        answering(answer).fetch("recording", RE)


# Transcripts.


def test_transcripts_of_both_kinds_are_listed(twilio):
    recording = twilio.completed()
    transcript = twilio.transcribed(recording)
    twilio.message()
    (legacy,) = twilio.simulator.legacy.all

    found = every(twilio.adapter.list_transcripts, since=AT - timedelta(days=2), until=later(500))

    assert [(each.external_id, each.kind) for each in found] == [
        (legacy, "legacy"),
        (transcript.external_id, "intelligence"),
    ]
    assert found[0].text is not None
    assert found[1].recording_external_id == recording.external_id
    assert twilio.requests[-1].params["AfterDateCreated"] == "2024-05-04T12:53:20Z"
    assert twilio.requests[-1].params["BeforeDateCreated"] == "2024-05-06T13:01:41Z"


def test_pages_of_transcripts_are_followed_as_given():
    adapter = answering(
        listing("transcriptions", following=f"{LEGACY}?Page=1"),
        listing("transcriptions"),
        listing("transcripts", following=f"{PRODUCT}/Transcripts?Page=1&PageToken=T"),
        listing("transcripts"),
    )

    every(adapter.list_transcripts, since=None, until=None)

    assert [str(each.url) for each in sent_by(adapter)] == [
        f"{ROOT}/Transcriptions.json?PageSize=100",
        f"{ROOT}/Transcriptions.json?Page=1",
        f"{PRODUCT}/Transcripts?PageSize=100",
        f"{PRODUCT}/Transcripts?Page=1&PageToken=T",
    ]


def test_absolute_links_are_asked_for_at_the_accounts_own_address():
    link = f"{PRODUCT}/Transcripts?Page=1"
    adapter = answering(
        listing("transcriptions"),
        listing("transcripts", following=link),
        listing("transcripts"),
        base_url="https://proxy.example.test/",
    )

    every(adapter.list_transcripts, since=None, until=None)

    assert str(sent_by(adapter)[-1].url) == "https://proxy.example.test/v2/Transcripts?Page=1"


def test_without_a_service_only_legacy_transcriptions_are_listed():
    adapter = answering(listing("transcriptions"), intelligence_service_sid="")

    assert every(adapter.list_transcripts, since=None, until=None) == []
    assert len(sent_by(adapter)) == 1


def test_a_window_ends_the_legacy_listing_where_all_is_older():
    old = {"sid": TR, "date_created": "Sun, 13 Feb 2011 02:12:08 +0000"}
    unknown = {"sid": TR}
    more = f"{LEGACY}?Page=1"
    whole = answering(listing("transcriptions", old, following=more), intelligence_service_sid="")
    mixed = answering(listing("transcriptions", old, unknown, following=more), intelligence_service_sid="")
    empty = answering(listing("transcriptions", following=more), intelligence_service_sid="")

    assert whole.list_transcripts(since=AT, until=None).next_cursor == ""
    assert whole.list_transcripts(since=None, until=None).next_cursor
    assert mixed.list_transcripts(since=AT, until=None).next_cursor
    assert empty.list_transcripts(since=AT, until=None).next_cursor


@pytest.mark.parametrize("cursor", ["{", "[]", "{}", "7"])
def test_a_place_in_the_transcripts_that_cannot_be_read_is_told(cursor):
    with pytest.raises(Refused, match="begin again"):
        answering(ok({})).list_transcripts(since=None, until=None, cursor=cursor)


# Media.


def test_an_mp3_is_played_from_behind_our_credentials(twilio):
    recording = twilio.completed()
    first = twilio.adapter.variants(recording)[0]

    found = twilio.adapter.media(recording, first.name)

    user, password = twilio.simulator.api_key_sid, twilio.simulator.api_key_secret
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    assert found.url == f"http://sim.test{twilio.simulator.root}/Recordings/{recording.external_id}.mp3"
    assert found.headers == {"Authorization": f"Basic {token}"}
    assert (found.content_type, found.has_ranges) == ("audio/mpeg", True)
    assert found.filename == f"{recording.external_id}.mp3"


def test_a_file_without_ranges_is_told(twilio):
    twilio.simulator.switch(media_ranges=False)

    assert not twilio.adapter.media(twilio.completed(), "wav").has_ranges


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ["mp3", "wav"]),
        ({"channels": 1}, ["mp3", "wav"]),
        ({"channels": 2}, ["mp3-2", "wav-2", "mp3-1", "wav-1"]),
        ({"handle": {"is_encrypted": True}}, ["wav"]),
        ({"handle": {"is_external": True}}, []),
        ({"status": Status.FAILED}, []),
        ({"status": Status.DELETED}, []),
    ],
)
def test_in_which_forms_a_recording_can_be_had(twilio, changes, names):
    found = twilio.adapter.variants(replace(recording_ref(), **changes))

    assert [each.name for each in found] == names
    assert all(each.content_type.startswith("audio/") for each in found)


@pytest.mark.parametrize(("variant", "channels"), [("mp3-2", "2"), ("wav-1", "1"), ("mp3", None)])
def test_channels_are_asked_for_by_number(twilio, variant, channels):
    recording = twilio.completed(RecordingChannels="dual")

    found = twilio.adapter.media(recording, variant)

    assert twilio.requests[-1].params.get("RequestedChannels") == channels
    assert found.content_type == ("audio/mpeg" if variant.startswith("mp3") else "audio/x-wav")


def test_two_channels_of_what_has_one_are_given_as_one(twilio):
    recording = twilio.completed(RecordingChannels="mono")

    found = twilio.adapter.media(recording, "mp3-2")

    assert found.url.endswith("?RequestedChannels=1")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(404), NotFound, "not ready yet"),
        (httpx.Response(200, json={}, headers={"content-type": "text/html"}), NotFound, "not ready yet"),
        (failing(16109), Refused, "choose WAV"),
        (failing(16113), Refused, "one channel only"),
        (failing(20003, 401), CredentialsRefused, "credentials"),
        (failing(20500, 500), Unavailable, "own side"),
        (httpx.Response(302, headers={"location": "https://evil.example"}), Unavailable, "documentation"),
    ],
)
def test_media_that_cannot_be_had_is_told(answer, error, words):
    with pytest.raises(error, match=words):
        answering(answer).media(recording_ref(), "mp3")


def test_a_form_that_does_not_exist_is_not_asked_for():
    adapter = answering(ok({}))

    with pytest.raises(NotFound):
        adapter.media(recording_ref(), "ogg")

    assert sent_by(adapter) == []


def test_a_file_without_a_type_has_the_type_of_its_name():
    found = answering(httpx.Response(206, content=b"x")).media(recording_ref(), "wav")

    assert found.content_type == "audio/x-wav"


def test_media_is_ready_a_while_after_completion(twilio):
    call = twilio.call()
    started = twilio.start(call)
    twilio.simulator.advance(20)
    twilio.simulator.end_call(call.external_id)
    twilio.simulator.advance(6)
    recording = ref(twilio.adapter.fetch("recording", started.external_id)[0])

    with pytest.raises(NotFound):
        twilio.adapter.media(recording, "mp3")
    twilio.simulator.advance(10)

    assert recording.status is Status.COMPLETED
    assert twilio.adapter.media(recording, "mp3").url


# Credentials.


def test_a_healthy_account_tells_its_service(twilio):
    found = twilio.adapter.check()

    assert found.is_healthy
    assert found.details == {
        "Account SID": twilio.simulator.account_sid,
        "Signs in with": "API key",
        "Intelligence Service": "Calls",
        "Language": "en-US",
        "Webhook": "not set",
    }


def test_a_service_that_transcribes_by_itself_is_told(twilio):
    twilio.simulator.set_service(auto_transcribe=True, friendly_name="")

    details = twilio.adapter.check().details

    assert "without being asked" in details["Transcribes"]
    assert details["Intelligence Service"] == "calls"


def test_without_an_api_key_the_token_signs_in():
    account = Account(api_key_sid="", intelligence_service_sid="")

    found = account.adapter.check()

    assert found.is_healthy
    assert found.details["Signs in with"] == "Auth Token"
    assert len(account.requests) == 1


def test_a_token_that_cannot_verify_callbacks_is_not_healthy():
    found = Account(auth_token="wrong" * 4).adapter.check()

    assert not found.is_healthy
    assert "callbacks cannot be verified" in found.message


def test_a_token_that_could_not_be_tried_is_told():
    key = {"api_key_sid": "SK" + "1" * 32}
    adapter = answering(listing("calls"), failing(20500, 500), **key)
    secrets = {**adapter.connection.secrets, "api_key_secret": "secret"}
    adapter = type(adapter)(replace(adapter.connection, secrets=secrets))

    found = adapter.check()

    assert not found.is_healthy
    assert "own side" in found.message


@pytest.mark.parametrize(
    "answer",
    [
        failing(20003, 401),
        failing(20500, 500),
        httpx.ConnectError("no"),
        httpx.Response(200, content=b"<html>"),
    ],
)
def test_a_wrong_answer_is_a_health(answer):
    found = answering(answer).check()

    assert not found.is_healthy
    assert found.message


def test_an_account_without_credentials_sends_nothing():
    adapter = answering(listing("calls"), account_sid="")

    with pytest.raises(CredentialsRefused, match="missing"):
        adapter.list_calls()

    assert sent_by(adapter) == []


def test_half_an_api_key_is_none():
    adapter = answering(listing("calls"), api_key_sid="SK" + "1" * 32)

    adapter.list_calls()

    token = base64.b64encode(f"{AC}:12345".encode()).decode()
    assert sent_by(adapter)[0].headers["authorization"] == f"Basic {token}"


def test_one_base_address_carries_both_apis():
    adapter = answering(ok({"sid": RE}), ok({"sid": GT}), base_url="https://proxy.example.test/2010-04-01")

    adapter.fetch("recording", RE)
    adapter.fetch("transcript", GT)

    assert [str(each.url).partition("?")[0] for each in sent_by(adapter)] == [
        f"https://proxy.example.test/2010-04-01/Accounts/{AC}/Recordings/{RE}.json",
        f"https://proxy.example.test/v2/Transcripts/{GT}",
    ]


def test_numbers_as_json_numbers_and_old_envelopes_are_read(twilio):
    twilio.simulator.switch(price_as_number=True, older_envelope=True)
    twilio.completed()
    twilio.simulator.advance(200)

    (found,) = twilio.adapter.list_recordings(since=None, until=None).items

    assert isinstance(found, RecordingSnapshot)
    assert found.price == Decimal("0.0025")
