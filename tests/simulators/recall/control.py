"""The control side: meetings and calls placed by hand, the dashboard, troubles, the truth."""

from dataclasses import asdict
from typing import Any

from tests.simulators.base import control
from tests.simulators.recall import bulk
from tests.simulators.recall.dashboard import DashboardSide
from tests.simulators.recall.day import begin
from tests.simulators.recall.meetings import new_meeting
from tests.simulators.recall.state import Bot, Meeting, Person
from tests.simulators.recall.words import ARRIVING, IN_CALL

OTHERS = {"integration": "crm-notetaker", "owner": "revenue-operations"}


class ControlSide(DashboardSide):
    """Mixed into the simulator. A ``call_id`` may be a bot's id or a meeting's URL."""

    _has_begun = False

    # Standard controls.

    @control
    def place_call(
        self,
        title: str = "",
        conversation: int = 0,
        *,
        metadata: dict[str, str | None] | None = None,
        bot_name: str = "Meeting Notetaker",
        is_recording: bool = False,
        **meeting: Any,
    ) -> str:
        """A bot of another integration, in its call at this moment; ``meeting`` as for ``place_meeting``."""
        sim = self._sim
        place = new_meeting(sim, title, conversation, **meeting)
        bot = sim.new_bot(
            {
                "meeting_url": place.url,
                "bot_name": bot_name,
                "metadata": {**OTHERS, "title": place.title} if metadata is None else metadata,
                "recording_config": {"start_recording_on": "manual"},
                "automatic_leave": {"in_call_not_recording_timeout": 86400},
            }
        )
        sim.sessions.change(bot, "joining_call")
        sim.sessions.enter(bot)
        if is_recording:
            sim.captures.begin(bot, sim.with_defaults({"metadata": OTHERS}))
        return bot.id

    @control
    def place_meeting(self, title: str = "", conversation: int = 0, **meeting: Any) -> str:
        """A meeting that bots can join; answers its URL.

        ``platform`` (zoom), ``participants`` (names; the conversation's speakers come first), ``is_empty``,
        ``has_waiting_room``, ``permission`` (granted, denied, pending), ``denial`` (sub code), ``fatal`` (sub
        code with which bots fail), ``is_silent``, ``refuses_bots``.
        """
        return new_meeting(self._sim, title, conversation, **meeting).url

    @control
    def end_call(self, call_id: str) -> None:
        """The host ends the meeting for all."""
        meeting = self._meeting(call_id)
        meeting.is_over = True
        for person in meeting.people:
            person.is_here = False
        for bot in self._sim.sessions.bots_in(meeting):
            self._sim.sessions.leave(bot, "call_ended_by_host")

    @control
    def truth(self) -> dict[str, Any]:
        """In the provider's words; deleted objects too, overwritten recordings that vanished not."""
        sim = self._sim
        return {
            "calls": [bot.id for bot in sim.bots.values() if bot.status in IN_CALL],
            "arriving": [bot.id for bot in sim.bots.values() if bot.status in ARRIVING],
            "recordings": {
                row.id: {
                    "status": row.status.code,
                    "sub_code": row.status.sub_code,
                    "call": row.bot,
                    "metadata": row.metadata,
                    "is_live": row.completed_at is None and row.status.code in {"processing", "paused"},
                }
                for row in sim.recordings.values()
            },
            "transcripts": {
                row.id: {
                    "status": row.status.code,
                    "sub_code": row.status.sub_code,
                    "recording": row.recording,
                    "metadata": row.metadata,
                    "is_realtime": row.is_realtime,
                }
                for row in sim.transcripts.values()
            },
        }

    @control
    def switch(self, **settings: Any) -> dict[str, Any]:
        """Turn switches of ``Switches``; answers all of them. ``rate_limits`` is merged."""
        switches = self._sim.switches
        for name, value in settings.items():
            if not hasattr(switches, name):
                raise ValueError(f"no switch named {name}")
            setattr(switches, name, {**switches.rate_limits, **value} if name == "rate_limits" else value)
        return asdict(switches)

    @control
    def begin_day(self) -> None:
        """A day that is under way; a second call changes nothing."""
        if not self._has_begun:
            self._has_begun = True
            begin(self._sim)

    @control
    def fill(self, count: int, apart: float = 60.0) -> None:
        """So many finished recordings, so many seconds apart, each of a call of its own."""
        bulk.fill(self._sim, count, apart)

    # Meetings.

    @control
    def admit(self, call_id: str) -> None:
        """The host lets waiting bots in."""
        meeting = self._meeting(call_id)
        for bot in self._sim.sessions.bots_in(meeting):
            if bot.status == "in_waiting_room":
                self._sim.sessions.enter(bot)

    @control
    def deny_recording(
        self, call_id: str, sub_code: str = "zoom_local_recording_request_denied_by_host"
    ) -> None:
        """The host forbids recording, of bots that record already too (Zoom)."""
        meeting = self._meeting(call_id)
        meeting.permission, meeting.denial = "denied", sub_code
        for bot in self._sim.sessions.bots_in(meeting):
            if bot.capture:
                self._sim.captures.end(bot)
            if bot.status in IN_CALL:
                self._sim.sessions.change(bot, "recording_permission_denied", sub_code)

    @control
    def allow_recording(self, call_id: str) -> None:
        """The host consents; bots that were waiting for it begin."""
        meeting = self._meeting(call_id)
        meeting.permission = "granted"
        for bot in self._sim.sessions.bots_in(meeting):
            bot.was_allowed = False
            self._sim.sessions.ask_again(bot)

    @control
    def kick(self, call_id: str) -> None:
        """Bots are thrown out: the one given, or all of a meeting."""
        bot = self._sim.bots.get(call_id)
        for each in [bot] if bot else self._sim.sessions.bots_in(self._meeting(call_id)):
            is_waiting = each.status == "in_waiting_room"
            self._sim.sessions.leave(
                each, "bot_kicked_from_waiting_room" if is_waiting else "bot_kicked_from_call"
            )

    @control
    def person_joins(self, call_id: str, name: str) -> None:
        meeting = self._meeting(call_id)
        known = next((person for person in meeting.people if person.name == name), None)
        if known is None:
            known = Person(id=100 + len(meeting.people), name=name)
            meeting.people.append(known)
        known.is_here = True
        self._sim.sessions.people_changed(meeting)

    @control
    def person_leaves(self, call_id: str, name: str = "") -> None:
        """One person, or everybody."""
        meeting = self._meeting(call_id)
        for person in meeting.people:
            if name in {"", person.name}:
                person.is_here = False
        self._sim.sessions.people_changed(meeting)

    def _meeting(self, call_id: str) -> Meeting:
        bot: Bot | None = self._sim.bots.get(call_id)
        return self._sim.meetings[bot.meeting_url if bot else call_id]
