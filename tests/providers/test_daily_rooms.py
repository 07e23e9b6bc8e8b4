"""Rooms and the domain: their settings, their end, and who was there last."""

import pytest

from recordings.providers.daily import DailyAdapter
from recordings.providers.errors import NotFound, Refused
from recordings.providers.options import clean
from recordings.providers.orders import Verdict
from recordings.providers.snapshots import CallState, Wanted
from tests.providers.daily_account import (
    Account,
    answering,
    call_ref,
    complains,
    fixture,
    order,
    says,
)

BUCKET = {"bucket_name": "tapes", "bucket_region": "eu-central-1", "allow_api_access": True}
SHARED = {
    "enable_recording": "cloud-audio-only",
    "enable_transcription_storage": True,
    "recordings_bucket": BUCKET,
    "transcription_bucket": BUCKET,
    "recordings_template": "{room_name}/{epoch_time}-{instance_id}",
    "auto_transcription_settings": {"language": "de"},
}
ROOM, DOMAIN, DELETE = "call.change", "domain.change", "room.delete"


@pytest.fixture
def account():
    return Account()


def typed(kind, **options):
    found, errors = clean(DailyAdapter.action(kind).options, options)
    assert (errors, DailyAdapter.check_options(kind, found)) == ({}, {})
    return found


def emptied(account, call):
    account.simulator.end_call(call.external_id)
    return call_ref(call.external_id, state=CallState.ENDED)


def test_a_room_is_changed_by_every_option_and_read_again(account):
    call = account.call()
    options = typed(ROOM, privacy="private", **SHARED)

    answer = account.perform(ROOM, call=call, options=options)

    (effect,) = account.simulator.effects("update_room")
    assert effect.details == {"privacy": "private", "properties": SHARED}
    assert answer.facts == (Wanted(kind="call", external_id=call.external_id),)
    assert account.adapter.fetch("call", call.external_id)[0].flags["enable_recording"] == "cloud-audio-only"


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"privacy": "public"}, {"privacy": "public"}),
        ({"enable_transcription_storage": False}, {"properties": {"enable_transcription_storage": False}}),
    ],
)
def test_what_is_not_typed_is_not_sent(account, options, body):
    account.perform(ROOM, call=account.call(), options=options)

    assert account.simulator.effects("update_room")[0].details == body


def test_the_domain_is_changed_and_its_settings_hold_at_once(account):
    call = account.call(properties={"enable_recording": None})
    before = account.adapter.fetch("call", call.external_id)[0].flags["enable_recording"]
    options = typed(DOMAIN, batch_processor_bucket=BUCKET, **SHARED)

    answer = account.perform(DOMAIN, options=options)

    after = account.adapter.fetch("call", call.external_id)[0].flags["enable_recording"]
    (effect,) = account.simulator.effects("update_domain")
    assert effect.details == {"properties": {"batch_processor_bucket": BUCKET, **SHARED}}
    assert answer.facts == ()
    assert (before == "cloud-audio-only", after) == (False, "cloud-audio-only")


@pytest.mark.parametrize("kind", [ROOM, DOMAIN])
def test_a_change_of_nothing_is_refused(kind):
    assert DailyAdapter.check_options(kind, {}) == {"enable_recording": "Choose what is to change."}


def test_a_name_of_files_needs_the_time():
    _, errors = clean(DailyAdapter.action(ROOM).options, {"recordings_template": "tapes"})

    assert list(errors) == ["recordings_template"]


def test_an_empty_room_is_deleted_once_and_again(account):
    call = emptied(account, account.call())
    asked = account.order(DELETE, call=call)
    before = account.adapter.evidence(asked).verdict

    first, second = account.adapter.perform(asked), account.adapter.perform(asked)

    assert len(account.simulator.effects("delete_room")) == 1
    assert [each.facts[0].state for each in (first, second)] == [CallState.ENDED, CallState.ENDED]
    assert first.facts[0].provider_status == "unknown room"
    assert (first.note, "gone already" in second.note) == ("", True)
    assert (before, account.adapter.evidence(asked).verdict) == (Verdict.ABSENT, Verdict.HAPPENED)


