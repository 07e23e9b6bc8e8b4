"""Live transcription: started in a live room, written down only where storage is on."""

import math
from typing import Any

from tests.simulators import speech
from tests.simulators.daily.answers import (
    Check,
    invalid,
    is_flag,
    is_language,
    is_object,
    is_text,
    not_found,
    texts,
)
from tests.simulators.daily.live_recordings import SHORTEST
from tests.simulators.daily.state import DEFAULT_INSTANCE, Instance, Session, Transcript
from tests.simulators.daily.storage import Stored
from tests.simulators.daily.texts import CONTENT_TYPES, live_vtt
from tests.simulators.daily.transcript_events import TranscriptEvents, bucket_of
from tests.simulators.http import Request, Response, json_answer

FLUSH = 120.0  # the file is written about every two minutes while it runs
REFUSALS = {
    "sfu": "room {} is not in SFU mode",
    "closed": "call in room {} was closed before the command could be delivered",
    "deepgram": "room {}: the Deepgram API key is invalid",
}


def is_number_or_flag(value: Any) -> bool:
    return isinstance(value, (int, float))  # a bool is an int


def is_flag_or_texts(value: Any) -> bool:
    return is_flag(value) or texts(value)


# Deepgram's own names are in snake case, Daily's in camel case. The batch processor knows them too.
DEEPGRAM: dict[str, Check] = {
    "language": is_language,
    "model": is_text,
    "tier": is_text,
    "profanity_filter": is_flag,
    "punctuate": is_flag,
    "endpointing": is_number_or_flag,
    "redact": is_flag_or_texts,
    "extra": is_object,
}
START: dict[str, Check] = {
    **DEEPGRAM,
    "includeRawResponse": is_flag,
    "instanceId": is_text,  # a string; the contract asks for no UUID here
    "participants": texts,
}


