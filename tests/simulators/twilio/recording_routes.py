"""What the API lets one do with recordings."""

from typing import TYPE_CHECKING

from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.twilio.answers import Refusal, not_found, rfc2822
from tests.simulators.twilio.forms import (
    BOOLEAN,
    PAGING,
    dated,
    is_day,
    is_moment,
    is_sid,
    is_url,
    is_within,
    one_of,
    read_form,
    read_query,
    sid,
    text,
)
from tests.simulators.twilio.paging import classic
from tests.simulators.twilio.recordings import refuse_unless_recordable
from tests.simulators.twilio.state import Call, Recording

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

CURRENT = "Twilio.CURRENT"
EVENTS = {"in-progress", "completed", "absent"}


def _are_events(value: str) -> bool:
    return bool(value) and set(value.split(" ")) <= EVENTS


START = {
    "RecordingChannels": one_of("mono", "dual"),
    "RecordingTrack": one_of("inbound", "outbound", "both"),
    "Trim": one_of("trim-silence", "do-not-trim"),
    "RecordingStatusCallback": is_url,
    "RecordingStatusCallbackMethod": one_of("GET", "POST"),
    "RecordingStatusCallbackEvent": _are_events,
    "RecordingConfigurationId": text(),  # listed as beta; has no effect here
}
# processing, completed and absent are in the enum, but are read values.
UPDATE = {"Status": one_of("stopped", "paused", "in-progress"), "PauseBehavior": one_of("skip", "silence")}
SUB_LIST = {**dated("DateCreated", is_day), **PAGING}
ACCOUNT_LIST = {
    **dated("DateCreated", is_moment),
    "CallSid": sid("CA"),
    "ConferenceSid": sid("CF"),
    "IncludeSoftDeleted": BOOLEAN,
    **PAGING,
}
FETCH = {"IncludeSoftDeleted": BOOLEAN}


