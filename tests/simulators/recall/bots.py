"""The bot endpoints: send, list, change, delete, and the commands to a bot in a call."""

from typing import TYPE_CHECKING, Any

from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.recall import schemas
from tests.simulators.recall.checks import require, seconds_of
from tests.simulators.recall.lists import choices_filter, has_metadata, metadata_filter, moment_filter
from tests.simulators.recall.refusals import Refused, body_of, invalid, not_found, rule
from tests.simulators.recall.state import Bot, described
from tests.simulators.recall.words import AUTOMATIC_LEAVE, BOT_STATUSES, FINISHED, LEAVING, PLATFORMS

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

PLAIN = ("variant", "zoom", "google_meet", "slack_team", "breakout_room")


def _unstarted() -> Refused:
    return rule("cannot_command_unstarted_bot", "Cannot send a command to a bot which has not been started.")


class Bots:
    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim

    def _answer(self, request: Request, bot: Bot, status: int = 200) -> Response:
        return json_answer(self.sim.shapes.bot(bot, request.origin), status)

    def _find(self, key: str) -> Bot:
        bot = self.sim.bots.get(key.lower())
        if bot is None:
            raise not_found()
        return bot

    # The collection.

    def list(self, request: Request, key: str) -> Response:
        after, before = moment_filter(request, "join_at_after"), moment_filter(request, "join_at_before")
        platforms = choices_filter(request, "platform", PLATFORMS)
        statuses = choices_filter(request, "status", BOT_STATUSES)
        pairs, url = metadata_filter(request), request.params.get("meeting_url", "")

        def is_wanted(bot: Bot) -> bool:
            # A bot without join_at, and that is every bot that has joined, lies outside each window.
            if (after is not None or before is not None) and bot.join_at is None:
                return False
            if after is not None and (bot.join_at or 0) < after:
                return False
            if before is not None and (bot.join_at or 0) > before:
                return False
            if platforms and (described(bot.meeting_url) or {}).get("platform") not in platforms:
                return False
            if statuses and (bot.status or "ready") not in statuses:
                return False
            return (not url or bot.meeting_url == url) and has_metadata(bot, pairs)

        rows = [bot for bot in self.sim.bots.values() if is_wanted(bot)]
        return self.sim.lists.numbered(request, rows, lambda bot: self.sim.shapes.bot(bot, request.origin))

    def create(self, request: Request, key: str) -> Response:
        body = body_of(request)
        require(body, schemas.create_bot)
        self._check_meeting(body)
        self.sim.require_credit()
        join_at = seconds_of(body.get("join_at"))
        now = self.sim.clock.now()
        if join_at is None or join_at - now < self.sim.switches.adhoc_seconds:
            self._take_from_pool()
        bot = self.sim.new_bot(body, join_at=join_at)
        self.sim.perform("send_bot", bot.id, result=bot.id, options=body)
        if join_at is not None and join_at > now:
            self._schedule(bot)
        else:
            bot.join_at = None
            self.sim.after(1.0, lambda: self.sim.sessions.dispatch(bot))
        return self._answer(request, bot, 201)

    def _check_meeting(self, body: dict[str, Any]) -> None:
        url = body["meeting_url"]
        if described(url) is None:
            raise invalid({"meeting_url": ["Enter a valid meeting URL."]})
        meeting = self.sim.meetings.get(url)
        if meeting is not None and meeting.refuses_bots:
            raise rule("teams_blacklisted_tenant", "This Microsoft Teams tenant does not allow bots.")

    def _take_from_pool(self) -> None:
        switches = self.sim.switches
        if switches.pool is None:
            return
        if switches.pool > 0:
            switches.pool -= 1
            return
        wait = switches.pool_retry_after
        headers = {} if wait is None else {"Retry_After": str(wait)}
        body = {"detail": "The ad-hoc bot pool is empty. Try again later."}
        raise Refused(json_answer(body, 507, **headers))

    def _schedule(self, bot: Bot) -> None:
        join_at = bot.join_at
        if join_at is not None:
            self.sim.at(join_at, lambda: self.sim.sessions.dispatch(bot) if bot.join_at == join_at else None)

    # One bot.

    def retrieve(self, request: Request, key: str) -> Response:
        return self._answer(request, self._find(key))

    def change(self, request: Request, key: str) -> Response:
        bot, body = self._find(key), body_of(request)
        require(body, schemas.change_bot)
        if not bot.is_scheduled:
            raise rule("update_bot_failed", "The bot has already been sent and can no longer be updated.")
        join_at = seconds_of(body.get("join_at"))
        if join_at is not None and join_at - self.sim.clock.now() < self.sim.switches.adhoc_seconds:
            raise rule("update_bot_failed", "The new join_at is too near.")
        if "meeting_url" in body:
            self._check_meeting(body)
        self._apply(bot, body, join_at)
        self.sim.perform("change_bot", bot.id, options=body)
        return self._answer(request, bot)

    def _apply(self, bot: Bot, body: dict[str, Any], join_at: float | None) -> None:
        bot.meeting_url = body.get("meeting_url", bot.meeting_url)
        bot.bot_name = body.get("bot_name", bot.bot_name)
        bot.metadata = body.get("metadata", bot.metadata)
        bot.extras.update({name: body[name] for name in PLAIN if name in body})
        if "automatic_leave" in body:
            bot.automatic_leave = {**AUTOMATIC_LEAVE, **(body["automatic_leave"] or {})}
        if "recording_config" in body:
            bot.config = self.sim.with_defaults(body["recording_config"])
        if join_at is not None and join_at != bot.join_at:
            bot.join_at = join_at
            self._schedule(bot)

    def delete(self, request: Request, key: str) -> Response:
        bot = self._find(key)
        if not bot.is_scheduled:
            text = "Only scheduled bots which have not joined a call can be deleted."
            raise rule("cannot_delete_bot", text, 405)
        del self.sim.bots[bot.id]
        self.sim.perform("delete_bot", bot.id)
        return empty_answer()

    # Commands.

    def start_recording(self, request: Request, key: str) -> Response:
        bot, body = self._find(key), body_of(request)
        require(body, schemas.start_recording)
        is_queued = bot.status == "in_waiting_room" and self.sim.switches.waiting_room_start == "queue"
        if not is_queued:
            self._require_in_call(bot)
        self.sim.perform("start_recording", bot.id, options=body, overwrites=bot.capture)
        if bot.capture:
            self.sim.captures.overwrite(bot)
        self.sim.sessions.arm(bot, self.sim.with_defaults(body))
        return self._answer(request, bot)

    def stop_recording(self, request: Request, key: str) -> Response:
        bot = self._find(key)
        self._require_in_call(bot)
        if bot.capture:
            self.sim.perform("stop_recording", bot.id, result=bot.capture)
            self.sim.captures.end(bot)
            self.sim.sessions.change(bot, "in_call_not_recording")
        elif bot.armed is not None:
            # Accepted but not begun: taken back, and nothing is recorded (the contract is silent).
            bot.armed = None
            self.sim.perform("stop_recording", bot.id)
        else:
            self._require_idle_is_fine()
        return self._answer(request, bot)

    def pause_recording(self, request: Request, key: str) -> Response:
        return self._turn(request, key, "pause_recording", expected="processing", code="paused")

    def resume_recording(self, request: Request, key: str) -> Response:
        return self._turn(request, key, "resume_recording", expected="paused", code="processing")

    def _turn(self, request: Request, key: str, action: str, *, expected: str, code: str) -> Response:
        bot = self._find(key)
        self._require_in_call(bot)
        recording = self.sim.recordings.get(bot.capture)
        if recording is None or recording.status.code != expected:
            self._require_idle_is_fine()
            return self._answer(request, bot)
        self.sim.perform(action, bot.id, result=recording.id)
        self.sim.captures.set_status(recording, code)
        if self.sim.switches.pause_shows_on_bot:
            self.sim.sessions.change(
                bot, "in_call_not_recording" if code == "paused" else "in_call_recording"
            )
        return self._answer(request, bot)

    def leave_call(self, request: Request, key: str) -> Response:
        bot = self._find(key)
        may_leave = {"in_waiting_room"}
        if self.sim.switches.joining_leave == "accept":
            may_leave.add("joining_call")
        if bot.status not in may_leave:
            self._require_in_call(bot)
        self.sim.perform("leave_call", bot.id)
        self.sim.sessions.leave(bot, "bot_received_leave_call")
        return self._answer(request, bot)

    def delete_media(self, request: Request, key: str) -> Response:
        bot = self._find(key)
        recordings = [self.sim.recordings[each] for each in bot.recordings]
        for recording in recordings:
            self.sim.recordings_api.require_deletable(recording)
        self.sim.perform("delete_media", bot.id, recordings=[each.id for each in recordings])
        for recording in recordings:
            if recording.status.code != "deleted":
                self.sim.captures.remove(recording)
        return self._answer(request, bot)

    def request_recording_permission(self, request: Request, key: str) -> Response:
        bot = self._find(key)
        self._require_in_call(bot)
        if (described(bot.meeting_url) or {}).get("platform") != "zoom":
            raise rule(
                "not_supported_on_platform", "Only Zoom asks for recording permission."
            )  # invented code
        self.sim.perform("request_recording_permission", bot.id)
        self.sim.sessions.ask_again(bot)
        return self._answer(request, bot)

    def send_chat_message(self, request: Request, key: str) -> Response:
        bot, body = self._find(key), body_of(request)
        require(body, schemas.send_chat_message)
        self._require_in_call(bot)
        self.sim.perform("send_chat_message", bot.id, options=body)
        return self._answer(request, bot)

    def _require_in_call(self, bot: Bot) -> None:
        if bot.status in LEAVING | FINISHED:
            code = (
                "cannot_command_completed_bot"
                if bot.status in LEAVING
                else self.sim.switches.finished_bot_code
            )
            if code == "cannot_command_unstarted_bot":
                raise _unstarted()
            raise rule(code, "Cannot send a command to a bot which has completed.")
        if bot.status in {"", "joining_call", "in_waiting_room"}:
            raise _unstarted()

    def _require_idle_is_fine(self) -> None:
        if self.sim.switches.idle_stop == "refuse":
            raise rule(
                self.sim.switches.idle_code, "There is no recording in the state that this command needs."
            )