class LiveTranscriptions(TranscriptEvents):
    def start_transcription(self, request: Request, name: str) -> Response:
        options = self.command_body(request, START)
        session = self.hosting(name)
        if self.switches.refuse_transcription:
            raise invalid(REFUSALS[self.switches.refuse_transcription].format(name))
        instance_id = options.get("instanceId", DEFAULT_INSTANCE)
        if self.running(name, "transcription", instance_id) is not None:
            raise invalid(f"room {name} has an active stream")
        instance = Instance(id=instance_id, kind="transcription", session=session, options=options)
        self.enlist(instance)
        self.perform("start_transcription", name, result=instance_id, **options)
        if self.switches.loses_starts:
            self.discard(instance)
        self.after(self.switches.start_seconds, lambda: self.begin_transcript(instance))
        return _sent()

    def update_transcription(self, request: Request, name: str) -> Response:
        options = self.command_body(request, {"instanceId": is_text, "participants": texts})
        instance = self._transcribing(name, options)
        instance.options = {**instance.options, **options}
        if instance.transcript is not None:
            instance.transcript.heard = _heard(instance)
        self.perform("update_transcription", name, result=instance.id, **options)
        return _sent()

    def stop_transcription(self, request: Request, name: str) -> Response:
        options = self.command_body(request, {"instanceId": is_text})
        instance = self._transcribing(name, options)
        self.perform("stop_transcription", name, result=instance.id, **options)
        self.stop_instance(instance)
        return _sent() if self.switches.stop_answer == "sent" else json_answer({})

    def _transcribing(self, name: str, options: dict[str, Any]) -> Instance:
        self.hosting(name)
        instance = self.running(name, "transcription", options.get("instanceId", DEFAULT_INSTANCE))
        if instance is None or instance.stopped_at is not None:
            raise not_found(f"room {name} has no transcription to stop")
        return instance

    # What comes of it.

    def begin_transcript(self, instance: Instance) -> None:
        if instance.is_over:
            return
        if instance.session.ended_at is not None:
            self.discard(instance)
            return
        transcript = instance.transcript = self._new_transcript(instance)
        self.transcripts[transcript.id] = transcript
        self.perform(
            "transcription_began", transcript.room.name, result=transcript.id, instanceId=instance.id
        )
        trouble = self.switches.transcript_error
        if trouble == "before-started":
            self.announce_transcript_trouble(transcript)
        self.announce_transcript_start(transcript)
        if trouble == "only":
            self.announce_transcript_trouble(transcript)
            self.discard(instance)
            return
        if transcript.is_stored:
            self.after(FLUSH, lambda: self._flush(instance))

    def _new_transcript(self, instance: Instance) -> Transcript:
        session, now = instance.session, self.clock.now()
        return Transcript(
            id=self.new_uuid(),
            instance_id=instance.id,
            room=session.room,
            session_id=session.id,
            began_at=now,
            updated_at=now,
            conversation=session.conversation,
            names=speaker_names(session),
            is_stored=self.setting(session.room, "enable_transcription_storage") is True,
            key=f"{self.domain}/{session.room.name}/{int(now * 1000)}.vtt",
            heard=_heard(instance),
            max_participants=len(session.present),
            bucket=self.bucket(session.room, "transcription_bucket"),
        )

    def _flush(self, instance: Instance) -> None:
        transcript = instance.transcript
        if instance.is_over or transcript is None:
            return
        transcript.flushed_seconds += FLUSH
        self.store_transcript(transcript)
        self.after(FLUSH, lambda: self._flush(instance))

    def finish_transcription(self, instance: Instance) -> None:
        transcript = instance.transcript
        if instance.is_over:
            return
        self.discard(instance)
        if transcript is None:
            return
        trouble = self.switches.transcript_error
        if trouble == "before-ready":
            self.announce_transcript_trouble(transcript)
        length = (instance.stopped_at or self.clock.now()) - transcript.began_at
        self.complete_transcript(transcript, is_empty=length < SHORTEST)
        room = transcript.room.name
        self.perform("transcription_ended", room, result=transcript.id, instanceId=instance.id)
        if transcript.duration > 0 and (transcript.is_stored or self.switches.ready_when_unstored):
            self.announce_transcript_file(transcript)
        if trouble == "after-ready":
            self.announce_transcript_trouble(transcript)

    def complete_transcript(self, transcript: Transcript, *, is_empty: bool = False) -> None:
        spoken = speech.conversation(transcript.conversation)
        transcript.duration = 0.0 if is_empty else spoken.duration_seconds
        transcript.minutes = round(transcript.duration / 60 * transcript.max_participants, 4)
        transcript.flushed_seconds = math.inf if transcript.duration else 0.0
        transcript.status = "t_finished"
        transcript.ended_at = transcript.updated_at = self.clock.now()
        if transcript.is_stored:
            self.store_transcript(transcript)

    def store_transcript(self, transcript: Transcript) -> None:
        transcript.is_vtt_available = True
        transcript.updated_at = self.clock.now()
        self.storage.objects[bucket_of(transcript), transcript.key] = Stored(
            content_type=CONTENT_TYPES["vtt"], content=lambda: self._vtt(transcript).encode()
        )

    def _vtt(self, transcript: Transcript) -> str:
        return live_vtt(
            speech.conversation(transcript.conversation),
            transcript.names,
            until=transcript.flushed_seconds,
            heard=transcript.heard,
            is_standard=self.switches.standard_vtt,
        )


def speaker_names(session: Session) -> list[str]:
    """Participants in the order of their joining speak the conversation's parts, its own names fill up."""
    speakers = speech.conversation(session.conversation).speakers
    people = [person.name for person in session.people]
    return [people[n] if n < len(people) else name for n, name in enumerate(speakers)]


def _heard(instance: Instance) -> set[int] | None:
    wanted = instance.options.get("participants")
    if wanted is None:
        return None
    return {n for n, person in enumerate(instance.session.people) if person.session_id in wanted}


def _sent() -> Response:
    return json_answer({"sent": "true"})
