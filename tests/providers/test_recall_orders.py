import contextlib
import json

import httpx
import pytest

from recordings.providers.errors import (
    CredentialsRefused,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Refused,
    StillRunning,
    Throttled,
    UnexpectedResponse,
)
from recordings.providers.orders import Repeat
from recordings.providers.recall import RecallAdapter
from recordings.providers.snapshots import CallState, RecordingSnapshot, Status, Wanted
from tests.providers.recall_account import (
    BOT,
    HOOK,
    KEY,
    RECORDING,
    Account,
    answered,
    call_ref,
    content,
    fixture,
    order,
    recording_ref,
    sent_by,
    transcript_ref,
)

ON_BOT = [
    "call.change",
    "call.cancel",
    "call.leave",
    "call.request_permission",
    "call.delete_media",
    "recording.start",
]
LABELS = {"metadata": {"project": "42"}}


@pytest.fixture
def recall():
    return Account()


def an_order(kind):
    options = {
        "transcript.order": {"provider": "recallai_async"},
        "call.send": {"meeting_url": "https://a.test/1"},
    }
    if kind in ON_BOT or kind == "call.send":
        return order(
            kind, call=call_ref(), **options.get(kind, {"bot_name": "N"} if kind == "call.change" else {})
        )
    if kind.startswith("transcript.") and kind != "transcript.order":
        return order(kind, transcript=transcript_ref())
    return order(kind, recording=recording_ref(call=call_ref()), **options.get(kind, {}))


ALL = [action.kind for action in RecallAdapter.actions]
KEYED = [action.kind for action in RecallAdapter.actions if action.repeat is Repeat.KEYED]


# Sending a bot.


def test_a_sent_bot_carries_our_key_and_waits_for_a_click(recall):
    url = recall.simulator.place_meeting("Planning")

    answer = recall.adapter.perform(order("call.send", meeting_url=url, bot_name="Notes"))

    (bot,) = answer.facts
    options = recall.options_of("send_bot")
    assert (bot.key, bot.state) == (KEY, CallState.WAITING)
    assert options["metadata"] == {"tapedeck_key": KEY}
    assert options["bot_name"] == "Notes"
    assert options["recording_config"] == {"start_recording_on": "manual", "retention": {"type": "forever"}}
    assert "automatic_leave" not in options
    assert answer.is_confirmed
    assert answer.exchange.status == 201


def test_a_bot_with_a_time_is_scheduled(recall):
    call = recall.scheduled()

    found = recall.bot(call)

    assert found.state is CallState.SCHEDULED
    assert found.starts_at.timestamp() == recall.simulator.clock.now() + 7200


def test_a_sent_bot_joins_without_recording(recall):
    url = recall.simulator.place_meeting("Planning")
    answer = recall.adapter.perform(order("call.send", meeting_url=url))

    recall.simulator.advance(30)

    found = recall.bot(answer.facts[0])
    assert (found.state, found.provider_status, found.recordings) == (
        CallState.LIVE,
        "in_call_not_recording",
        (),
    )


def test_a_sent_bot_leaves_by_the_times_that_were_typed(recall):
    url = recall.simulator.place_meeting("Planning")
    times = {
        "automatic_leave.waiting_room_timeout": 300,
        "automatic_leave.silence_detection.timeout": 900,
        "automatic_leave.silence_detection.activate_after": 60,
    }

    recall.adapter.perform(order("call.send", meeting_url=url, values=times))

    assert recall.options_of("send_bot")["automatic_leave"] == {
        "waiting_room_timeout": 300,
        "silence_detection": {"timeout": 900, "activate_after": 60},
    }


def test_the_same_send_key_sends_one_bot(recall):
    url = recall.simulator.place_meeting("Planning")
    again = order("call.send", meeting_url=url)

    recall.simulator.fail(kind="drop_after")
    with pytest.raises(OutcomeUnknown):
        recall.adapter.perform(again)
    recall.adapter.perform(again)

    assert len(recall.simulator.effects("send_bot")) == 1


@pytest.mark.parametrize(("wait", "expected"), [(12, 12.0), (None, 30.0)])
def test_an_empty_pool_waits(recall, wait, expected):
    recall.simulator.switch(pool=0, pool_retry_after=wait)
    url = recall.simulator.place_meeting("Planning")

    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.send", meeting_url=url))

    assert caught.value.can_wait
    assert caught.value.retry_after_seconds == expected
    assert "no free bot" in caught.value.message
    assert recall.simulator.effects("send_bot") == []


