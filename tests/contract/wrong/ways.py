"""How each simulator is made to do what its contract warns of: the one place that knows them apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.contract.conftest import Provider

STRANGER = "7e57ab1e-0000-4000-8000-00000000beef"  # an id that nothing here has
STRANGE_SID = "RE" + "0" * 28 + "beef"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """One provider's."""

    start: str  # what the path of a start holds
    began: str  # the simulator's word for having begun a recording
    stopped: str
    deleted: str
    deleted_text: str = ""
    lose: Callable[[Any, str], object]  # somebody deletes a recording by the provider's console
    lose_text: Callable[[Any, str], object] = lambda simulator, ident: None
    tell: Callable[[Provider, str], object]  # a proven callback: this recording is ready
    tell_odd: Callable[[Provider], object]  # a proven callback of a kind that nobody knows
    forge: Callable[[dict[str, str]], dict[str, str]]  # headers with which a callback is not proven
    word: str = ""  # the provider's word for a finished recording; "" where it has none
    wrong_options: Mapping[str, Any] = field(default_factory=dict)
    stranger: str = STRANGER


def _flipped(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """The signature of another text."""

    def forge(headers: dict[str, str]) -> dict[str, str]:
        return {
            name: "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" if name.lower() in names else value
            for name, value in headers.items()
        }

    return forge


def _recall_tells(provider: Provider, ident: str) -> None:
    stamp = {"code": "done", "sub_code": None, "updated_at": provider.world.clock.utc().isoformat()}
    thing = {"id": ident, "metadata": {}}
    provider.simulator.webhooks.send(
        "recording.done", {"data": stamp, "recording": thing, "bot": {"id": STRANGER, "metadata": {}}}
    )


def _twilio_tells(provider: Provider, ident: str) -> None:
    fields = {
        "AccountSid": provider.simulator.account_sid,
        "CallSid": "CA" + "0" * 32,
        "RecordingSid": ident,
        "RecordingStatus": "completed",
        "RecordingDuration": "12",
        "RecordingSource": "DialVerb",
    }
    url = f"{provider.account.webhook_url}recording/"
    provider.simulator.webhooks.send_form(url, "recording.completed", fields)


def _daily_tells(provider: Provider, ident: str) -> None:
    payload = {
        "recording_id": ident,
        "room_name": "a-room-of-others",
        "status": "finished",
        "start_ts": int(provider.world.clock.now()) - 60,
        "duration": 12,
    }
    provider.simulator.post_event("recording.ready-to-download", f"rec-rtd-{ident}-1", payload)


def _vobiz_tells(provider: Provider, ident: str) -> None:
    url = f"{provider.account.webhook_url}recording/"
    provider.simulator.stray_callback(url, recording_id=ident)


def _fifth_tells(provider: Provider, ident: str) -> None:
    now = provider.world.clock.utc().isoformat()
    thing = {"id": ident, "call": "call-of-others", "key": "", "status": "done", "options": {}}
    provider.simulator._announce("recording.done", {**thing, "started": now, "changed": now, "duration": 12})


def _vobiz_odd(provider: Provider) -> None:
    body = urlencode({"Event": "MoonLanded", "where": "Tranquility"}).encode()
    callback = provider.simulator.callback_of("MoonLanded", provider.account.webhook_url, body)
    provider.simulator.outbox.put(callback)


def _twilio_odd(provider: Provider) -> None:
    fields = {"AccountSid": provider.simulator.account_sid, "MoonLanded": "Tranquility"}
    provider.simulator.webhooks.send_form(provider.account.webhook_url, "moon.landed", fields)


WAYS: Mapping[str, Ways] = {
    "recall": Ways(
        start="/start_recording/",
        began="start_recording",
        stopped="stop_recording",
        deleted="delete_recording",
        deleted_text="delete_transcript",
        lose=lambda simulator, ident: simulator.expire_media(ident),
        lose_text=lambda simulator, ident: simulator.transcripts.pop(ident),
        tell=_recall_tells,
        tell_odd=lambda provider: provider.simulator.webhooks.send("moon.landed", {"data": {}}),
        forge=_flipped("webhook-signature"),
        word='"done"',
        wrong_options={"retention": "timed", "retention.hours": 0},
    ),
    "twilio": Ways(
        start="/Recordings.json",
        began="start_recording",
        stopped="stop_recording",
        deleted="delete_recording",
        deleted_text="delete_transcript",
        lose=lambda simulator, ident: simulator.recordings.delete(simulator.recordings.all[ident]),
        lose_text=lambda simulator, ident: simulator.transcripts.all.pop(ident),
        tell=_twilio_tells,
        tell_odd=_twilio_odd,
        forge=_flipped("x-twilio-signature"),
        word='"completed"',
        wrong_options={"RecordingChannels": "quad"},
        stranger=STRANGE_SID,
    ),
    "daily": Ways(
        start="/recordings/start",
        began="start_recording",
        stopped="stop_recording",
        deleted="delete_recording",
        deleted_text="delete_job",
        lose=lambda simulator, ident: simulator.recordings.pop(ident),
        lose_text=lambda simulator, ident: simulator.jobs.pop(ident),
        tell=_daily_tells,
        tell_odd=lambda provider: provider.simulator.post_event("moon.landed", "moon-1", {"where": "here"}),
        forge=_flipped("x-webhook-signature"),
        word='"finished"',
        wrong_options={"videoBitrate": 9, "audioBitrate": 321},
    ),
    "vobiz": Ways(
        start="/Record/",
        began="start_recording",
        stopped="stop_recording",
        deleted="delete_recording",
        lose=lambda simulator, ident: simulator.delete_elsewhere(ident),
        tell=_vobiz_tells,
        tell_odd=_vobiz_odd,
        forge=lambda headers: {**headers, "X-Vobiz-Signature-V3": "AAAA", "X-Vobiz-Signature-V3-Nonce": "1"},
        wrong_options={"time_limit": 28801},
    ),
    "fifth": Ways(
        start="/recordings",
        began="start",
        stopped="stop",
        deleted="delete",
        deleted_text="delete_transcript",
        lose=lambda simulator, ident: simulator.recordings.pop(ident),
        lose_text=lambda simulator, ident: simulator.transcripts.pop(ident),
        tell=_fifth_tells,
        tell_odd=lambda provider: provider.simulator._announce("moon.landed", {}),
        forge=_flipped("x-fifth-signature"),
        word='"done"',
        wrong_options={"quality": "middling"},
    ),
}


def ways(provider: Provider) -> Ways:
    return WAYS[provider.slug]
