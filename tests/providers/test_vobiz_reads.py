import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    ProviderError,
    Refused,
    Throttled,
    Unavailable,
    UnexpectedResponse,
)
from recordings.providers.snapshots import CallSnapshot, CallState, RecordingSnapshot, Status
from recordings.providers.vobiz import VobizAdapter
from recordings.providers.vobiz.values import epoch, moment, number, seconds, text
from tests.providers.vobiz_account import (
    CALL,
    NOON,
    RECORDING,
    Account,
    body,
    fixture,
    later,
    recording_ref,
    transcript_ref,
)

ODD_BODIES = ["", "null", "[]", '"x"', "7", "<html>", "{}", '{"objects": 1}', '{"calls": {}}', "\xff"]


@pytest.fixture
def vobiz():
    return Account()


def answered(vobiz, content, *, status=200, **where):
    """The next request gets this body."""
    vobiz.simulator.fail(kind="refuse", status=status, body=content, **where)


def listed(vobiz, **window):
    """All pages, as the caller's loop reads them."""
    pages, cursor = [], ""
    while True:
        page = vobiz.adapter.list_recordings(
            since=window.get("since"), until=window.get("until"), cursor=cursor
        )
        pages.append(page)
        cursor = page.next_cursor
        if not cursor:
            return pages


def recordings_of(pages):
    found = [item for page in pages for item in page.items if isinstance(item, RecordingSnapshot)]
    return {each.external_id: each for each in found}


# Calls


def test_live_calls_come_as_uuids(vobiz):
    first, second = vobiz.call(), vobiz.call()
    vobiz.simulator.end_call(second.external_id)

    page = vobiz.adapter.list_calls()

    assert page.items == (CallSnapshot(external_id=first.external_id, state=CallState.LIVE),)
    assert (page.next_cursor, page.total) == ("", 1)


def test_no_live_calls(vobiz):
    assert vobiz.adapter.list_calls().items == ()


@pytest.mark.parametrize("spelling", ["both", "slash", "bare"])
def test_the_live_list_is_found_in_either_spelling(vobiz, spelling):
    vobiz.simulator.switch(live_list_slash=spelling)
    call = vobiz.call()

    page = vobiz.adapter.list_calls()

    assert [each.external_id for each in page.items] == [call.external_id]


def test_wrong_credentials_are_told_by_the_first_spelling():
    vobiz = Account(auth_token="wrong-token")

    with pytest.raises(CredentialsRefused):
        vobiz.adapter.list_calls()

    assert [path.endswith("/Call/") for _, path, _ in vobiz.asked()] == [True, False]


def test_missing_credentials_are_not_tried_twice():
    with pytest.raises(CredentialsRefused, match="Nothing was sent"):
        Account(auth_token="").adapter.list_calls()


def test_live_calls_tolerate_objects_and_doubles(vobiz):
    answered(vobiz, json.dumps({"calls": [CALL, CALL, {"call_uuid": "other"}]}))

    assert [each.external_id for each in vobiz.adapter.list_calls().items] == [CALL, "other"]


@pytest.mark.parametrize("content", [*ODD_BODIES, '{"calls": [""]}', '{"calls": [null]}', '{"calls": [{}]}'])
def test_odd_lists_of_calls_are_unexpected(vobiz, content):
    answered(vobiz, content)

    with pytest.raises(UnexpectedResponse):
        vobiz.adapter.list_calls()


@pytest.mark.parametrize("old_shapes", [False, True])
def test_a_call_tells_its_numbers_and_its_start(vobiz, old_shapes):
    vobiz.simulator.switch(old_shapes=old_shapes)
    call = vobiz.call(title="Northwind", from_number="+1202", to_number="+1303", direction="inbound")

    (found,) = vobiz.adapter.fetch("call", call.external_id)

    assert (found.external_id, found.state) == (call.external_id, CallState.LIVE)
    assert found.provider_status == "in-progress"
    assert found.title == "+1202 → +1303"
    assert found.details == {
        "Caller": "Northwind",
        "From": "+1202",
        "To": "+1303",
        "Direction": "inbound",
    }
    assert found.started_at == datetime.fromtimestamp(NOON, UTC)