def test_a_tenant_that_refuses_bots_is_named(recall):
    url = recall.simulator.place_meeting("Planning", platform="microsoft_teams", refuses_bots=True)

    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.send", meeting_url=url))

    assert caught.value.code == "teams_blacklisted_tenant"
    assert "refuses bots" in caught.value.message
    assert not caught.value.can_wait


def test_a_wrong_field_is_told_by_its_name(recall):
    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.send", meeting_url="https://nowhere.test/1"))

    assert "meeting_url: Enter a valid meeting URL." in caught.value.message
    assert "nothing is charged" in caught.value.message


# Scheduled bots.


def test_a_scheduled_bot_changes_and_keeps_its_other_labels(recall):
    call = recall.scheduled(metadata={"team": "sales", "old": "1"})

    answer = recall.adapter.perform(
        order("call.change", call=call, key="call-key", bot_name="New", metadata={"old": None, "more": "2"})
    )

    assert recall.options_of("change_bot") == {
        "bot_name": "New",
        "metadata": {"team": "sales", "old": None, "more": "2", "tapedeck_key": "call-key"},
    }
    assert answer.facts[0].details["Name of the bot"] == "New"


def test_a_change_without_labels_reads_nothing_first(recall):
    call = recall.scheduled()
    recall.simulator.requests.clear()

    recall.adapter.perform(order("call.change", call=call, automatic_leave={"noone_joined_timeout": 60}))

    assert [each.method for each in recall.simulator.requests] == ["PATCH"]
    assert recall.options_of("change_bot") == {"automatic_leave": {"noone_joined_timeout": 60}}


def test_a_bot_in_the_call_is_not_changed(recall):
    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.change", call=recall.call(), bot_name="New"))

    assert caught.value.code == "update_bot_failed"
    assert "Nothing was changed" in caught.value.message


def test_a_scheduled_bot_is_cancelled_once_and_for_all(recall):
    call = recall.scheduled()

    first = recall.adapter.perform(order("call.cancel", call=call))
    second = recall.adapter.perform(order("call.cancel", call=call))

    assert [each.facts[0].state for each in (first, second)] == [CallState.ENDED, CallState.ENDED]
    assert (first.note, second.note) == ("", "It was gone at Recall.ai already.")
    assert len(recall.simulator.effects("delete_bot")) == 1


def test_a_bot_in_the_call_is_not_cancelled(recall):
    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.cancel", call=recall.call()))

    assert caught.value.code == "cannot_delete_bot"
    assert "make it leave instead" in caught.value.message


# Leaving.


def test_a_bot_leaves(recall):
    call = recall.call()

    answer = recall.adapter.perform(order("call.leave", call=call))

    assert len(recall.simulator.effects("leave_call")) == 1
    assert answer.is_confirmed
    assert answer.facts[0].state is CallState.ENDED
    assert Wanted(kind="call", external_id=call.external_id, delay_seconds=5.0) in answer.facts


def test_leaving_again_after_an_error_really_asks_again(recall):
    call = recall.call()
    again = order("call.leave", call=call)

    recall.simulator.fail(kind="refuse", status=500)
    with pytest.raises(OutcomeUnknown):
        recall.adapter.perform(again)
    recall.adapter.perform(again)

    assert len(recall.simulator.effects("leave_call")) == 1


@pytest.mark.parametrize("code", ["cannot_command_completed_bot", "cannot_command_unstarted_bot"])
def test_a_bot_that_left_has_left(recall, code):
    call = recall.call()
    recall.simulator.switch(finished_bot_code=code)
    recall.simulator.end_call(call.external_id)
    recall.simulator.advance(30)

    answer = recall.adapter.perform(order("call.leave", call=call))

    assert "had left already" in answer.note
    assert answer.facts[0].external_id == call.external_id


def test_a_bot_on_its_way_is_told_to_leave_later(recall):
    url = recall.simulator.place_meeting("Planning")
    bot = recall.adapter.perform(order("call.send", meeting_url=url)).facts[0]
    recall.simulator.advance(2)

    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.leave", call=call_ref(bot.external_id)))

    assert caught.value.can_wait
    assert caught.value.code == "cannot_command_unstarted_bot"


