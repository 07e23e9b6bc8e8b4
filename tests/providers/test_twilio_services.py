"""Intelligence Services made, changed and deleted, and what they redact."""

import json
from dataclasses import replace

import pytest

from recordings.providers.errors import NotFound, OutcomeUnknown, Refused
from recordings.providers.orders import Verdict
from recordings.providers.snapshots import RecordingSnapshot, Status
from recordings.providers.twilio import TwilioAdapter
from tests.providers.twilio_account import (
    GT,
    HOOK,
    RE,
    SERVICE,
    Account,
    answering,
    failing,
    listing,
    ok,
    order,
    recording_ref,
    sent_by,
    transcript_ref,
)

CREATE, CHANGE, DELETE = "service.create", "service.change", "service.delete"
NEW = {"UniqueName": "german-desk", "LanguageCode": "de-DE", "AutoRedaction": True, "FriendlyName": "Desk"}


@pytest.fixture
def twilio():
    return Account()


def test_a_service_is_made_with_every_option_and_posts_here(twilio):
    options = {**NEW, "AutoTranscribe": False, "MediaRedaction": True, "DataLogging": False}

    (fact,) = twilio.adapter.perform(order(CREATE, options=options)).facts

    (effect,) = twilio.simulator.effects("create_service")
    assert fact.external_id == effect.result
    assert (fact.url, fact.state) == (HOOK, "POST")
    assert effect.details == {
        "UniqueName": "german-desk",
        "LanguageCode": "de-DE",
        "FriendlyName": "Desk",
        "AutoTranscribe": "false",
        "AutoRedaction": "true",
        "MediaRedaction": "true",
        "DataLogging": "false",
        "WebhookUrl": HOOK,
        "WebhookHttpMethod": "POST",
    }


def test_without_a_public_address_a_service_is_made_without_one(twilio):
    twilio.adapter.perform(order(CREATE, options=NEW, callback_url=""))

    assert "WebhookUrl" not in twilio.simulator.effects("create_service")[0].details


def test_a_service_of_that_name_is_shown_and_none_is_made(twilio):
    first = twilio.adapter.perform(order(CREATE, options=NEW))

    again = twilio.adapter.perform(order(CREATE, options=NEW))

    assert len(twilio.simulator.effects("create_service")) == 1
    assert again.facts[0].external_id == first.facts[0].external_id
    assert "is there already" in again.note


def test_a_look_that_fails_makes_no_service():
    adapter = answering(failing(20500, 500))

    with pytest.raises(Refused, match="Nothing was sent"):
        adapter.perform(order(CREATE, options=NEW))

    assert [each.method for each in sent_by(adapter)] == ["GET"]


