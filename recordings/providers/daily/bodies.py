"""The bodies of Daily's requests, made from an order's options (contract 2.3, 2.4, 4.2, 5.1)."""

from collections.abc import Callable, Mapping
from typing import Any

from recordings.providers.daily.events import EVENT_TYPES
from recordings.providers.daily.recording_options import MAX_DURATION
from recordings.providers.daily.room_actions import CHANGE_DOMAIN, CHANGE_ROOM
from recordings.providers.daily.values import DEFAULT_INSTANCE, text
from recordings.providers.options import Options
from recordings.providers.orders import Order, RecordingRef, TranscriptRef
from recordings.providers.scrub import grants_access

Body = dict[str, Any]

RAW_TRACKS = "raw-tracks"
LAYOUT, PRIVACY = "layout.", "privacy"
CAMERA_PRESETS = frozenset({"default", "portrait"})
# Which preset each part of a layout belongs to (contract 2.3).
LAYOUT_PARTS: Mapping[str, frozenset[str]] = {
    "layout.max_cam_streams": CAMERA_PRESETS,
    "layout.session_id": frozenset({"single-participant"}),
    "layout.variant": frozenset({"portrait"}),
    "layout.composition_id": frozenset({"custom"}),
    "layout.composition_params": frozenset({"custom"}),
    "layout.session_assets": frozenset({"custom"}),
}
DEEPGRAM = frozenset(
    {"model", "tier", "punctuate", "profanity_filter", "redact", "endpointing", "extra", "language"}
)
TRANSCRIPT_PRESET, SUMMARY_PRESET = "transcript", "summarize"
RECORDING_ID = "recordingId"


def body_of(order: Order) -> Body:
    """The JSON body of an order; empty where the contract has none. Webhooks get their secrets later."""
    maker = _MAKERS.get(order.kind)
    return maker(order) if maker else {}


def template_of(options: Options, key: str) -> str:
    """The name of a job's files ends with our key: a job echoes nothing else of ours (design 4)."""
    return f"{text(options.get('s3KeyTemplate')) or 'transcript'}-tapedeck-{key}"


def type_of(recording: RecordingRef) -> str:
    return text(recording.handle.get("type"))


def instance_of(handle: Mapping[str, Any]) -> str:
    """The instance that a command is for; the default one is reserved and is meant by leaving it out."""
    found = text(handle.get("instanceId"))
    return "" if found.lower() == DEFAULT_INSTANCE else found


def check_options(kind: str, options: Options) -> dict[str, str]:
    """Rules between fields: field name to message."""
    checker = _CHECKERS.get(kind)
    return checker(options) if checker else {}


def _start(order: Order) -> Body:
    options = {"maxDuration": MAX_DURATION, **order.options}
    return {**_with_layout(options), "instanceId": order.key}


def _update(order: Order) -> Body:
    return {**_with_layout(order.options), **_instance(order.recording)}


def _stop(order: Order) -> Body:
    """Only raw tracks must be named; every other type is found by the default (contract 2.3)."""
    recording = order.recording
    is_raw = recording is not None and type_of(recording) == RAW_TRACKS
    return {**_instance(recording), **({"type": RAW_TRACKS} if is_raw else {})}


def _with_layout(options: Options) -> Body:
    plain = {name: value for name, value in options.items() if not name.startswith(LAYOUT)}
    layout = {name.removeprefix(LAYOUT): value for name, value in options.items() if name.startswith(LAYOUT)}
    return {**plain, "layout": layout} if layout else plain


def _instance(thing: RecordingRef | TranscriptRef | None) -> Body:
    found = instance_of(thing.handle) if thing else ""
    return {"instanceId": found} if found else {}


def _captions_start(order: Order) -> Body:
    return {**_typed(order.options), "instanceId": order.key}


def _captions_update(order: Order) -> Body:
    return {**order.options, **_instance(order.transcript)}


def _captions_stop(order: Order) -> Body:
    return _instance(order.transcript)


def _job(order: Order) -> Body:
    options = order.options
    preset = options.get("preset", TRANSCRIPT_PRESET)
    files = {
        "s3KeyTemplate": template_of(options, order.key),
        "useReplacement": bool(options.get("useReplacement", False)),
    }
    body: Body = {"preset": preset, "inParams": _source(order), "outParams": {"s3Config": files}}
    words = _typed({name: value for name, value in options.items() if name in DEEPGRAM})
    if preset == TRANSCRIPT_PRESET and words:
        body["transformParams"] = {TRANSCRIPT_PRESET: words}  # its language wins over inParams' (4.2)
    return body


def is_elsewhere(order: Order) -> bool:
    """Whether a job reads a file that Daily does not hold."""
    return bool(order.options.get("sourceType", RECORDING_ID) != RECORDING_ID)