def test_a_scheduled_bot_is_cancelled_instead_of_leaving(recall):
    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.leave", call=recall.scheduled()))

    assert not caught.value.can_wait
    assert "cancel it instead" in caught.value.message


def test_leaving_waits_when_the_look_at_the_bot_fails(recall):
    call = recall.scheduled()
    recall.simulator.fail(kind="refuse", method="GET", status=503)

    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.leave", call=call))

    assert caught.value.can_wait


# Other commands to a bot.


def test_the_host_is_asked_again(recall):
    call = recall.call()

    recall.adapter.perform(order("call.request_permission", call=call))

    assert [each.subject for each in recall.simulator.effects("request_recording_permission")] == [
        call.external_id
    ]


def test_a_message_is_written_into_the_chat(recall):
    call = recall.call()

    answer = recall.adapter.perform(order("call.message", call=call, message="We record.", to="everyone"))

    (written,) = recall.simulator.effects("send_chat_message")
    assert (written.subject, written.details["options"]) == (
        call.external_id,
        {"message": "We record.", "to": "everyone"},
    )
    assert answer.is_confirmed


def test_a_message_needs_a_bot_in_the_call(recall):
    waiting = call_ref(state=CallState.WAITING)

    assert "not in the call" in recall.adapter.unavailable("call.message", waiting, {})
    assert "cannot be taken back" in recall.adapter.consequence("call.message", recall.call(), {})


def test_a_refusal_with_an_unknown_code_is_told_in_the_providers_words(recall):
    call = recall.call(platform="google_meet")

    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("call.request_permission", call=call))

    assert "Only Zoom asks" in caught.value.message


def test_all_media_of_a_bot_are_deleted(recall):
    recording = recall.finished()

    answer = recall.adapter.perform(order("call.delete_media", call=recording.call))

    assert answer.is_confirmed
    assert recall.recording(recording).status is Status.DELETED


# Recording.


def test_start_sends_our_key_and_what_to_keep(recall):
    call = recall.call()

    answer = recall.adapter.perform(order("recording.start", call=call, metadata={"project": "42"}))

    assert recall.options_of("start_recording") == {
        "metadata": {"project": "42", "tapedeck_key": KEY},
        "retention": {"type": "forever"},
    }
    expected = RecordingSnapshot(
        external_id="", key=KEY, call_external_id=call.external_id, status=Status.REQUESTED
    )
    assert expected in answer.facts
    assert not answer.is_confirmed


def test_a_started_recording_is_found_by_its_key(recall):
    recording = recall.start(recall.call())

    found = recall.recording(recording)

    assert (found.key, found.status, found.provider_status) == (KEY, Status.IN_PROGRESS, "processing")
    assert found.completed_at is None


def test_a_start_whose_answer_shows_the_recording_is_confirmed(recall):
    call = recall.call()
    shown = fixture("api/bot.recording.json")
    shown["recordings"][0]["metadata"] = {"tapedeck_key": KEY}
    adapter = answered(httpx.Response(200, json=shown))

    answer = adapter.perform(order("recording.start", call=call))

    assert answer.is_confirmed
    assert not any(isinstance(fact, RecordingSnapshot) for fact in answer.facts)


def test_the_same_send_key_starts_once(recall):
    again = order("recording.start", call=recall.call())

    recall.simulator.fail(kind="drop_after")
    with pytest.raises(OutcomeUnknown):
        recall.adapter.perform(again)
    recall.adapter.perform(again)

    assert len(recall.simulator.effects("start_recording")) == 1


def test_start_on_a_bot_that_left_is_refused(recall):
    call = recall.call()
    recall.simulator.end_call(call.external_id)

    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("recording.start", call=call))

    assert caught.value.code == "cannot_command_completed_bot"
    assert not caught.value.can_wait


def test_pause_resume_and_stop_act_on_the_bot(recall):
    recording = recall.start(recall.call())

    seen = []
    for kind in ("pause", "resume", "stop"):
        recall.adapter.perform(order(f"recording.{kind}", recording=recording, send_key=kind))
        seen.append(recall.recording(recording).status)

    assert seen == [Status.PAUSED, Status.IN_PROGRESS, Status.PROCESSING]
    for kind in ("pause", "resume", "stop"):
        (effect,) = recall.simulator.effects(f"{kind}_recording")
        assert (effect.subject, effect.result) == (recording.call.external_id, recording.external_id)