@pytest.mark.parametrize("name", ["live_call.json", "live_call.old.json"])
def test_fixtures_of_a_live_call(vobiz, name):
    answered(vobiz, body(name).decode())

    (found,) = vobiz.adapter.fetch("call", CALL)

    assert (found.external_id, found.title) == (CALL, "+12025550117 → 12025550100")
    assert found.started_at == datetime(2026, 6, 11, 16, 3, 28, 586839, UTC)


def test_a_call_that_is_over_answers_no_more(vobiz):
    call = vobiz.call()
    vobiz.simulator.end_call(call.external_id)

    (found,) = vobiz.adapter.fetch("call", call.external_id)

    assert found == CallSnapshot(external_id=call.external_id, state=CallState.ENDED)


@pytest.mark.parametrize(
    ("word", "state"), [("in-progress", CallState.LIVE), ("parked", None), ("", CallState.LIVE)]
)
def test_words_for_a_call(vobiz, word, state):
    answered(vobiz, json.dumps({"call_uuid": CALL, "call_status": word}))

    (found,) = vobiz.adapter.fetch("call", CALL)

    assert (found.state, found.provider_status) == (state, word)


def test_a_404_of_a_proxy_ends_no_call(vobiz):
    vobiz.simulator.fail(kind="html", status=404)

    with pytest.raises(NotFound):
        vobiz.adapter.fetch("call", CALL)


@pytest.mark.parametrize("content", ODD_BODIES)
def test_a_call_without_its_uuid_is_unexpected(vobiz, content):
    answered(vobiz, content)

    with pytest.raises(UnexpectedResponse):
        vobiz.adapter.fetch("call", CALL)


# Recordings


def test_a_row_becomes_a_finished_recording(vobiz):
    answered(vobiz, body("recording_row.json").decode())

    recording, call = vobiz.adapter.fetch("recording", RECORDING)

    assert (recording.external_id, recording.call_external_id) == (RECORDING, CALL)
    assert (recording.status, recording.provider_status) == (Status.COMPLETED, "")
    assert recording.started_at == datetime.fromtimestamp(1778127325, UTC)
    assert recording.completed_at == datetime.fromtimestamp(1778127359.12, UTC)
    assert recording.duration_seconds == 34.12
    assert recording.media_expires_at == recording.started_at + timedelta(days=30)
    assert (recording.source, recording.price, recording.currency) == ("call", None, "")
    assert recording.handle["recording_url"].endswith(f"{RECORDING}.mp3")
    assert recording.raw["rounded_recording_duration"] == 60
    assert (call.external_id, call.state, call.title) == (CALL, None, "+12025550117 → 12025550100")


def test_the_older_wrapped_shape_says_the_same(vobiz):
    answered(vobiz, body("recording_row.json").decode())
    answered(vobiz, body("recording_row.old.json").decode())

    flat, wrapped = (vobiz.adapter.fetch("recording", RECORDING)[0] for _ in range(2))

    assert flat.duration_seconds == wrapped.duration_seconds
    assert flat.external_id == wrapped.external_id


@pytest.mark.parametrize(
    "switches", [{"null_times": "always"}, {"number_style": "numbers"}, {"add_time_style": "iso"}]
)
def test_styles_of_rows_mean_the_same(vobiz, switches):
    external_id = vobiz.finished(ended_ago=600)
    vobiz.simulator.switch(**switches)

    recording = vobiz.adapter.fetch("recording", external_id)[0]

    truth = vobiz.simulator.recordings[external_id]
    assert recording.duration_seconds == pytest.approx(truth.duration_seconds)
    assert recording.completed_at == datetime.fromtimestamp(truth.ended_at, UTC)
    assert recording.started_at == pytest.approx(
        datetime.fromtimestamp(truth.started_at, UTC), abs=timedelta(milliseconds=1)
    )


