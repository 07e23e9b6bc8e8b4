"""What an order says to Twilio: the form of each write, made of options alone (contract 3, 4)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from recordings.providers.options import Option, Options
from recordings.providers.orders import Order
from recordings.providers.twilio.caption_options import CAPTION_OPTIONS
from recordings.providers.twilio.current_actions import PAUSE, RESUME, STOP
from recordings.providers.twilio.options import (
    PAUSE_OPTIONS,
    PERSON_FIELDS,
    START_OPTIONS,
    person_option,
)
from recordings.providers.twilio.service_actions import CHANGE, CHANGE_OPTIONS, CREATE, CREATE_OPTIONS

# Three more attempts of a callback, whatever went wrong: without being asked Twilio repeats only what
# found no connection (contract 5.5). All of them still happen within 15 seconds.
RETRIES = "#rc=3&rp=all"
EVENTS = "in-progress completed absent"  # one field, separated by spaces (contract 3.2)
RECORDING_PATH, CAPTIONS_PATH = "recording", "captions"
ACCOUNTS_OWN = "(the account's own Intelligence Service)"
SERVICE_FORMS: Mapping[str, Sequence[Option]] = {
    CREATE: CREATE_OPTIONS,
    CHANGE: [option for option in CHANGE_OPTIONS if option.name != "ServiceSid"],  # it stands in the path
}
UPDATES: Mapping[str, str] = {
    "recording.stop": "stopped",
    "recording.pause": "paused",
    "recording.resume": "in-progress",
    "captions.stop": "stopped",
    STOP: "stopped",
    PAUSE: "paused",
    RESUME: "in-progress",
}


def of_order(order: Order, *, service: str = ACCOUNTS_OWN) -> dict[str, str]:
    """The form that ``perform`` sends; empty for a DELETE."""
    match order.kind:
        case "recording.start":
            form = {**_typed(START_OPTIONS, order.options), **_recording_callback(order)}
        case kind if kind in UPDATES:
            form = {"Status": UPDATES[kind], **_typed(PAUSE_OPTIONS, order.options)}
        case "transcript.order":
            form = _transcript(order, service)
        case "captions.start":
            form = {**_typed(CAPTION_OPTIONS, order.options), "Name": order.key, **_captions_callback(order)}
        case "endpoint.repair":
            form = {"WebhookUrl": order.callback_url, "WebhookHttpMethod": "POST"}
        case kind if kind in SERVICE_FORMS:
            form = {**_typed(SERVICE_FORMS[kind], order.options), **_service_callback(order)}
        case _:
            form = {}
    return form


def own_address(callback_url: str, key: str, path: str) -> str:
    """Our address for one row: the key stands in the path and comes back with every callback."""
    return f"{callback_url}{quote(key, safe='')}/{path}/{RETRIES}"


def participants(options: Options) -> list[dict[str, Any]]:
    """Who speaks on which channel; a channel of which nothing was typed is left to Twilio."""
    found = []
    for channel in (1, 2):
        typed = {name: options.get(person_option(channel, name)) for name in PERSON_FIELDS}
        known = {name: value for name, value in typed.items() if value not in (None, "")}
        if known:
            found.append({"channel_participant": channel, **known})
    return found


def _typed(fields: Sequence[Option], options: Options) -> dict[str, str]:
    names = [field.name for field in fields if not field.is_ours]
    return {name: _wire(options[name]) for name in names if options.get(name) not in (None, "")}


def _wire(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _recording_callback(order: Order) -> dict[str, str]:
    if not order.callback_url:
        return {}
    return {
        "RecordingStatusCallback": own_address(order.callback_url, order.key, RECORDING_PATH),
        "RecordingStatusCallbackMethod": "POST",
        "RecordingStatusCallbackEvent": EVENTS,
    }


def _captions_callback(order: Order) -> dict[str, str]:
    if not order.callback_url:
        return {}
    return {
        "StatusCallbackUrl": own_address(order.callback_url, order.key, CAPTIONS_PATH),
        "StatusCallbackMethod": "POST",
    }


def _service_callback(order: Order) -> dict[str, str]:
    """Of a service that is made; one that is there keeps its address."""
    if order.kind != CREATE or not order.callback_url:
        return {}
    return {"WebhookUrl": order.callback_url, "WebhookHttpMethod": "POST"}


def _transcript(order: Order, service: str) -> dict[str, str]:
    """``Channel`` is JSON inside of one form field (contract 4.2)."""
    source = order.recording.external_id if order.recording else ""
    elsewhere = order.options.get("media_url")
    media = {"media_url": elsewhere} if elsewhere else {"source_sid": source}
    channel: dict[str, Any] = {"media_properties": media}
    people = participants(order.options)
    if people:
        channel["participants"] = people
    form = {
        "ServiceSid": str(order.options.get("ServiceSid") or service),
        "Channel": json.dumps(channel, ensure_ascii=False),
        "CustomerKey": order.key,
    }
    if order.options.get("MediaStartTime"):
        form["MediaStartTime"] = str(order.options["MediaStartTime"])
    return form