def test_stop_asks_for_a_look_at_call_and_recording(recall):
    recording = recall.start(recall.call())

    answer = recall.adapter.perform(order("recording.stop", recording=recording))

    wanted = [(fact.kind, fact.external_id) for fact in answer.facts if isinstance(fact, Wanted)]
    assert wanted == [("call", recording.call.external_id), ("recording", recording.external_id)]
    assert answer.is_confirmed


@pytest.mark.parametrize(
    ("kind", "status", "is_confirmed"),
    [
        ("recording.stop", "processing", False),
        ("recording.stop", "done", True),
        ("recording.pause", "processing", False),
        ("recording.pause", "paused", True),
        ("recording.resume", "paused", False),
        ("recording.resume", "processing", True),
        ("recording.resume", "new", False),
        ("call.leave", "processing", False),
        ("call.delete_media", "done", False),
        ("call.request_permission", "processing", True),
    ],
)
def test_a_command_is_confirmed_by_what_the_answer_shows(kind, status, is_confirmed):
    shown = {"id": RECORDING, "status": {"code": status}}
    bot = {"id": BOT, "status_changes": [{"code": "in_call_recording"}], "recordings": [shown]}
    adapter = answered(httpx.Response(200, json=bot))

    answer = adapter.perform(an_order(kind))

    assert answer.is_confirmed is is_confirmed


def test_stop_works_while_the_recording_has_no_id(recall):
    call = recall.call()
    recall.adapter.perform(order("recording.start", call=call))
    asked = recording_ref(external_id="", status=Status.REQUESTED, call=call)

    answer = recall.adapter.perform(order("recording.stop", recording=asked, send_key="stop"))
    recall.simulator.advance(60)

    assert len(recall.simulator.effects("stop_recording")) == 1
    assert [fact.kind for fact in answer.facts if isinstance(fact, Wanted)] == ["call"]
    assert [each for each in recall.bot(call).recordings if each.status is Status.IN_PROGRESS] == []


def test_the_bot_is_taken_from_the_handle_when_the_call_is_unknown(recall):
    recording = recall.start(recall.call())
    alone = recording_ref(recall.recording(recording))

    recall.adapter.perform(order("recording.stop", recording=alone))

    assert len(recall.simulator.effects("stop_recording")) == 1


@pytest.mark.parametrize("code", ["cannot_command_completed_bot", "cannot_command_unstarted_bot"])
def test_stopping_after_the_bot_left_is_done_already(recall, code):
    recording = recall.start(recall.call())
    recall.simulator.switch(finished_bot_code=code)
    recall.simulator.end_call(recording.call.external_id)
    recall.simulator.advance(60)

    answer = recall.adapter.perform(order("recording.stop", recording=recording))

    assert "had left already" in answer.note
    assert recall.simulator.effects("stop_recording") == []


def test_stopping_what_does_not_run_is_refused_in_the_providers_words(recall):
    recording = recording_ref(call=recall.call())

    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("recording.stop", recording=recording))

    assert "no recording in the state" in caught.value.message


def test_an_empty_success_of_a_command_counts():
    adapter = answered(httpx.Response(200))

    answer = adapter.perform(order("recording.pause", recording=recording_ref(call=call_ref())))

    assert [fact.kind for fact in answer.facts] == ["call", "recording"]


@pytest.mark.parametrize("kind", ["recording", "transcript"])
def test_labels_are_added_to_those_that_are_there(recall, kind):
    recording = recall.finished(metadata={"team": "sales"})
    transcript = recall.transcribed(recording, metadata={"team": "sales"})

    answer = recall.adapter.perform(
        order(f"{kind}.update", recording=recording, transcript=transcript, **LABELS)
    )

    expected = {"team": "sales", "project": "42", "tapedeck_key": KEY}
    assert recall.options_of(f"change_{kind}") == {"metadata": expected}
    assert answer.facts[0].raw["metadata"] == expected


def test_labels_that_cannot_be_read_are_not_overwritten(recall):
    recording = recall.finished()
    recall.simulator.fail(kind="refuse", status=503)

    with pytest.raises(Refused) as caught:
        recall.adapter.perform(order("recording.update", recording=recording, **LABELS))

    assert caught.value.can_wait
    assert recall.simulator.effects("change_recording") == []