@pytest.mark.parametrize(
    ("changes", "start", "end", "length"),
    [
        ({"recording_end_ms": None}, 1778127325, 1778127359.12, 34.12),
        ({"recording_start_ms": None}, 1778127325, 1778127359.12, 34.12),
        ({"recording_duration_ms": None}, 1778127325, 1778127359.12, None),
        ({"recording_duration_ms": "-1", "recording_start_ms": None}, None, 1778127359.12, None),
        ({"recording_duration_ms": 1e13, "recording_start_ms": ""}, None, 1778127359.12, None),
        ({"recording_start_ms": "0.00000", "recording_end_ms": 0, "add_time": None}, None, None, 34.12),
        (
            {"recording_start_ms": None, "recording_end_ms": None, "recording_duration_ms": "x"},
            None,
            1778127359.79276,
            None,
        ),
    ],
)
def test_times_that_are_missing_follow_from_the_others(vobiz, changes, start, end, length):
    answered(vobiz, json.dumps({**fixture("recording_row.json"), **changes}))

    recording = vobiz.adapter.fetch("recording", RECORDING)[0]

    found = [each and each.timestamp() for each in (recording.started_at, recording.completed_at)]
    assert found == [start and pytest.approx(start), end and pytest.approx(end)]
    assert recording.duration_seconds == length
    assert (recording.media_expires_at is None) == (start is None and end is None)


@pytest.mark.parametrize("kind", ["call", "conference", "trunk", "extension", ""])
def test_every_type_of_recording(vobiz, kind):
    answered(
        vobiz,
        json.dumps({**fixture("recording_row.json"), "recording_type": kind, "conference_name": "standup"}),
    )

    recording, call = vobiz.adapter.fetch("recording", RECORDING)

    assert (recording.source, recording.status) == (kind, Status.COMPLETED)
    assert (call.title, call.details["Conference"]) == ("standup", "standup")


def test_a_recording_of_no_call_and_without_a_file_address(vobiz):
    answered(vobiz, json.dumps({"recording_id": RECORDING, "recording_url": None}))

    (recording,) = vobiz.adapter.fetch("recording", RECORDING)

    assert (recording.call_external_id, recording.handle) == ("", {})


def test_links_that_open_by_themselves_do_not_leave(vobiz):
    link = "https://media.vobiz.ai/a.mp3?X-Amz-Signature=abc123"
    answered(
        vobiz, json.dumps({**fixture("recording_row.json"), "recording_url": link, "note": "https://[oops"})
    )

    recording, _ = vobiz.adapter.fetch("recording", RECORDING)

    assert recording.handle == {}
    assert "abc123" not in repr(recording)


@pytest.mark.parametrize(
    "content", [*ODD_BODIES, '{"objects": []}', '{"objects": [1]}', '{"recording_id": null}']
)
def test_a_recording_without_its_id_is_unexpected(vobiz, content):
    answered(vobiz, content)

    with pytest.raises(UnexpectedResponse):
        vobiz.adapter.fetch("recording", RECORDING)


def test_an_unknown_recording_may_come_later(vobiz):
    with pytest.raises(NotFound, match="not finished yet, deleted or expired") as caught:
        vobiz.adapter.fetch("recording", RECORDING)

    assert caught.value.can_wait


def test_a_row_lags_its_callback(vobiz):
    vobiz.simulator.switch(row_lag_seconds=120)
    call = vobiz.call()
    recording = vobiz.start(call)
    vobiz.simulator.advance(30)
    vobiz.simulator.end_call(call.external_id)
    vobiz.simulator.advance(5)

    with pytest.raises(NotFound):
        vobiz.adapter.fetch("recording", recording.external_id)
    vobiz.simulator.advance(120)

    assert vobiz.adapter.fetch("recording", recording.external_id)[0].status is Status.COMPLETED


def test_a_transcript_cannot_be_read(vobiz):
    with pytest.raises(Refused, match="no way to read it again"):
        vobiz.adapter.fetch("transcript", RECORDING)
    with pytest.raises(Refused, match="no way to read it again"):
        vobiz.adapter.fetch_text(transcript_ref())

    assert vobiz.adapter.list_transcripts(since=None, until=None).items == ()
    assert vobiz.simulator.requests == []


@pytest.mark.parametrize("external_id", ["", ".", "..", "1" * 70_000])
def test_reads_of_no_id_are_not_sent(vobiz, external_id):
    for kind in ("call", "recording"):
        with pytest.raises(Refused):
            vobiz.adapter.fetch(kind, external_id)

    assert vobiz.simulator.requests == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, CredentialsRefused), (402, Refused), (403, CredentialsRefused), (429, Throttled)]
    + [(status, Unavailable) for status in (302, 500, 502, 503, 504)],
)
@pytest.mark.parametrize("read", ["list_recordings", "fetch"])
def test_errors_of_reads(vobiz, status, error, read):
    answered(vobiz, "{}", status=status)

    with pytest.raises(ProviderError) as caught:
        vobiz.adapter.list_recordings(
            since=None, until=None
        ) if read == "list_recordings" else vobiz.adapter.fetch("recording", RECORDING)

    assert type(caught.value) is error


