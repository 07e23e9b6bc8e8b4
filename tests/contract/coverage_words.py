"""Puts the words of a contract before the adapters themselves: what do they make of them?"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recordings.providers.base import Delivered
from recordings.providers.client import Reply
from recordings.providers.daily import endpoints as daily_endpoints
from recordings.providers.daily import jobs as daily_jobs
from recordings.providers.daily import outcomes as daily_outcomes
from recordings.providers.daily import recordings as daily_recordings
from recordings.providers.daily import transcripts as daily_transcripts
from recordings.providers.daily import webhooks as daily_webhooks
from recordings.providers.errors import Exchange, ProviderError, Unreadable
from recordings.providers.outcomes import Meaning, meaning_of
from recordings.providers.recall import answers as recall_answers
from recordings.providers.recall import calls as recall_calls
from recordings.providers.recall import recordings as recall_recordings
from recordings.providers.recall import transcripts as recall_transcripts
from recordings.providers.recall import webhooks as recall_webhooks
from recordings.providers.recall import words as recall_words
from recordings.providers.snapshots import CallSnapshot, Fact
from recordings.providers.twilio import calls as twilio_calls
from recordings.providers.twilio import caption_events
from recordings.providers.twilio import outcomes as twilio_outcomes
from recordings.providers.twilio import recordings as twilio_recordings
from recordings.providers.twilio import transcripts as twilio_transcripts
from recordings.providers.twilio import webhooks as twilio_webhooks
from recordings.providers.vobiz import calls as vobiz_calls
from recordings.providers.vobiz import outcomes as vobiz_outcomes
from recordings.providers.vobiz import recordings as vobiz_recordings
from recordings.providers.vobiz import webhooks as vobiz_webhooks
from recordings.providers.vobiz.api import Api as VobizApi

FIXTURES = Path(__file__).parents[1] / "fixtures"
ID = "11111111-1111-4111-8111-111111111111"
AT = datetime(2026, 11, 20, tzinfo=UTC)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
Read = Callable[[str], Any]


def reply(data: Any, status: int = 200) -> Reply:
    content = json.dumps(data).encode()
    return Reply(
        status=status, headers={}, content=content, exchange=Exchange(method="POST", url="https://x")
    )


# What an adapter makes of a status.


def _recall_call(word: str) -> Any:
    changes = [{"code": word, "created_at": "2026-01-02T03:04:05Z"}]
    return recall_calls.call_snapshot({"id": ID, "status_changes": changes}).state


def _recall_file(word: str) -> str:
    shortcuts = {"video_mixed": {"status": {"code": word}, "format": "mp4"}}
    found = recall_recordings.recording_snapshot({"id": ID, "media_shortcuts": shortcuts})
    return "playable" if found.handle["media"] else "nothing"


def _vobiz_recording(row: dict[str, Any]) -> Any:
    api = VobizApi(client=None, links=None, origin="", auth_id="MA_1", auth_token="secret")
    return vobiz_recordings.snapshot({"recording_id": ID, **row}, api, reply(row))


def _vobiz_call(**fields: str) -> CallSnapshot:
    body = {"call_uuid": ID, **fields}
    api = VobizApi(client=None, links=None, origin="", auth_id="MA_1", auth_token="secret")
    return vobiz_calls._call_of(body, api, reply(body))


STATUSES: Mapping[str, Mapping[str, Read]] = {
    "daily": {
        "recording": lambda word: daily_recordings.snapshot({"id": ID, "status": word}).status,
        "live": lambda word: daily_transcripts.snapshot({"transcriptId": ID, "status": word}, room="").status,
        "job": lambda word: daily_jobs.snapshot({"id": ID, "status": word}).status,
        "webhook": lambda word: daily_endpoints.snapshot({"uuid": ID, "state": word}).is_healthy,
    },
    "recall": {
        "call": _recall_call,
        "recording": lambda word: (
            recall_recordings.recording_snapshot({"id": ID, "status": {"code": word}}).status
        ),
        "transcript": lambda word: (
            recall_transcripts.transcript_snapshot({"id": ID, "status": {"code": word}}).status
        ),
        "file": _recall_file,
        "platform": lambda word: recall_words.PLATFORMS.get(word, "").replace(" ", "_"),
    },
    "twilio": {
        "call": lambda word: twilio_calls.snapshot({"sid": "CA1", "status": word}).state,
        "direction": lambda word: twilio_calls.DIRECTIONS.get(word, "").replace(" ", "_"),
        "recording": lambda word: twilio_recordings.snapshot({"sid": "RE1", "status": word}).status,
        "source": lambda word: twilio_recordings.snapshot({"sid": "RE1", "source": word}).source,
        "legacy": lambda word: twilio_transcripts.legacy({"sid": "TR1", "status": word}).status,
        "intelligence": lambda word: twilio_transcripts.intelligence({"sid": "GT1", "status": word}).status,
        "captions": lambda word: twilio_transcripts.captions({"sid": "GT1", "status": word}, key="").status,
        "track": lambda word: caption_events.TRACKS.get(word, ("",))[0],
    },
    "vobiz": {
        "call": lambda word: _vobiz_call(call_status=word).state,
        "direction": lambda word: _vobiz_call(direction=word).details["Direction"],
        "recording": lambda word: _vobiz_recording({}).status,
        "source": lambda word: _vobiz_recording({"recording_type": word}).source,
    },
}
# The tables behind them: each of their words stands in a row.
TABLES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "daily": {
        "recording": daily_recordings.STATUSES,
        "live": daily_transcripts.STATUSES,
        "job": daily_jobs.STATUSES,
    },
    "recall": {
        "call": recall_words.CALL_STATES,
        "recording": recall_words.RECORDING_STATUSES,
        "transcript": recall_words.TRANSCRIPT_STATUSES,
        "platform": recall_words.PLATFORMS,
    },
    "twilio": {
        "call": twilio_calls.STATES,
        "direction": twilio_calls.DIRECTIONS,
        "recording": twilio_recordings.STATUSES,
        "legacy": twilio_transcripts.LEGACY_STATUSES,
        "intelligence": twilio_transcripts.INTELLIGENCE_STATUSES,
        "captions": twilio_transcripts.CAPTION_STATUSES,
        "track": caption_events.TRACKS,
    },
    "vobiz": {"call": vobiz_calls.STATES},
}


# What an adapter reads in an event.

READERS: Mapping[str, Callable[[Delivered], tuple[Fact, ...] | None]] = {
    "daily": daily_webhooks.read,
    "recall": recall_webhooks.read,
    "twilio": twilio_webhooks.read,
    "vobiz": vobiz_webhooks.read,
}
NO_EVENTS = {"vectors.json", "remedies.json", "ping.json"}  # Daily's test message tells of nothing


def _is_of_recall(name: str) -> bool:
    return name.endswith(".json")


def _is_of_daily(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(("api.", "batch.json"))


def _is_of_twilio(name: str) -> bool:
    """A callback's fields are in PascalCase, an answer's are not; Intelligence names its event."""
    fields = json.loads((FIXTURES / "twilio" / name).read_bytes()) if name.endswith(".json") else {}
    return isinstance(fields, dict) and bool({"AccountSid", "event_type"} & fields.keys())


def _is_of_vobiz(name: str) -> bool:
    stem = name.partition(".")[0]
    is_callback = stem in {"Record", "RecordStop", "recording", "transcription"}
    return is_callback and name.endswith((".json", ".form.txt"))


IS_EVENT: Mapping[str, Callable[[str], bool]] = {
    "daily": _is_of_daily,
    "recall": _is_of_recall,
    "twilio": _is_of_twilio,
    "vobiz": _is_of_vobiz,
}


def events(slug: str) -> set[str]:
    """The names of the fixtures that are callbacks."""
    files = {path.name for path in (FIXTURES / slug).iterdir() if path.is_file()} - NO_EVENTS
    return {name for name in files if IS_EVENT[slug](name)}


def facts_of(slug: str, name: str, path: str = "") -> tuple[Fact, ...] | None:
    """What the adapter reads in a fixture. Raises ``Unreadable`` where it cannot."""
    content = (FIXTURES / slug / name).read_bytes()
    delivery = Delivered(
        event="",
        method="POST",
        path=path,
        query="",
        headers={"content-type": FORM if name.endswith(".form.txt") else JSON},
        body=content,
        received_at=AT,
    )
    try:
        return READERS[slug](delivery)
    except Unreadable as exc:
        raise AssertionError(f"{name} cannot be read: {exc}") from exc


# What an adapter makes of a refusal.


def _daily_error(status: int, code: str, kind: str) -> ProviderError | None:
    found = reply({"error": code, "info": ""} if code else {}, status)
    meaning = daily_outcomes.meaning(found, kind=kind)
    if meaning is Meaning.DONE:
        return None
    return daily_outcomes.refusal(meaning, found, kind=kind, bucket="")


def _recall_error(status: int, code: str, kind: str) -> ProviderError | None:
    found = reply({"code": code, "detail": "Because."} if code else {"detail": "Because."}, status)
    if recall_answers.verdict(found, kind=kind) is Meaning.DONE:
        return None
    return recall_answers.failure(found, kind=kind)


def _twilio_error(status: int, code: str, kind: str) -> ProviderError | None:
    found = reply({"code": int(code), "message": "Because", "status": status} if code else {}, status)
    meaning = meaning_of(twilio_outcomes.RULES, kind=kind, status=status, code=code)
    if meaning is Meaning.DONE:
        return None
    return twilio_outcomes.refusal(meaning, found, kind=kind, bucket="")


def _vobiz_error(status: int, code: str, kind: str) -> ProviderError | None:
    found = reply({"error": {"code": code, "message": "Because"}}, status)
    meaning = meaning_of(vobiz_outcomes.RULES, kind=kind, status=status, code=code)
    if meaning is Meaning.DONE:
        return None
    return vobiz_outcomes.refusal(meaning, found, kind=kind)


ERRORS: Mapping[str, Callable[[int, str, str], ProviderError | None]] = {
    "daily": _daily_error,
    "recall": _recall_error,
    "twilio": _twilio_error,
    "vobiz": _vobiz_error,
}
# Of a row that says nothing else: a write that has no rules of its own.
USUAL_ORDER = {
    "daily": "recording.update",
    "recall": "recording.update",
    "twilio": "endpoint.repair",
    "vobiz": "recording.start",
}
# What providers say in words alone, or beside a code that stands for many things.
WORDS = {
    "too-short": "The audio is too short.",
    "limit": "This recording has 10 of 10 transcripts, 12 of 100 ever ordered: delete one and order again.",
    "active-stream": "room demo has an active stream",
    "not-sfu": "room is not in SFU mode",
    "closed": "the call was closed before the command could be delivered",
    "deepgram": "the Deepgram API key is invalid",
    "not-enabled": "cloud recording is not enabled for this room",
    "ping": "non-200 status code returned from webhook endpoint, recvd undefined",
    "not-stored": "transcriptions were not stored: enable_transcription_storage was off",
    "hosting": "room demo does not seem to be hosting a call currently",
    "silent": "Failed to transcribe. The audio may be invalid or silent.",
    "download": "Failed to download recording: server responded with 403 Forbidden",
    "sts": "cloud-recording-error: Error fetching STS credentials",
    "s3": "User: arn:aws:sts::1:assumed-role/tapes/x is not authorized to perform: s3:PutObject",
    "no-bucket": "NoSuchBucket: the specified bucket does not exist",
    "no-recorders": "All of Daily's recorders are busy.",
    "nobody": "Nobody is in the room: Daily can do this only while somebody is.",
    "payment": "Daily asks for a payment or a card on the account.",
    "zero": "Daily gives it a length of zero: nothing was heard.",
    "stored": "Daily could not store the transcript.",
    "canceled": "Daily cancelled this recording: nothing was kept.",
    "recorder": "Daily met an error with the recording.",
    "no-reason": "Twilio could not transcribe the recording and gives no reason.",
    "canceled-there": "Twilio cancelled this transcript and gives no reason.",
    "message": "Twilio could not transcribe the message and gives no reason.",
    "captions": "Twilio ended the captions with an error.",
    "absent": "Twilio kept nothing of this recording.",
    "html-403": "Recall.ai's firewall blocked the request: nothing was done.",
    "html-404": "No Recall.ai API answers at this address: nothing was done.",
}


def error(slug: str, status: int, code: str, kind: str) -> ProviderError | None:
    """What the adapter raises for such an answer; None where it says "it is so already"."""
    return ERRORS[slug](status, code, kind)
