"""What the API lets one do with Intelligence transcripts."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.twilio.answers import Refusal
from tests.simulators.twilio.forms import (
    PAGING,
    is_moment,
    is_sid,
    moment,
    one_of,
    read_form,
    read_query,
    sid,
    text,
)
from tests.simulators.twilio.paging import product
from tests.simulators.twilio.state import Transcript

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

STATUSES = ("new", "queued", "in-progress", "completed", "failed", "canceled", "error")
PARTICIPANT = {
    "channel_participant",
    "user_id",
    "media_participant_id",
    "email",
    "full_name",
    "image_url",
    "role",
}
CREATE = {"ServiceSid": sid("GA"), "Channel": text(), "CustomerKey": text(64), "MediaStartTime": is_moment}
LIST = {
    "ServiceSid": sid("GA"),
    "SourceSid": text(),
    "Status": one_of(*STATUSES),
    "LanguageCode": text(),
    "BeforeDateCreated": is_moment,
    "AfterDateCreated": is_moment,
    "BeforeStartTime": is_moment,
    "AfterStartTime": is_moment,
    **PAGING,
}


class TranscriptRoutes:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator

    def create(self, request: Request) -> Response:
        simulator = self._simulator
        form = read_form(request, CREATE, "ServiceSid", "Channel", strict=simulator.switches.is_strict)
        service = simulator.services.find(form["ServiceSid"])
        channel = _channel(form["Channel"])
        source, url = _source(channel)
        recording = None if url else simulator.recordings.all.get(source)
        problem = self._url_problem(url) if url else simulator.transcripts.unfit(recording)
        if problem and not url and simulator.switches.source_errors_at_create:
            raise Refusal(problem)
        if recording is not None:
            simulator.transcripts.refuse_duplicate(service, recording)
        made = simulator.transcripts.order(
            service,
            recording,
            channel=channel,
            media_url=url,
            customer_key=form.get("CustomerKey"),
            media_start_time=form.get("MediaStartTime"),
            fails_with=problem,
        )
        simulator.perform("create_transcript", url or source, result=made.sid, **form)
        return json_answer(simulator.transcripts.shape(made), 202)

    def index(self, request: Request) -> Response:
        simulator = self._simulator
        query = read_query(request, LIST, strict=simulator.switches.is_strict)
        found = [each for each in simulator.transcripts.all.values() if self._matches(each, query)]
        page = simulator.pager.cut(found, query)
        shape = simulator.transcripts.shape
        return json_answer(product(request, "transcripts", page, shape, origin=simulator.origin))

    def fetch(self, request: Request, transcript: str) -> Response:
        transcripts = self._simulator.transcripts
        return json_answer(transcripts.shape(transcripts.find(transcript)))

    def delete(self, request: Request, transcript: str) -> Response:
        found = self._simulator.transcripts.find(transcript)
        del self._simulator.transcripts.all[found.sid]
        self._simulator.perform("delete_transcript", found.sid, recording=found.recording)
        return empty_answer()

    def _url_problem(self, url: str) -> int:
        """Links to our own recordings need basic auth, which Twilio does not use there: it fails later."""
        own = {"api.twilio.com", urlsplit(self._simulator.origin).netloc}
        return 95100 if urlsplit(url).netloc in own else 0

    def _matches(self, found: Transcript, query: dict[str, str]) -> bool:
        service = self._simulator.services.all.get(found.service)
        language = service.setting("language_code") if service else ""
        fields = {
            "ServiceSid": found.service,
            "SourceSid": found.recording,
            "Status": found.status,
            "LanguageCode": language,
        }
        if any(name in query and query[name] != value for name, value in fields.items()):
            return False
        started = moment(found.media_start_time) if found.media_start_time else None
        started_at = started.timestamp() if started else None
        return _is_between(found.created_at, "DateCreated", query) and _is_between(
            started_at, "StartTime", query
        )


def _is_between(when: float | None, name: str, query: dict[str, str]) -> bool:
    before, after = moment(query.get(f"Before{name}", "")), moment(query.get(f"After{name}", ""))
    if when is None:
        return before is None and after is None
    return (before is None or when < before.timestamp()) and (after is None or when > after.timestamp())


def _channel(value: str) -> dict[str, Any]:
    try:
        channel = json.loads(value)
    except ValueError:
        raise Refusal(20422, "Channel is not JSON") from None
    if not isinstance(channel, dict) or not isinstance(channel.get("media_properties"), dict):
        raise Refusal(20422, "Channel needs media_properties")
    if set(channel) - {"media_properties", "participants"}:
        raise Refusal(20422, "Channel has an unknown field")
    _check_participants(channel.get("participants", []))
    return channel


def _check_participants(participants: Any) -> None:
    if not isinstance(participants, list) or len(participants) > 2:
        raise Refusal(20422, "at most two participants")
    for each in participants:
        if (
            not isinstance(each, dict)
            or each.get("channel_participant") not in {1, 2}
            or set(each) - PARTICIPANT
        ):
            raise Refusal(20422, "a participant is not valid")


def _source(channel: dict[str, Any]) -> tuple[str, str]:
    """The recording and the link; the link wins when both are sent."""
    properties = channel["media_properties"]
    source, url = str(properties.get("source_sid") or ""), str(properties.get("media_url") or "")
    if set(properties) - {"source_sid", "media_url"} or not (source or url):
        raise Refusal(20422, "media_properties needs source_sid or media_url")
    if not url and not is_sid(source, "RE"):
        raise Refusal(20422, f"source_sid={source}")
    return source, url