@pytest.mark.parametrize("fault", [{"kind": "drop"}, {"kind": "cut"}, {"kind": "slow", "seconds": 40}])
def test_a_read_without_an_answer_can_be_read_again(vobiz, fault):
    vobiz.simulator.fail(**fault)

    with pytest.raises(Unavailable):
        vobiz.adapter.list_recordings(since=None, until=None)


# The list


def test_all_pages_with_overlap(vobiz):
    ids = {vobiz.finished(ended_ago=60 * turn) for turn in range(1, 221)}

    pages = listed(vobiz)

    assert set(recordings_of(pages)) == ids
    assert [len(page.items) for page in pages] == [200, 200, 80]
    assert {page.total for page in pages} == {220}
    assert [query for _, _, query in vobiz.asked()] == [
        "limit=100&offset=0",
        "limit=100&offset=90",
        "limit=100&offset=180",
    ]


def test_rows_deleted_between_pages_hide_no_others(vobiz):
    ids = [vobiz.finished(ended_ago=60 * turn) for turn in range(1, 151)]
    vobiz.simulator.switch(list_shrinks=8)

    found = recordings_of(listed(vobiz))

    assert set(found) == set(ids)


def test_an_empty_list(vobiz):
    (page,) = listed(vobiz)

    assert (page.items, page.next_cursor, page.total) == ((), "", 0)


def test_calls_stand_once_behind_the_first_of_their_recordings(vobiz):
    call = vobiz.call()
    for _ in range(2):
        vobiz.start(call)
    vobiz.simulator.advance(60)
    vobiz.simulator.end_call(call.external_id)
    vobiz.simulator.advance(5)

    (page,) = listed(vobiz)

    assert [type(item) for item in page.items] == [RecordingSnapshot, CallSnapshot, RecordingSnapshot]


@pytest.mark.parametrize("name", ["recordings.json", "recordings.last_page.json", "recordings.empty.json"])
def test_fixtures_of_the_list(vobiz, name):
    answered(vobiz, body(name).decode())

    page = vobiz.adapter.list_recordings(since=None, until=None)

    assert bool(page.next_cursor) == (name == "recordings.json")
    assert page.total == fixture(name)["meta"]["total_count"]


def test_a_window_ends_the_listing_when_the_rest_is_older(vobiz):
    for turn in range(1, 251):
        vobiz.finished(ended_ago=60 * turn)

    pages = listed(vobiz, since=later(-60 * 30))

    assert len(pages) == 1
    assert len(recordings_of(pages)) == 100


def test_a_list_that_runs_the_other_way_is_read_to_its_end(vobiz):
    ids = {vobiz.finished(ended_ago=60 * turn) for turn in range(1, 121)}
    vobiz.simulator.switch(sort="oldest")

    assert set(recordings_of(listed(vobiz, since=later(-60 * 30)))) == ids


def test_a_row_without_its_time_does_not_end_the_listing(vobiz):
    page = fixture("recordings.json")
    page["objects"][1]["add_time"] = None
    answered(vobiz, json.dumps(page))

    assert vobiz.adapter.list_recordings(since=later(0), until=None).next_cursor


def test_a_page_that_repeats_is_an_error_and_no_end(vobiz):
    for turn in range(1, 121):
        vobiz.finished(ended_ago=60 * turn)
    vobiz.simulator.switch(ignores_offset=True)
    first = vobiz.adapter.list_recordings(since=None, until=None)

    with pytest.raises(UnexpectedResponse, match="same page"):
        vobiz.adapter.list_recordings(since=None, until=None, cursor=first.next_cursor)


@pytest.mark.parametrize(
    ("meta", "has_next"),
    [
        ({"next": "/v1/x", "limit": 2}, True),
        ({"next": "https://evil.example/steal", "limit": 2}, True),
        ({"next": "/v1/x", "limit": 3}, False),
        ({"next": "/v1/x"}, False),
        ({"next": None, "limit": 2}, False),
        ({"next": "/v1/x", "limit": "2"}, True),
        (None, False),
        ("odd", False),
    ],
)
def test_the_end_of_the_list(vobiz, meta, has_next):
    answered(vobiz, json.dumps({**fixture("recordings.json"), "meta": meta}))

    page = vobiz.adapter.list_recordings(since=None, until=None)

    assert bool(page.next_cursor) == has_next
    assert "evil" not in page.next_cursor
    if has_next:  # Two rows a page: the overlap still leaves progress.
        assert json.loads(page.next_cursor)["offset"] == 1