@pytest.mark.parametrize(
    ("kind", "call", "words"),
    [
        (DELETE, call_ref(), "wait until it is empty"),
        (DELETE, call_ref(state=CallState.ENDED, provider_status="unknown room"), "any more"),
        (ROOM, call_ref(state=CallState.ENDED, provider_status="unknown room"), "any more"),
        (DELETE, call_ref(state=CallState.ENDED), ""),
        (ROOM, call_ref(), ""),
    ],
)
def test_what_cannot_be_done_to_a_room_says_why(kind, call, words):
    found = DailyAdapter.unavailable(kind, call, {})

    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize("kind", [ROOM, DOMAIN])
def test_settings_that_are_there_prove_a_change(account, kind):
    call = account.call()
    asked = account.order(kind, call=call, options={"enable_recording": "raw-tracks"})
    before = account.adapter.evidence(asked).verdict

    account.adapter.perform(asked)

    assert (before, account.adapter.evidence(asked).verdict) == (Verdict.ABSENT, Verdict.HAPPENED)


def test_the_privacy_of_a_room_proves_a_change_too():
    adapter, _ = answering({("GET", "/rooms/my-room"): says({"name": "my-room", "privacy": "private"})})

    found = [
        adapter.evidence(order(ROOM, call=call_ref(), options={"privacy": privacy})).verdict
        for privacy in ("private", "public")
    ]

    assert found == [Verdict.HAPPENED, Verdict.ABSENT]


def test_a_room_that_is_gone_was_not_changed_and_a_gateways_404_proves_nothing():
    asked = order(ROOM, call=call_ref(), options={"privacy": "public"})
    gone, _ = answering({("GET", "/rooms/my-room"): complains(404, "not-found")})
    gateway, _ = answering({("GET", "/rooms/my-room"): says("", 404)})

    assert gone.evidence(asked).verdict is Verdict.ABSENT
    with pytest.raises(NotFound):
        gateway.evidence(asked)


def test_a_change_that_daily_refuses_says_that_nothing_changed():
    adapter, _ = answering({("POST", "/rooms/my-room"): complains(400, "invalid-request-error")})

    with pytest.raises(Refused, match="The room stays as it was"):
        adapter.perform(order(ROOM, call=call_ref(), options={"privacy": "public"}))


# Who was there last.


def test_an_empty_room_tells_who_was_there_last(account):
    call = emptied(account, account.call())

    details = account.adapter.fetch("call", call.external_id)[0].details

    assert details["Last session"]
    assert details["Last in the room"]


def room_with(**answers):
    adapter, asked = answering(
        {
            ("GET", "/rooms/my-room"): says(fixture("api.room")),
            ("GET", "/rooms/my-room/presence"): says({"total_count": 0, "data": []}),
            ("GET", "/"): says(fixture("api.domain")),
            ("GET", "/meetings"): says({"data": [{"id": "m-1"}]}),
            ("GET", "/meetings/m-1/participants"): answers.get("people", says({"data": []})),
            **({("GET", "/meetings"): answers["meetings"]} if "meetings" in answers else {}),
        }
    )
    return adapter.fetch("call", "my-room")[0].details, asked


def test_people_without_a_name_are_named_so_and_each_once():
    people = fixture("api.meeting.participants")
    people["data"] *= 2

    details, _ = room_with(people=says(people))

    assert details["Last in the room"] == "Nora Quillby, (no name)"


def test_a_long_list_of_names_is_cut_short():
    details, _ = room_with(people=says({"data": [{"user_name": f"P{n}"} for n in range(50)]}))

    assert details["Last in the room"].endswith("P19")


@pytest.mark.parametrize(
    "answers",
    [
        {"meetings": complains(429, "rate-limit-error")},
        {"people": complains(404, "not-found")},
        {"meetings": says({"data": []})},
    ],
)
def test_a_room_whose_last_session_is_not_told_is_shown_all_the_same(answers):
    details, _ = room_with(**answers)

    assert "Last session" not in details
    assert details["Privacy"]
