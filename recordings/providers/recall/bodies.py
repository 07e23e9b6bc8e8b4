"""The bodies of Recall.ai's requests, made from an order's options (contract, sections 2.2, 2.4, 4.1)."""

from collections.abc import Callable, Mapping
from typing import Any

from recordings.providers.options import Options
from recordings.providers.orders import Order
from recordings.providers.recall.engines import REST
from recordings.providers.recall.reading import KEY, host_of, mapping, sequence, text
from recordings.providers.recall.recording_options import ARTIFACTS, DEFAULT_RETENTION_HOURS

Body = dict[str, Any]

REALTIME_PATH = "realtime/"
_CONFIG = "recording_config."
_LEAVE = "automatic_leave."
_TRANSCRIPT = "transcript."
ARTIFACT_LABELS = "artifacts.metadata"


def body_of(order: Order) -> Body | None:
    """The JSON body of an order, or None where the contract has none."""
    maker = _MAKERS.get(order.kind)
    return maker(order) if maker else None


def part(options: Options, prefix: str) -> Body:
    """The options whose names begin with ``prefix``, without it."""
    return {name.removeprefix(prefix): value for name, value in options.items() if name.startswith(prefix)}


def nested(flat: Options) -> Body:
    """``{"a.b": 1}`` as ``{"a": {"b": 1}}``."""
    body: Body = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        place = body
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return body


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> Body:
    """``over`` wins; objects on both sides are merged."""
    body = dict(under)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(body.get(name), dict)
        body[name] = merged(body[name], value) if both else value
    return body


def recording_body(options: Options, *, callback_url: str = "") -> Body:
    """A recording's configuration. ``retention`` always stands in it: its absence means another thing at
    each account, and null means that nothing is kept (section 2.4)."""
    special = ("retention", "transcript", "realtime_endpoints", "include_bot_in_recording", "artifacts")
    body = {name: value for name, value in options.items() if name.partition(".")[0] not in special}
    for name in ARTIFACTS:
        if name in body:
            body[name] = {} if body[name] else None  # null turns an artifact off
    for name, labels in mapping(options.get(ARTIFACT_LABELS)).items():
        body[name] = {"metadata": labels}
    body["retention"] = _retention(options)
    body |= nested({name: options[name] for name in options if name.startswith("include_bot_in_recording.")})
    transcript = _live_transcript(part(options, _TRANSCRIPT))
    if transcript:
        body["transcript"] = transcript
    endpoints = [*sequence(options.get("realtime_endpoints")), *_our_endpoint(transcript, callback_url)]
    if endpoints:
        body["realtime_endpoints"] = endpoints
    return body


def _retention(options: Options) -> Body | None:
    kept = options.get("retention", "forever")
    if kept == "none":
        return None
    if kept == "timed":
        return {"type": "timed", "hours": options.get("retention.hours", DEFAULT_RETENTION_HOURS)}
    return {"type": "forever"}


def _live_transcript(options: Options) -> Body:
    engine = text(options.get("provider"))
    if not engine:
        return {}
    others = {name: value for name, value in options.items() if name not in {"provider", REST}}
    return {"provider": {engine: dict(mapping(options.get(REST)))}, **nested(others)}


def _our_endpoint(transcript: Body, callback_url: str) -> list[Body]:
    # The firewall refuses a body with an address on localhost (section 1.6).
    if not transcript or not callback_url or host_of(callback_url) == "localhost":
        return []
    return [{"type": "webhook", "url": f"{callback_url}{REALTIME_PATH}", "events": ["transcript.data"]}]


def _with_key(body: Body, order: Order) -> Body:
    return {**body, "metadata": {**mapping(body.get("metadata")), KEY: order.key}}


def _start(order: Order) -> Body:
    return _with_key(recording_body(order.options, callback_url=order.callback_url), order)


def _send(order: Order) -> Body:
    options = {name: value for name, value in order.options.items() if "." not in name}
    config = {"start_recording_on": "manual", **part(order.options, _CONFIG)}
    options["recording_config"] = recording_body(config, callback_url=order.callback_url)
    leaving = nested(part(order.options, _LEAVE))
    if leaving:
        options["automatic_leave"] = leaving
    return _with_key(options, order)


def _change(order: Order) -> Body:
    body = dict(order.options)
    return _with_key(body, order) if "metadata" in body else body


def _labels(order: Order) -> Body:
    return _with_key(dict(order.options), order)


def _order_transcript(order: Order) -> Body:
    options = order.options
    engine = text(options.get("provider"))
    settings = merged(mapping(options.get(REST)), nested(part(options, f"{engine}.")))
    shared = {
        name: options[name] for name in options if name == "metadata" or name.startswith("diarization.")
    }
    return _with_key({"provider": {engine: settings}, **nested(shared)}, order)


_MAKERS: Mapping[str, Callable[[Order], Body]] = {
    "call.send": _send,
    "call.change": _change,
    "call.message": lambda order: dict(order.options),
    "recording.start": _start,
    "recording.update": _labels,
    "transcript.order": _order_transcript,
    "transcript.update": _labels,
}
