"""Recordings while they run: commands are "sent", and what comes of them shows later."""

from tests.simulators import speech
from tests.simulators.daily.answers import Refused, invalid
from tests.simulators.daily.recording_events import RecordingEvents
from tests.simulators.daily.recording_options import OPTIONS, STOP, check_layout
from tests.simulators.daily.state import DEFAULT_INSTANCE, Instance, Recording, Room, Session
from tests.simulators.daily.storage import OURS, Stored
from tests.simulators.http import Request, Response, json_answer

SHORTEST = 1.0  # seconds; under it a recording is of zero length: canceled, and no ready event
IDLE_TIMEOUT = 300
FATAL_AFTER = 5.0  # seconds of recording before a "fatal" error


class LiveRecordings(RecordingEvents):
    def start_recording(self, request: Request, name: str) -> Response:
        options = self.command_body(request, OPTIONS)
        check_layout(options)
        session = self.hosting(name)
        self._refuse_type(session.room, options.get("type", "cloud"))
        instance = Instance(
            id=options.get("instanceId", DEFAULT_INSTANCE), kind="recording", session=session, options=options
        )
        self._refuse_instance(name, instance.id)
        self.enlist(instance)
        self.perform("start_recording", name, result=instance.id, **options)
        if self.switches.loses_starts:
            self.discard(instance)
        self.after(self.switches.start_seconds, lambda: self.begin_recording(instance))
        return self.sent()

    def update_recording(self, request: Request, name: str) -> Response:
        options = self.command_body(request, OPTIONS)
        check_layout(options)
        self.hosting(name)
        instance = self._active(name, options.get("instanceId", DEFAULT_INSTANCE))
        instance.options = {**instance.options, **options}
        self.perform("update_recording", name, result=instance.id, **options)
        return self.sent()

    def stop_recording(self, request: Request, name: str) -> Response:
        options = self.command_body(request, STOP)
        self.hosting(name)
        instance = self._active(name, options.get("instanceId", DEFAULT_INSTANCE))
        is_raw = instance.options.get("type") == "raw-tracks"
        # "type" must say raw-tracks for these and defaults to cloud; the cloud kinds are not told apart.
        if is_raw != (options.get("type", "cloud") == "raw-tracks"):
            raise invalid("no active recording of this type")
        self.perform("stop_recording", name, result=instance.id, **options)
        self.stop_instance(instance)
        return self.sent() if self.switches.stop_answer == "sent" else json_answer({})

    def stop_instance(self, instance: Instance) -> None:
        """End it a little later, at most once; its length counts from now."""
        if instance.stopped_at is not None or instance.is_over:
            return
        instance.stopped_at = self.clock.now()
        finish = self._finish if instance.kind == "recording" else self.finish_transcription
        self.after(self.switches.stop_seconds, lambda: finish(instance))

    def session_emptied(self, session: Session) -> None:
        for instance in self.instances_of(session):
            self.stop_instance(instance)

    def finish_transcription(self, instance: Instance) -> None:
        raise NotImplementedError

    def mute_session(self, session: Session) -> None:
        """Everyone off: what runs ends by itself after its idle time and Daily's lag."""
        session.idle_since = self.clock.now()
        for instance in self.instances_of(session):
            self._watch_idle(instance)

    # Refusals.

    def _refuse_type(self, room: Room, kind: str) -> None:
        # Equality: whether "cloud" also allows cloud-audio-only is not said.
        if self.setting(room, "enable_recording") != kind:
            raise invalid(f"recording type {kind} is not enabled for room {room.name}")
        if kind == "raw-tracks" and self.bucket(room, "recordings_bucket") is None:
            raise invalid("raw-tracks recording requires a recordings_bucket")

    def _refuse_instance(self, name: str, instance_id: str) -> None:
        if self.running(name, "recording", instance_id) is not None:
            raise invalid(f"room {name} has an active stream")
        everywhere = [each for each in self.instances.values() if each.kind == "recording"]
        here = [each for each in everywhere if each.session.room.name == name]
        # What holds before support has set it is not said: one, as "needed for parallel instances" implies.
        if len(here) >= self.domain_config.get("max_streaming_instances_per_room", 1):
            raise invalid(f"room {name} has an active stream: maximum number of streaming instances reached")
        if self.switches.workers is not None and len(everywhere) >= self.switches.workers:
            raise Refused(503, "server-error", "no recording workers are available, please retry")

    def _active(self, name: str, instance_id: str) -> Instance:
        instance = self.running(name, "recording", instance_id)
        if instance is None or instance.stopped_at is not None:
            raise invalid(f"room {name} has no active recording")
        return instance

    # What comes of it.

    def begin_recording(self, instance: Instance) -> None:
        if instance.is_over:
            return
        trouble = self.switches.recording_error
        if trouble in {"only", "before-started"}:
            self.announce_failure(instance)
        if trouble == "only" or instance.session.ended_at is not None:
            self.discard(instance)  # the room emptied before the command came: silence
            return
        recording = instance.recording = self._new_recording(instance)
        self.recordings[recording.id] = recording
        self.perform("recording_began", recording.room_name, result=recording.id, instanceId=instance.id)
        self.announce_recording(instance, recording)
        longest = instance.options.get("maxDuration", self.switches.default_max_duration)
        self.after(longest, lambda: self.stop_instance(instance))
        self._watch_idle(instance)
        if trouble == "fatal":
            self.after(FATAL_AFTER, lambda: self.break_recording(instance))

    def _new_recording(self, instance: Instance) -> Recording:
        session, now = instance.session, self.clock.now()
        return Recording(
            id=self.new_uuid(),
            instance_id=instance.id,
            room_name=session.room.name,
            session_id=session.id,
            start_at=now,
            conversation=session.conversation,
            type=instance.options.get("type", "cloud"),
            max_participants=len(session.present),
            share_token=self.new_hex(24),
            s3key=self._key(session, instance.id, now),
            bucket=self.bucket(session.room, "recordings_bucket"),
        )

    def _key(self, session: Session, instance_id: str, now: float) -> str:
        template = self.setting(session.room, "recordings_template")
        values = {
            "epoch_time": str(int(now * 1000)),
            "domain_name": self.domain,
            "room_name": session.room.name,
            "mtg_session_id": session.id,
            "instance_id": instance_id,
        }
        key = template or "{domain_name}/{room_name}/{epoch_time}"
        for name, value in values.items():
            key = key.replace(f"{{{name}}}", value)
        return str(key)

    def _watch_idle(self, instance: Instance) -> None:
        since = instance.session.idle_since
        if since is None or instance.recording is None:
            return
        wait = instance.options.get("minIdleTimeOut", IDLE_TIMEOUT) + self.switches.idle_lag_seconds

        def look() -> None:
            if instance.session.idle_since == since:
                self.stop_instance(instance)

        self.after(wait, look)

    def break_recording(self, instance: Instance) -> None:
        if instance.is_over or instance.recording is None:
            return
        instance.recording.status, instance.recording.duration = "canceled", 0
        self.announce_failure(instance)
        self.discard(instance)

    def _finish(self, instance: Instance) -> None:
        if instance.is_over:
            return
        self.discard(instance)
        recording = instance.recording
        if recording is None:
            return  # stopped before it began: nothing was recorded
        self.perform("recording_ended", recording.room_name, result=recording.id, instanceId=instance.id)
        length = (instance.stopped_at or self.clock.now()) - recording.start_at
        if length < SHORTEST:
            recording.status, recording.duration = "canceled", 0
            return
        self.complete_recording(recording)
        trouble = self.switches.recording_error
        if trouble == "before-ready":
            self.announce_failure(instance)
        self.announce_file(recording)
        if trouble == "after-ready":
            self.announce_failure(instance)

    def complete_recording(self, recording: Recording) -> None:
        """Finished: the conversation's length, and its file in the bucket."""
        spoken = speech.conversation(recording.conversation)
        recording.status, recording.duration = "finished", round(spoken.duration_seconds)
        bucket = (recording.bucket or {}).get("bucket_name", OURS)
        is_sound = recording.type == "cloud-audio-only"
        container = self.switches.audio_only_container if is_sound else "mp4"
        streams = (recording.bucket or {}).get("allow_streaming_from_bucket", False)
        if recording.type == "raw-tracks":
            recording.tracks = [
                {
                    "type": "audio",
                    "s3Key": f"{recording.s3key}-cam-audio-{number}.webm",
                    "size": 4096 * (number + 1),
                }
                for number in range(recording.max_participants)
            ]
        self.storage.objects[(bucket, recording.s3key)] = Stored(
            content_type="video/mp4" if container == "mp4" else "audio/mpeg",
            content=lambda: spoken.audio(container),
            disposition="inline" if streams else "attachment",
        )
