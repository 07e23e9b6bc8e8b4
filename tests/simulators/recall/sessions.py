"""A bot's way through a meeting: joining, waiting, permission, recording, leaving, shutting down."""

from typing import TYPE_CHECKING, Any

from tests.simulators.recall.state import Bot, Change, Meeting
from tests.simulators.recall.words import ARRIVING, BOT_EVENTS, IN_CALL, LEAVING, WAITING_ROOM_CEILING

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

NOWHERE = Meeting(url="", title="", conversation=0, people=[], fatal="meeting_not_found")
# The setting of automatic_leave that ends each status, and the sub code of leaving by it.
TIMEOUTS = {
    "in_waiting_room": ("waiting_room_timeout", "timeout_exceeded_waiting_room"),
    "in_call_not_recording": ("in_call_not_recording_timeout", "timeout_exceeded_in_call_not_recording"),
    "in_call_recording": ("in_call_recording_timeout", "timeout_exceeded_in_call_recording"),
    "recording_permission_denied": (
        "recording_permission_denied_timeout",
        "timeout_exceeded_recording_permission_denied",
    ),
}


class Sessions:
    """Every step is a status change with its webhook; a later step finds out whether it still applies."""

    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim

    def meeting_of(self, bot: Bot) -> Meeting:
        return self.sim.meetings.get(bot.meeting_url, NOWHERE)

    def bots_in(self, meeting: Meeting) -> list[Bot]:
        present = IN_CALL | {"in_waiting_room"}
        return [
            bot for bot in self.sim.bots.values() if bot.meeting_url == meeting.url and bot.status in present
        ]

    def change(self, bot: Bot, code: str, sub_code: str | None = None) -> None:
        change = Change(code=code, at=self.sim.clock.now(), sub_code=sub_code)
        bot.changes.append(change)
        if code in BOT_EVENTS:
            self.sim.webhooks.bot(bot, change)
        self._set_timer(bot, code)

    # Coming in.

    def dispatch(self, bot: Bot) -> None:
        """The bot sets out; a scheduled one that was deleted or moved meanwhile does not."""
        if bot.id not in self.sim.bots or bot.changes:
            return
        bot.join_at = None
        self.change(bot, "joining_call")
        self.sim.after(self.sim.switches.join_seconds, lambda: self._arrive(bot))

    def _arrive(self, bot: Bot) -> None:
        if bot.status != "joining_call":
            return
        meeting = self.meeting_of(bot)
        fatal = "meeting_ended" if meeting.is_over else meeting.fatal
        if fatal:
            self.change(bot, "fatal", fatal)
            return
        if meeting.has_waiting_room:
            self.change(bot, "in_waiting_room")
            return
        self.enter(bot)

    def enter(self, bot: Bot) -> None:
        self.change(bot, "in_call_not_recording")
        meeting = self.meeting_of(bot)
        bot.has_met_people = meeting.has_people
        self._after(bot, "noone_joined_timeout", lambda: self._leave_alone(bot))
        if meeting.is_silent:
            setting = bot.automatic_leave.get("silence_detection") or {}
            wait = float(setting.get("timeout") or 3600) + float(setting.get("activate_after") or 0)
            self.sim.after(wait, lambda: self.leave(bot, "timeout_exceeded_silence_detected"))
        if bot.armed is None and bot.config.get("start_recording_on") != "manual":
            bot.armed = bot.config
        self.arm(bot, bot.armed)

    # Recording.

    def arm(self, bot: Bot, config: dict[str, Any] | None) -> None:
        """Record with this configuration, a moment later and as soon as its condition is met."""
        bot.armed = config
        if config is not None:
            self.sim.after(self.sim.switches.start_seconds, lambda: self._try_capture(bot, config))

    def _try_capture(self, bot: Bot, config: dict[str, Any]) -> None:
        if bot.armed is not config or bot.capture or bot.status not in IN_CALL:
            return
        meeting = self.meeting_of(bot)
        if not self._has_begun(meeting, config):
            return
        if meeting.platform == "zoom" and not self._is_allowed(bot, meeting):
            return
        self.sim.captures.begin(bot, config)

    def _has_begun(self, meeting: Meeting, config: dict[str, Any]) -> bool:
        match config.get("start_recording_on"):
            case "participant_join":
                return meeting.has_people
            case "participant_speak":
                return meeting.has_people and not meeting.is_silent
        return True

    def _is_allowed(self, bot: Bot, meeting: Meeting) -> bool:
        if meeting.permission == "denied":
            self.change(bot, "recording_permission_denied", meeting.denial)
            return False
        if meeting.permission == "granted" and not bot.was_allowed:
            bot.was_allowed = True
            self.change(bot, "recording_permission_allowed")
        return meeting.permission == "granted"

    def ask_again(self, bot: Bot) -> None:
        """The host is asked for consent once more; what was waiting for it goes on or is denied."""
        meeting = self.meeting_of(bot)
        if bot.armed is not None:
            self.arm(bot, bot.armed)
        elif not bot.capture and meeting.permission != "pending":
            self._is_allowed(bot, meeting)

    def people_changed(self, meeting: Meeting) -> None:
        for bot in self.bots_in(meeting):
            if meeting.has_people:
                bot.has_met_people = True
                if bot.status != "recording_permission_denied":  # that waits for the host, not for guests
                    self.arm(bot, bot.armed)
            elif bot.has_met_people:
                self._after(bot, "everyone_left_timeout", lambda bot=bot: self._leave_deserted(bot))

    # Going out.

    def leave(self, bot: Bot, sub_code: str) -> None:
        """Out of the call; a running recording is finalised, then the bot shuts down."""
        if bot.status not in IN_CALL | ARRIVING:
            return
        bot.armed = None
        if bot.capture:
            self.sim.captures.end(bot)
        self.change(bot, "call_ended", sub_code)
        self.recording_settled(bot)

    def _leave_alone(self, bot: Bot) -> None:
        if not bot.has_met_people:
            self.leave(bot, "timeout_exceeded_noone_joined")

    def _leave_deserted(self, bot: Bot) -> None:
        if not self.meeting_of(bot).has_people:
            self.leave(bot, "timeout_exceeded_everyone_left")

    def recording_settled(self, bot: Bot) -> None:
        """Called when a recording has come to its end: a bot out of the call waits for the last of them."""
        open_codes = {"processing", "paused"}
        recordings = [self.sim.recordings[key] for key in bot.recordings]
        if bot.status != "call_ended" or any(each.status.code in open_codes for each in recordings):
            return
        if recordings and self.sim.switches.has_recording_done:
            self.change(bot, "recording_done")
        self.sim.after(self.sim.switches.shutdown_seconds, lambda: self._shut_down(bot))

    def _shut_down(self, bot: Bot) -> None:
        if bot.status in LEAVING:
            self.change(bot, "done")
            self.media_gone(bot)

    def media_gone(self, bot: Bot) -> None:
        """A finished bot whose recordings are all deleted shows media_expired (inferred: it has no event)."""
        codes = {self.sim.recordings[key].status.code for key in bot.recordings}
        if codes == {"deleted"} and bot.status == "done":
            self.change(bot, "media_expired")

    # Timers.

    def _set_timer(self, bot: Bot, code: str) -> None:
        setting, sub_code = TIMEOUTS.get(code, ("", ""))
        if not setting:
            return
        place = len(bot.changes)
        if code == "in_waiting_room":
            platform = self.meeting_of(bot).platform
            ceiling, wait = WAITING_ROOM_CEILING.get(platform), self._seconds(bot, setting)
            if ceiling is not None and wait is not None and ceiling < wait:
                sub_code = "call_ended_by_platform_waiting_room_timeout"

        def ring() -> None:
            if len(bot.changes) == place:
                self.leave(bot, sub_code)

        self._after(bot, setting, ring)

    def _after(self, bot: Bot, setting: str, change: Any) -> None:
        seconds = self._seconds(bot, setting)
        if seconds is None:
            return
        if setting == "waiting_room_timeout":
            seconds = min(seconds, WAITING_ROOM_CEILING.get(self.meeting_of(bot).platform, seconds))
        self.sim.after(seconds, change)

    def _seconds(self, bot: Bot, setting: str) -> float | None:
        value = bot.automatic_leave.get(setting)
        if isinstance(value, dict):
            value = value.get("timeout")
        return None if value is None else float(value)