def test_labels_of_a_thing_that_is_gone_are_refused(recall):
    with pytest.raises(NotFound):
        recall.adapter.perform(order("recording.update", recording=recording_ref(), **LABELS))


# Deleting.


def test_a_recording_is_deleted_and_stays_so(recall):
    recording = recall.finished()
    again = order("recording.delete", recording=recording)

    first, second = recall.adapter.perform(again), recall.adapter.perform(again)

    assert [each.facts[0].status for each in (first, second)] == [Status.DELETED, Status.DELETED]
    assert second.note == "It was gone at Recall.ai already."
    assert len(recall.simulator.effects("delete_recording")) == 1


def test_a_transcript_is_deleted_and_stays_so(recall):
    again = order("transcript.delete", transcript=recall.transcribed(recall.finished()))

    first, second = recall.adapter.perform(again), recall.adapter.perform(again)

    assert [each.facts[0].status for each in (first, second)] == [Status.DELETED, Status.DELETED]
    assert second.note == "It was gone at Recall.ai already."
    assert len(recall.simulator.effects("delete_transcript")) == 1


@pytest.mark.parametrize("answer", [httpx.Response(404, html="<h1>No</h1>"), httpx.Response(404)])
@pytest.mark.parametrize("kind", ["recording.delete", "transcript.delete", "call.cancel"])
def test_a_404_that_is_not_the_apis_proves_no_deletion(kind, answer):
    with pytest.raises(Refused) as caught:
        answered(answer).perform(an_order(kind))

    assert not isinstance(caught.value, NotFound)
    assert "No Recall.ai API answers" in caught.value.message


# Transcripts.


def test_a_transcript_carries_our_key(recall):
    recording = recall.finished()

    answer = recall.adapter.perform(
        order("transcript.order", recording=recording, provider="recallai_async", metadata={"a": "b"})
    )

    (transcript,) = answer.facts
    assert recall.options_of("create_transcript") == {
        "provider": {"recallai_async": {}},
        "metadata": {"a": "b", "tapedeck_key": KEY},
    }
    assert (transcript.key, transcript.status, transcript.engine) == (
        KEY,
        Status.PROCESSING,
        "recallai_async",
    )
    assert transcript.recording_external_id == recording.external_id
    assert transcript.call_external_id == recording.call.external_id


def test_a_transcript_of_a_recording_without_a_bot():
    adapter = answered(httpx.Response(201, json={"id": "t1"}))

    answer = adapter.perform(order("transcript.order", recording=recording_ref(), provider="rev_async"))

    assert (answer.facts[0].recording_external_id, answer.facts[0].call_external_id) == (RECORDING, "")


def test_the_same_send_key_orders_one_transcript(recall):
    again = order("transcript.order", recording=recall.finished(), provider="recallai_async")

    recall.simulator.fail(kind="cut")
    with pytest.raises(OutcomeUnknown):
        recall.adapter.perform(again)
    recall.adapter.perform(again)

    assert len(recall.simulator.effects("create_transcript")) == 1


@pytest.mark.parametrize(("completed", "ever"), [(10, 10), (3, 100)])
def test_the_limit_of_transcripts_is_told_by_our_own_count(recall, completed, ever):
    recording = recording_ref(call=call_ref(), transcripts_completed=completed, transcripts_ever=ever)
    refusal = httpx.Response(400, json={"code": "some_code", "detail": "Too many."})

    with pytest.raises(Refused) as caught:
        answered(refusal).perform(order("transcript.order", recording=recording, provider="rev_async"))

    assert f"{completed} of 10 transcripts, {ever} of 100 ever ordered" in caught.value.message
    assert "Too many." in caught.value.message
    assert caught.value.code == "some_code"


def test_another_400_says_nothing_of_the_limit(recall):
    with pytest.raises(Refused) as caught:
        recall.adapter.perform(
            order(
                "transcript.order",
                recording=recall.finished(),
                provider="recallai_async",
                values={"recallai_async.language_code": "xx"},
            )
        )

    assert "of 10 transcripts" not in caught.value.message
    assert "provider.recallai_async.language_code" in caught.value.message