@pytest.mark.parametrize("cursor", ["x", "{}", "[]", '{"offset": "a", "first": ""}', "null"])
def test_a_cursor_that_is_none_is_refused(vobiz, cursor):
    with pytest.raises(Refused, match="begin the listing again"):
        vobiz.adapter.list_recordings(since=None, until=None, cursor=cursor)


@pytest.mark.parametrize(
    "content", [*ODD_BODIES, '{"objects": [1]}', '{"objects": [{}]}', '{"recordings": []}']
)
def test_odd_lists_of_recordings_are_unexpected(vobiz, content):
    answered(vobiz, content)

    with pytest.raises(UnexpectedResponse):
        vobiz.adapter.list_recordings(since=None, until=None)


# The connection


def test_a_connection_that_works(vobiz):
    health = vobiz.adapter.check()

    assert health.is_healthy
    assert health.details == {"Auth ID": vobiz.simulator.auth_id, "Account": "Vobiz demo"}


@pytest.mark.parametrize("content", ["{}", '{"name": 7.5}', "[]"])
def test_the_accounts_name_is_an_extra(vobiz, content):
    answered(vobiz, content, path_contains="auth/me")
    answered(vobiz, "", status=404, path_contains="auth/me", skip=0)

    first, second = vobiz.adapter.check(), vobiz.adapter.check()

    assert first.is_healthy
    assert second.details == {"Auth ID": vobiz.simulator.auth_id}


def test_wrong_credentials_are_a_health_and_no_error():
    health = Account(auth_token="wrong-token").adapter.check()

    assert not health.is_healthy
    assert "Auth Token" in health.message


def test_an_address_that_is_not_the_providers(vobiz):
    answered(vobiz, "<html>")

    health = vobiz.adapter.check()

    assert not health.is_healthy
    assert "check the address" in health.message


@pytest.mark.parametrize(
    "base_url", ["http://sim.test/", "http://sim.test/api/v1", "http://sim.test/api/v1/"]
)
def test_the_base_address_may_be_written_with_its_prefix(base_url):
    account = Account()
    parts = {name: getattr(account.connection, name) for name in ("config", "secrets", "client", "links")}

    adapter = VobizAdapter(type(account.connection)(base_url=base_url, **parts))

    assert adapter.check().is_healthy


def test_without_a_base_address_it_is_the_providers_own():
    account = Account()
    parts = {name: getattr(account.connection, name) for name in ("config", "secrets", "client", "links")}
    account.transport().simulators["api.vobiz.ai"] = account.simulator

    assert VobizAdapter(type(account.connection)(base_url="", **parts)).check().is_healthy


# Values


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_no_value_makes_reading_fail(value):
    assert isinstance(text(value), str)
    assert number(value) is None or isinstance(number(value), Decimal)
    assert seconds(value) is None or seconds(value) >= 0
    for found in (epoch(value), moment(value)):
        assert found is None or found.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2199, 1, 1)))  # noqa: DTZ001
def test_moments_in_the_providers_style_come_back(value):
    written = f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond:06d}+05:30"

    assert moment(written) == value.replace(tzinfo=UTC) - timedelta(hours=5, minutes=30)


@pytest.mark.parametrize("value", ["9999-12-31 23:59:59+00:00", "0001-01-01 00:00:00+14:00", "soon", ""])
def test_moments_that_no_call_can_have(value):
    assert moment(value) is None


@pytest.mark.parametrize("value", [253402300799000, 10**14, 9 * 10**14, "1e20", "-5", "NaN", True])
def test_epochs_that_no_call_can_have(value):
    assert epoch(value) is None


def test_media_of_the_recording_that_has_no_row_is_not_offered(vobiz):
    assert vobiz.adapter.variants(recording_ref(status=Status.PROCESSING)) == ()
    assert vobiz.adapter.variants(recording_ref("")) == ()