def _source(order: Order) -> Body:
    if is_elsewhere(order):
        return {"sourceType": order.options["sourceType"], "uri": order.options.get("uri", "")}
    recording_id = order.recording.external_id if order.recording else ""
    return {"sourceType": RECORDING_ID, RECORDING_ID: recording_id}


def _typed(options: Options) -> Body:
    """Two of Deepgram's parameters have two types each, and are typed in as text."""
    body = dict(options)
    if "endpointing" in body:
        body["endpointing"] = _flag_or(body["endpointing"], int)
    if "redact" in body:
        body["redact"] = _flag_or(body["redact"], lambda words: [word.strip() for word in words.split(",")])
    return body


def _flag_or(value: str, read: Callable[[str], Any]) -> Any:
    return {"true": True, "false": False}[value] if value in {"true", "false"} else read(value)


def _endpoint(order: Order) -> Body:
    return {
        "url": order.callback_url,
        "eventTypes": list(order.options.get("eventTypes") or EVENT_TYPES),
        "retryType": order.options.get("retryType", "exponential"),
    }


def _settings(order: Order) -> Body:
    """Only what was typed: what is left out stays (contract 2.1)."""
    properties = {name: value for name, value in order.options.items() if name != PRIVACY}
    body: Body = {PRIVACY: order.options[PRIVACY]} if order.options.get(PRIVACY) else {}
    return {**body, "properties": properties} if properties else body


def _check_settings(options: Options) -> dict[str, str]:
    return {} if options else {"enable_recording": "Choose what is to change."}


def _check_recording(options: Options) -> dict[str, str]:
    errors = _check_layout(options)
    for name in ("width", "height"):
        if options.get(name, 0) % 2:
            errors[name] = "Daily takes even numbers only."
    preset = options.get("layout.preset")
    if preset == "raw-tracks-audio-only" and options.get("type") != RAW_TRACKS:
        errors["layout.preset"] = "This layout is for raw tracks only."
    return errors


def _check_update(options: Options) -> dict[str, str]:
    if not options:
        return {"layout.preset": "Choose what is to change."}
    return _check_recording({**options, "type": RAW_TRACKS})  # what runs is not known here


def _check_layout(options: Options) -> dict[str, str]:
    preset = options.get("layout.preset")
    errors = {
        name: f"This is for these layouts only: {', '.join(sorted(presets))}."
        for name, presets in LAYOUT_PARTS.items()
        if name in options and preset not in presets
    }
    if preset == "single-participant" and not options.get("layout.session_id"):
        errors["layout.session_id"] = "Name the participant who is to be shown."
    return errors


def _check_job(options: Options) -> dict[str, str]:
    errors = {}
    if options.get("preset") == SUMMARY_PRESET:
        errors = {name: "This is for transcripts only." for name in options if name in DEEPGRAM}
    if "{" in text(options.get("s3KeyTemplate")) and not options.get("useReplacement"):
        errors["s3KeyTemplate"] = "Braces need the name to be filled in."
    return errors | _check_source(options)


def _check_source(options: Options) -> dict[str, str]:
    source, uri = options.get("sourceType", RECORDING_ID), text(options.get("uri"))
    if source == "transcriptUri" and options.get("preset") != SUMMARY_PRESET:
        return {"sourceType": "Only summaries are made from a transcript."}
    if bool(uri) != (source != RECORDING_ID):
        return {"uri": "An address and its kind belong together: give both or neither."}
    if grants_access(uri):
        return {"uri": "This address opens by itself: it would be stored here with the order."}
    return {}


def _check_participants(options: Options) -> dict[str, str]:
    found = options.get("participants", [])
    is_fine = all(isinstance(each, str) and each for each in found)
    return {} if is_fine else {"participants": "Each must be the session id of a participant."}


def _check_endpoint(options: Options) -> dict[str, str]:
    return {"eventTypes": "Choose at least one."} if options.get("eventTypes") == [] else {}


_MAKERS: Mapping[str, Callable[[Order], Body]] = {
    "recording.start": _start,
    "recording.update": _update,
    "recording.stop": _stop,
    "captions.start": _captions_start,
    "captions.update": _captions_update,
    "captions.stop": _captions_stop,
    "transcript.order": _job,
    "endpoint.create": _endpoint,
    "endpoint.repair": _endpoint,
    CHANGE_ROOM: _settings,
    CHANGE_DOMAIN: _settings,
}
_CHECKERS: Mapping[str, Callable[[Options], dict[str, str]]] = {
    "recording.start": _check_recording,
    "recording.update": _check_update,
    "captions.start": _check_participants,
    "captions.update": _check_participants,
    "transcript.order": _check_job,
    "endpoint.create": _check_endpoint,
    "endpoint.repair": _check_endpoint,
    CHANGE_ROOM: _check_settings,
    CHANGE_DOMAIN: _check_settings,
}