def test_a_lost_service_is_found_by_its_name(twilio):
    asked = order(CREATE, options=NEW)
    before = twilio.adapter.evidence(asked).verdict
    twilio.simulator.fail(kind="drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        twilio.adapter.perform(asked)

    found = twilio.adapter.evidence(asked)

    assert (before, found.verdict) == (Verdict.ABSENT, Verdict.HAPPENED)
    assert found.facts[0].external_id == twilio.simulator.effects("create_service")[0].result


def test_the_list_of_services_is_read_to_its_end_and_no_further():
    following = "https://intelligence.twilio.com/v2/Services?Page=1"
    adapter = answering(listing("services", following=following))

    assert adapter.evidence(order(CREATE, options=NEW)).verdict is Verdict.ABSENT
    assert len(sent_by(adapter)) == 21


def test_a_service_is_changed_and_what_is_left_out_stays(twilio):
    service = twilio.adapter.perform(order(CREATE, options=NEW)).facts[0].external_id
    asked = order(CHANGE, options={"ServiceSid": service, "AutoTranscribe": True})
    before = twilio.adapter.evidence(asked).verdict

    (fact,) = twilio.adapter.perform(asked).facts

    (effect,) = twilio.simulator.effects("update_service")
    assert (effect.subject, effect.details) == (service, {"AutoTranscribe": "true"})
    assert (fact.external_id, fact.url) == (service, HOOK)
    assert (before, twilio.adapter.evidence(asked).verdict) == (Verdict.ABSENT, Verdict.HAPPENED)


def test_a_service_is_deleted_once_and_again(twilio):
    service = twilio.adapter.perform(order(CREATE, options=NEW)).facts[0].external_id
    asked = order(DELETE, options={"ServiceSid": service})
    before = twilio.adapter.evidence(asked).verdict

    first, second = twilio.adapter.perform(asked), twilio.adapter.perform(asked)

    assert len(twilio.simulator.effects("delete_service")) == 1
    assert [(each.facts[0].external_id, each.facts[0].state) for each in (first, second)] == [
        (service, "deleted")
    ] * 2
    assert (first.note, second.note) == ("", "The service was gone already.")
    assert (before, twilio.adapter.evidence(asked).verdict) == (Verdict.ABSENT, Verdict.HAPPENED)


def test_a_service_that_is_gone_was_not_changed():
    asked = order(CHANGE, options={"ServiceSid": SERVICE, "FriendlyName": "x"})

    assert answering(failing(20404, 404)).evidence(asked).verdict is Verdict.ABSENT
    with pytest.raises(NotFound):
        answering(failing(0, 404)).evidence(asked)


# What is redacted.


@pytest.mark.parametrize(("unredacted", "asked"), [("", None), ("on", "false")])
def test_words_are_redacted_unless_the_account_says_otherwise(unredacted, asked):
    adapter = answering(
        listing("sentences", {"transcript": "hello"}), listing("operator_results"), unredacted=unredacted
    )

    adapter.fetch_text(transcript_ref(GT))

    assert [each.url.params.get("Redacted") for each in sent_by(adapter)] == [asked, asked]


def test_the_sound_of_a_transcript_is_offered_and_played(twilio):
    recording = twilio.completed()
    before = [each.name for each in twilio.adapter.variants(recording)]
    transcript = twilio.transcribed(recording)
    found, heard = twilio.adapter.fetch("transcript", transcript.external_id)
    known = recording_ref(recording.external_id, handle=heard.handle)

    media = twilio.adapter.media(known, "transcribed")

    assert "transcribed" not in before
    assert [each.name for each in twilio.adapter.variants(known)][-1] == "transcribed"
    assert (found.status, heard) == (
        Status.COMPLETED,
        RecordingSnapshot(external_id=recording.external_id, handle={"has_transcribed_sound": True}),
    )
    assert media.headers == {}
    assert media.content_type == "audio/x-wav"
    assert media.filename.endswith("-transcribed.wav")
    assert twilio.connection.links.read(media.url).content[:4] == b"RIFF"


@pytest.mark.parametrize(("unredacted", "asked"), [("", None), ("on", "false")])
def test_twilios_own_address_of_the_sound_gets_our_credentials(unredacted, asked):
    url = "https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/RE"
    adapter = answering(
        listing("transcripts", {"sid": GT, "status": "completed"}),
        ok({"media_url": url}),
        ok({}),
        unredacted=unredacted,
    )
    adapter.connection.client._http._transport.answers[-1].headers["content-type"] = "audio/x-wav"

    media = adapter.media(recording_ref(RE), "transcribed")

    assert media.url == url
    assert media.headers["Authorization"].startswith("Basic ")
    assert sent_by(adapter)[1].url.params.get("Redacted") == asked


def test_without_a_completed_transcript_there_is_no_such_sound():
    adapter = answering(listing("transcripts", {"sid": GT, "status": "failed"}))

    with pytest.raises(NotFound, match="no completed transcript"):
        adapter.media(recording_ref(RE), "transcribed")


@pytest.mark.parametrize(
    ("status", "channel", "parent", "is_told"),
    [
        ("completed", {"media_properties": {"source_sid": RE}}, "", True),
        ("completed", {}, RE, True),
        ("completed", {}, SERVICE, False),
        ("queued", {"media_properties": {"source_sid": RE}}, "", False),
    ],
)
def test_only_a_completed_transcript_of_a_known_recording_tells_of_its_sound(
    status, channel, parent, is_told
):
    adapter = answering(ok({"sid": GT, "status": status, "channel": channel}))

    assert len(adapter.fetch("transcript", GT, parent=parent)) == (2 if is_told else 1)


# Sound that lies elsewhere.

ELSEWHERE = "https://tapes.example.test/call.wav"


def outside(recording, **options):
    kept = recording_ref(recording.external_id, handle={"is_external": True})
    return order("transcript.order", recording=kept, options=options)


def test_sound_outside_twilio_is_transcribed_from_its_address(twilio):
    asked = outside(twilio.completed(), media_url=ELSEWHERE)

    made = twilio.adapter.perform(asked).facts[0]
    again = twilio.adapter.perform(asked)

    (effect,) = twilio.simulator.effects("create_transcript")
    assert json.loads(effect.details["Channel"]) == {"media_properties": {"media_url": ELSEWHERE}}
    assert (made.key, made.recording_external_id) == (asked.key, asked.recording.external_id)
    assert (again.facts[0].external_id, "reached Twilio before" in again.note) == (made.external_id, True)


def test_a_lost_order_of_sound_elsewhere_is_found_by_its_key(twilio):
    asked = outside(twilio.completed(), media_url=ELSEWHERE)
    before = twilio.adapter.evidence(asked).verdict
    twilio.simulator.fail(kind="drop_after", method="POST")
    with pytest.raises(OutcomeUnknown):
        twilio.adapter.perform(asked)

    found = twilio.adapter.evidence(asked)

    assert (before, found.verdict) == (Verdict.ABSENT, Verdict.HAPPENED)
    assert found.facts[0].recording_external_id == asked.recording.external_id


def test_a_look_for_a_key_asks_for_what_is_new_as_far_as_it_is_known():
    adapter = answering(listing("transcripts"))

    adapter.evidence(outside(recording_ref(RE), media_url=ELSEWHERE))
    adapter.evidence(replace(outside(recording_ref(RE), media_url=ELSEWHERE), ordered_at=None))

    assert ["AfterDateCreated" in each.url.params for each in sent_by(adapter)] == [True, False]


def test_without_an_address_nothing_is_ordered_of_sound_elsewhere():
    adapter = answering(ok({}))

    with pytest.raises(Refused, match="give the address of its sound"):
        adapter.perform(outside(recording_ref(RE)))

    assert sent_by(adapter) == []


def test_an_address_that_opens_by_itself_is_not_taken():
    signed = f"{ELSEWHERE}?X-Amz-Signature=abc"

    assert list(TwilioAdapter.check_options("transcript.order", {"media_url": signed})) == ["media_url"]
    assert TwilioAdapter.check_options("transcript.order", {"media_url": ELSEWHERE}) == {}
