"""Rules between options: what one field alone cannot show (contract, sections 2.2, 2.4, 4.2)."""

from collections.abc import Callable, Mapping
from typing import Any

from recordings.providers.options import Options
from recordings.providers.recall.bodies import ARTIFACT_LABELS, part
from recordings.providers.recall.engines import REST
from recordings.providers.recall.reading import KEY, host_of, mapping, moment, sequence, text
from recordings.providers.recall.recording_options import ARTIFACTS, RECORDED_BY_DEFAULT

REALTIME_TYPES = ("webhook", "websocket", "rtmp")
REALTIME_EVENTS = frozenset(
    {
        *(
            f"participant_events.{name}"
            for name in (
                *("join", "leave", "update", "speech_on", "speech_off", "webcam_on", "webcam_off"),
                *("screenshare_on", "screenshare_off", "chat_message"),
            )
        ),
        "transcript.data",
        "transcript.partial_data",
        "transcript.provider_data",
    }
)


def check_options(kind: str, options: Options) -> dict[str, str]:
    """Field name to message, for what a field alone cannot show."""
    errors = _of_labels(options) | _of_links(options)
    checker = _CHECKERS.get(kind)
    return errors | checker(options) if checker else errors


def _of_labels(options: Options) -> dict[str, str]:
    """Section 2.2: text to text or null."""
    errors = {}
    for name, labels in options.items():
        if (name != "metadata" and not name.endswith(".metadata")) or name.endswith(ARTIFACT_LABELS):
            continue
        if KEY in mapping(labels):
            errors[name] = f"“{KEY}” is Tapedeck's own label."
        elif not _are_labels(labels):
            errors[name] = "Every label must be a text, or null."
    return errors


def _are_labels(labels: Any) -> bool:
    return all(value is None or isinstance(value, str) for value in mapping(labels).values())


def _of_links(options: Options) -> dict[str, str]:
    """Engines know options such as ``callback``: words would go where nobody has allowed them to go."""
    own = ("metadata", "realtime_endpoints", "recording_config")  # checked by their own rules
    return {
        name: "Addresses are not allowed here: content could be sent to them."
        for name, value in options.items()
        if isinstance(value, dict | list) and name.rpartition(".")[2] not in own and _has_link(value)
    }


def _has_link(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_link(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_link(item) for item in value)
    return isinstance(value, str) and "://" in value


def _check_start(options: Options) -> dict[str, str]:
    return _check_recording(options, "")


def _check_recording(options: Options, prefix: str) -> dict[str, str]:
    inside = part(options, prefix)
    errors = _layout_errors(inside)
    if not inside.get("transcript.provider"):
        for name in ("provider_options", "metadata", "diarization.use_separate_streams_when_available"):
            if inside.get(f"transcript.{name}"):
                errors[f"transcript.{name}"] = "Choose a live engine first."
    problems = {"realtime_endpoints": _endpoints_problem(inside), ARTIFACT_LABELS: _files_problem(inside)}
    errors |= {name: problem for name, problem in problems.items() if problem}
    return {f"{prefix}{name}": message for name, message in errors.items()}


def _layout_errors(inside: Mapping[str, Any]) -> dict[str, str]:
    if inside.get("video_mixed_layout") == "gallery_view_v2":
        return {}
    needy = ("video_separate_mp4", "video_separate_png")
    return {name: "This needs the layout “gallery, version 2”." for name in needy if inside.get(name)}


def _files_problem(inside: Mapping[str, Any]) -> str:
    for name, labels in mapping(inside.get(ARTIFACT_LABELS)).items():
        if name not in ARTIFACTS:
            return f"Files are named by the option that records them: {', '.join(ARTIFACTS)}."
        if not isinstance(labels, dict) or not _are_labels(labels):
            return "Every file needs an object of labels, each a text or null."
        if not inside.get(name, name in RECORDED_BY_DEFAULT):
            return f"“{name}” is not recorded: choose it too, or leave its labels out."
    return ""


def _endpoints_problem(inside: Mapping[str, Any]) -> str:
    for endpoint in sequence(inside.get("realtime_endpoints")):
        problem = _endpoint_problem(mapping(endpoint), inside)
        if problem:
            return problem
    return ""


def _endpoint_problem(endpoint: Mapping[str, Any], inside: Mapping[str, Any]) -> str:
    kind, host = endpoint.get("type"), host_of(text(endpoint.get("url")))
    if kind not in REALTIME_TYPES:
        return f"Each address needs a type: {', '.join(REALTIME_TYPES)}."
    if not host:
        return "Each address needs a url."
    if host == "localhost":
        return "Recall.ai's firewall refuses addresses on localhost."
    if kind == "rtmp":
        return "" if inside.get("video_mixed_flv") else "An rtmp address needs “Video stream (flv)”."
    return _events_problem([text(event) for event in sequence(endpoint.get("events"))], inside)


def _events_problem(events: list[str], inside: Mapping[str, Any]) -> str:
    unknown = [event or "?" for event in events if event not in REALTIME_EVENTS]
    if not events or unknown:
        return f"Unknown or missing events: {', '.join(unknown) or 'none given'}."
    if not inside.get("transcript.provider") and any(event.startswith("transcript.") for event in events):
        return "Words are sent only with a live engine: choose one."
    return ""


_WAITING_ROOM = "automatic_leave.waiting_room_timeout"
_WAITING_ROOM_CEILINGS = (
    ("meet.google.com", 600, "Google Meet"),
    ("teams.microsoft.com", 1800, "Microsoft Teams"),
    ("teams.live.com", 1800, "Microsoft Teams"),
)


def _check_send(options: Options) -> dict[str, str]:
    errors = _check_recording(options, "recording_config.") | _check_when(options)
    host = host_of(text(options.get("meeting_url")))
    if not host:
        errors["meeting_url"] = "This is no link to a meeting."
    seconds = options.get(_WAITING_ROOM) or 0
    for platform_host, most, label in _WAITING_ROOM_CEILINGS:
        if host == platform_host and seconds > most:
            errors[_WAITING_ROOM] = f"{label} lets a bot wait {most} seconds at most."
    return errors


def _check_when(options: Options) -> dict[str, str]:
    given = text(options.get("join_at"))
    if given and moment(given) is None:
        return {"join_at": "This is no date and time."}
    return {}


def _check_change(options: Options) -> dict[str, str]:
    if not options:
        return {"bot_name": "Change at least one field."}
    return _check_when(options)


def _check_order(options: Options) -> dict[str, str]:
    engine, rest = text(options.get("provider")), mapping(options.get(REST))
    errors = {}
    if engine in rest or "provider" in rest:
        errors[REST] = "Give the options of the engine themselves, without its name around them."
    if engine == "speechmatics_async" and not _has_language(options, rest):
        errors["speechmatics_async.transcription_config.language"] = "Speechmatics needs a language."
    for item in sequence(options.get("recallai_async.spelling")):
        if not (sequence(mapping(item).get("find")) and text(mapping(item).get("replace"))):
            errors["recallai_async.spelling"] = "Each entry needs “find” (a list) and “replace” (a text)."
    return errors


def _has_language(options: Options, rest: Mapping[str, Any]) -> bool:
    return bool(
        options.get("speechmatics_async.transcription_config.language")
        or options.get("speechmatics_async.language")
        or rest.get("language")
        or mapping(rest.get("transcription_config")).get("language")
    )


_CHECKERS: Mapping[str, Callable[[Options], dict[str, str]]] = {
    "call.send": _check_send,
    "call.change": _check_change,
    "recording.start": _check_start,
    "transcript.order": _check_order,
}