class RecordingRoutes:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator

    def start(self, request: Request, call: str) -> Response:
        simulator = self._simulator
        options = read_form(request, START, strict=simulator.switches.is_strict)
        found = simulator.calls.find(call)
        refuse_unless_recordable(found)
        earlier = self._started_by_api(found)
        if earlier and simulator.switches.second_start != "new":
            return self._start_again(earlier, found, options)
        recording = simulator.recordings.start(
            found,
            channels=2 if options.get("RecordingChannels") == "dual" else 1,
            track=options.get("RecordingTrack", "both"),
            callback=options.get("RecordingStatusCallback", ""),
            callback_method=options.get("RecordingStatusCallbackMethod", "POST"),
            events=tuple(options.get("RecordingStatusCallbackEvent", "completed").split(" ")),
        )
        simulator.perform("start_recording", found.sid, result=recording.sid, **options)
        return json_answer(simulator.recordings.call_shape(recording, is_update=True), 201)

    def update(self, request: Request, call: str, recording: str) -> Response:
        """Stop, pause or resume under a call."""
        simulator = self._simulator
        options = read_form(request, UPDATE, "Status", strict=simulator.switches.is_strict)
        found = simulator.calls.find(call)
        chosen = self._chosen(found.sid, recording)
        if not chosen.is_live:
            raise Refusal(simulator.switches.stop_finished_code)
        self._change(chosen, found.sid, options)
        return json_answer(simulator.recordings.call_shape(chosen, is_update=True))

    def update_conference(self, request: Request, conference: str, recording: str) -> Response:
        simulator = self._simulator
        options = read_form(request, UPDATE, "Status", strict=simulator.switches.is_strict)
        chosen = self._chosen(simulator.calls.find_conference(conference).sid, recording)
        if options["Status"] == "stopped":
            raise Refusal(simulator.switches.conference_stop_code, "a conference recording cannot be stopped")
        if not chosen.is_live:
            raise Refusal(simulator.switches.stop_finished_code)
        self._change(chosen, conference, options)
        return json_answer(simulator.recordings.call_shape(chosen, is_update=True))

    def index(self, request: Request) -> Response:
        query = read_query(request, ACCOUNT_LIST, strict=self._simulator.switches.is_strict)
        deleted = query.get("IncludeSoftDeleted") == "true"
        found = [each for each in self._visible(deleted=deleted) if _matches(each, query)]
        return self._page(request, query, found, is_account=True)

    def index_of_call(self, request: Request, call: str) -> Response:
        call_sid = self._simulator.calls.find(call).sid
        return self._index_under(request, call_sid)

    def index_of_conference(self, request: Request, conference: str) -> Response:
        return self._index_under(request, self._simulator.calls.find_conference(conference).sid)

    def fetch(self, request: Request, recording: str) -> Response:
        query = read_query(request, FETCH, strict=self._simulator.switches.is_strict)
        found = self._simulator.recordings.find(recording, deleted=query.get("IncludeSoftDeleted") == "true")
        return json_answer(self._simulator.recordings.account_shape(found))

    def fetch_under(self, request: Request, recording: str, call: str = "", conference: str = "") -> Response:
        read_query(request, FETCH, strict=self._simulator.switches.is_strict)
        found = self._under(call or conference, recording)
        return json_answer(self._simulator.recordings.call_shape(found))

    def delete(self, request: Request, recording: str) -> Response:
        return self._delete(self._simulator.recordings.find(recording))

    def delete_under(
        self, request: Request, recording: str, call: str = "", conference: str = ""
    ) -> Response:
        return self._delete(self._under(call or conference, recording))

    def _start_again(self, earlier: Recording, call: Call, options: dict[str, str]) -> Response:
        """Success without a second recording; the first one keeps its own options and callback."""
        shape = self._simulator.recordings.call_shape(earlier, is_update=True)
        if self._simulator.switches.second_start == "ghost":
            ghost = self._simulator.new_sid("RE")
            now = rfc2822(self._simulator.clock.now())
            uri = f"{self._simulator.root}/Calls/{call.sid}/Recordings/{ghost}.json"
            shape |= {"sid": ghost, "uri": uri, "date_created": now, "date_updated": now, "start_time": now}
        self._simulator.perform("start_recording_again", call.sid, result=earlier.sid, **options)
        return json_answer(shape, 201)

    def _started_by_api(self, call: Call) -> Recording | None:
        live = self._simulator.recordings.live_of(self._simulator.calls.root(call).sid)
        return next((each for each in live if each.source == "StartCallRecordingAPI"), None)

    def _change(self, recording: Recording, subject: str, options: dict[str, str]) -> None:
        """Only a change is an effect: pausing what is paused does nothing."""
        simulator, wanted = self._simulator, options["Status"]
        if wanted == recording.status:
            return
        if wanted == "paused":
            simulator.recordings.pause(recording, options.get("PauseBehavior", "silence"))
        elif wanted == "in-progress":
            simulator.recordings.resume(recording)
        else:
            simulator.recordings.stop(recording)
        action = {"paused": "pause_recording", "in-progress": "resume_recording", "stopped": "stop_recording"}
        simulator.perform(action[wanted], recording.sid, within=subject, **options)

    def _delete(self, recording: Recording) -> Response:
        if recording.status != "completed":
            raise Refusal(
                self._simulator.switches.delete_unfinished_code, "only completed recordings can be deleted"
            )
        self._simulator.recordings.delete(recording)
        self._simulator.perform("delete_recording", recording.sid)
        return empty_answer()

    def _chosen(self, parent: str, recording: str) -> Recording:
        if recording != CURRENT:
            return self._under(parent, recording)
        live = [each for each in self._of(parent) if each.is_live]
        if len(live) > 1:
            raise Refusal(16108)
        if not live:
            raise not_found(f"{parent}/Recordings/{CURRENT}")
        return live[0]

    def _under(self, parent: str, recording: str) -> Recording:
        for each in self._of(parent):
            if each.sid == recording and each.deleted_at is None:
                return each
        raise not_found(f"{parent}/Recordings/{recording}")

    def _of(self, parent: str) -> list[Recording]:
        """A call's or a conference's own; whether a participant's call lists both is not in the contract."""
        is_call = is_sid(parent, "CA")
        return [
            each
            for each in self._simulator.recordings.all.values()
            if (each.call == parent and not each.conference if is_call else each.conference == parent)
        ]

    def _visible(self, *, deleted: bool) -> list[Recording]:
        recordings = self._simulator.recordings
        return [each for each in recordings.all.values() if recordings.is_visible(each, deleted=deleted)]

    def _index_under(self, request: Request, parent: str) -> Response:
        query = read_query(request, SUB_LIST, strict=self._simulator.switches.is_strict)
        found = [
            each
            for each in self._of(parent)
            if each.deleted_at is None and is_within(each.created_at, "DateCreated", query)
        ]
        return self._page(request, query, found, is_account=False)

    def _page(
        self, request: Request, query: dict[str, str], found: list[Recording], *, is_account: bool
    ) -> Response:
        simulator = self._simulator
        shape = simulator.recordings.account_shape if is_account else simulator.recordings.call_shape
        page = simulator.pager.cut(found, query)
        return json_answer(
            classic(request, "recordings", page, shape, older=simulator.switches.older_envelope)
        )


def _matches(recording: Recording, query: dict[str, str]) -> bool:
    fields = {"CallSid": recording.call, "ConferenceSid": recording.conference}
    if any(name in query and query[name] != value for name, value in fields.items()):
        return False
    return is_within(recording.created_at, "DateCreated", query)