def test_five_transcripts_a_minute_and_a_bot(recall):
    recording = recall.finished()
    for number in range(5):
        recall.adapter.perform(
            order("transcript.order", recording=recording, provider="recallai_async", send_key=str(number))
        )

    with pytest.raises(Throttled) as caught:
        recall.adapter.perform(
            order("transcript.order", recording=recording, provider="recallai_async", send_key="6")
        )

    assert caught.value.bucket == "create_transcript"
    assert 0 < caught.value.retry_after_seconds <= 60


# What every order shares.


@pytest.mark.parametrize("kind", ALL)
def test_only_keyed_orders_send_an_idempotency_key(kind):
    adapter = answered(httpx.Response(500))

    with pytest.raises((OutcomeUnknown, Refused)):
        adapter.perform(an_order(kind))

    writes = [each for each in sent_by(adapter) if each.method != "GET"]
    expected = "send-1" if kind in KEYED else None
    assert {each.headers.get("idempotency-key") for each in writes} <= {expected}
    assert len(writes) == (0 if kind.endswith(".update") else 1)


@pytest.mark.parametrize("kind", ALL)
def test_every_path_ends_with_a_slash_and_holds_the_quoted_id(kind):
    adapter = answered(httpx.Response(404, json={"detail": "Not found."}))

    with contextlib.suppress(NotFound):
        adapter.perform(an_order(kind))

    assert all(
        each.url.path.startswith("/api/v1/") and each.url.path.endswith("/") for each in sent_by(adapter)
    )


@pytest.mark.parametrize("kind", ALL)
def test_an_order_without_the_providers_id_is_not_sent(kind):
    if kind == "call.send":
        return
    adapter = answered(httpx.Response(200))

    with pytest.raises(Refused) as caught:
        adapter.perform(order(kind))

    assert "is not known yet: nothing was sent" in caught.value.message
    assert sent_by(adapter) == []


@pytest.mark.parametrize("kind", ALL)
def test_preview_is_what_is_sent(kind):
    adapter = answered(httpx.Response(404, json={"detail": "Not found."}))
    given = an_order(kind)

    with contextlib.suppress(NotFound):
        adapter.perform(given)

    (sent,) = [each for each in sent_by(adapter) if each.method != "GET"] or [None]
    if sent is not None:
        body = json.loads(sent.content) if sent.content else {}
        assert RecallAdapter.preview(given) == body


@pytest.mark.parametrize(
    ("status", "headers", "body", "error", "words"),
    [
        (401, {}, {"detail": "Invalid token."}, CredentialsRefused, "check both the key and the region"),
        (402, {}, b"", CredentialsRefused, "used up its credit"),
        (403, {}, b"<html>blocked</html>", Refused, "firewall blocked"),
        (403, {}, {"detail": "No."}, CredentialsRefused, "does not allow this"),
        (404, {}, {"detail": "Not found."}, NotFound, "does not know this any more"),
        (405, {}, {"detail": "Method not allowed."}, Refused, "does not allow this here"),
        (409, {}, b"", StillRunning, "still working on this very order"),
        (410, {}, b"", Refused, "refused with status 410"),
        (429, {"Retry-After": "7"}, {"detail": "Throttled."}, Throttled, "Too many requests"),
        (301, {"Location": "/x"}, b"", OutcomeUnknown, "not certain"),
        (500, {}, b"<html>oops</html>", OutcomeUnknown, "not certain"),
        (502, {}, b"", OutcomeUnknown, "status 502"),
        (503, {}, b"{", OutcomeUnknown, "not certain"),
        (504, {}, b"", OutcomeUnknown, "not certain"),
        (507, {}, b"", OutcomeUnknown, "not certain"),
        (400, {}, ["first", "second"], Refused, "Recall.ai says: first"),
        (400, {}, [[], {"a": [{"b": [None, 7]}]}], Refused, "Recall.ai says: a.b: 7"),
        (400, {}, {"code": 5, "detail": None}, Refused, "nothing was done"),
        (400, {}, 17, Refused, "nothing was done"),
    ],
)
def test_what_an_answer_means_for_a_start(status, headers, body, error, words):
    given = (
        httpx.Response(status, headers=headers, content=body)
        if isinstance(body, bytes)
        else httpx.Response(status, headers=headers, json=body)
    )

    with pytest.raises(error) as caught:
        answered(given).perform(order("recording.start", call=call_ref()))

    assert type(caught.value) is error
    assert words in caught.value.message
    assert caught.value.status == status
    assert caught.value.exchange.status == status
    assert "(not JSON)" not in caught.value.code


@pytest.mark.parametrize(
    "name", ["update_bot_failed", "teams_blacklisted_tenant", "cannot_command_unstarted_bot"]
)
def test_the_providers_own_bodies_keep_their_code(name):
    given = httpx.Response(400, content=content(f"api/error.400.{name}.json"))

    with pytest.raises(Refused) as caught:
        answered(given).perform(order("recording.start", call=call_ref()))

    assert caught.value.code == name


def test_cannot_delete_bot_is_known_with_either_status():
    for status in (400, 405):
        given = httpx.Response(status, content=content("api/error.405.cannot_delete_bot.json"))

        with pytest.raises(Refused) as caught:
            answered(given).perform(order("call.cancel", call=call_ref()))

        assert caught.value.code == "cannot_delete_bot"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("call.send", b"{}"),
        ("call.send", b""),
        ("recording.start", b"<html>welcome</html>"),
        ("recording.stop", b"[]"),
        ("recording.stop", b'{"recordings": [{}], "id": "b"}'),
        ("transcript.order", b'{"id": null}'),
    ],
)
def test_a_success_without_the_id_is_unexpected(kind, body):
    with pytest.raises(UnexpectedResponse) as caught:
        answered(httpx.Response(200, content=body)).perform(an_order(kind))

    assert caught.value.status == 200
    assert caught.value.exchange.method == "POST"


def test_no_connection_means_not_sent():
    with pytest.raises(NotSent):
        answered(httpx.ConnectError("refused")).perform(an_order("recording.start"))


def test_no_answer_means_unknown():
    with pytest.raises(OutcomeUnknown):
        answered(httpx.ReadTimeout("late")).perform(an_order("recording.start"))


# The key and the address.


@pytest.mark.parametrize("typed", ["abcdef123", "Token abcdef123", "  token  abcdef123 \n"])
def test_the_key_is_sent_with_one_token_before_it(typed):
    adapter = answered(httpx.Response(200), api_key=typed)

    adapter.perform(an_order("recording.pause"))

    assert sent_by(adapter)[0].headers["authorization"] == "Token abcdef123"


@pytest.mark.parametrize("typed", ["", "Token ", "schlüssel", "two\nlines"])
def test_a_key_that_cannot_be_sent_is_the_accounts_fault(typed):
    adapter = answered(httpx.Response(200), api_key=typed)

    with pytest.raises(CredentialsRefused):
        adapter.perform(an_order("recording.pause"))

    assert sent_by(adapter) == []


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({"region": "eu-central-1"}, "https://eu-central-1.recall.ai/api/v1/bot/"),
        ({"base_url": "https://us-west-2.recall.ai/"}, "https://us-west-2.recall.ai/api/v1/bot/"),
        ({"base_url": "https://api.recall.ai/api/v1/"}, "https://api.recall.ai/api/v1/bot/"),
    ],
)
def test_the_region_makes_the_address(changes, address):
    adapter = answered(httpx.Response(201, json={"id": BOT}), **changes)

    adapter.perform(an_order("call.send"))

    assert str(sent_by(adapter)[0].url) == address


def test_without_a_region_nothing_is_sent():
    adapter = answered(httpx.Response(201), region="")

    with pytest.raises(Refused) as caught:
        adapter.perform(an_order("call.send"))

    assert "no region" in caught.value.message


def test_live_words_come_to_us_by_our_own_address(recall):
    call = recall.call()
    live = {"transcript.provider": "recallai_streaming"}

    recall.adapter.perform(order("recording.start", call=call, callback_url=HOOK, values=live))

    assert recall.options_of("start_recording")["realtime_endpoints"] == [
        {"type": "webhook", "url": f"{HOOK}realtime/", "events": ["transcript.data"]}
    ]


@pytest.mark.parametrize(
    ("engine", "hook"),
    [("", HOOK), ("recallai_streaming", ""), ("recallai_streaming", "http://localhost:8000/x/")],
)
def test_no_address_of_ours_without_words_or_reach(recall, engine, hook):
    live = {"transcript.provider": engine}

    recall.adapter.perform(order("recording.start", call=recall.call(), callback_url=hook, values=live))

    assert "realtime_endpoints" not in recall.options_of("start_recording")
