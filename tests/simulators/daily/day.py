"""A believable day for a demo: what the last hours left, and calls that move on by themselves."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from tests.simulators import speech
from tests.simulators.base import control
from tests.simulators.daily.batch import SILENT
from tests.simulators.daily.control import FLAGS, Control
from tests.simulators.daily.live_transcriptions import speaker_names
from tests.simulators.daily.state import Instance, Job, Person, Recording, Session, Transcript

GUESTS = (
    "Pip Larkspur",
    "Juno Quill",
    "Otto Fennimore",
    "Wren Tallow",
    "Isla Marlowe-Finch",
    "Bram Okoro-Vale",
)
TICK = 20.0
SHORT, LONG = 240.0, 540.0  # seconds that a call lasts
LIVE = 3
BROKEN = 4  # of so many placed calls one loses its recorder, if it is recorded
LAG = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    minutes_ago: float
    conversation: int
    recording: Literal["", "finished", "canceled"] = "finished"
    live: Literal["", "stored", "unstored", "error"] = ""
    batch: Literal["", "finished", "error"] = ""


PAST = (
    Past(minutes_ago=455, conversation=0, batch="finished"),
    Past(minutes_ago=402, conversation=1, live="stored"),
    Past(minutes_ago=371, conversation=2, recording="canceled"),
    Past(minutes_ago=318, conversation=3, live="stored", batch="finished"),
    Past(minutes_ago=265, conversation=4, batch="error"),
    Past(minutes_ago=207, conversation=5, live="error"),
    Past(minutes_ago=141, conversation=1),
    Past(minutes_ago=96, conversation=0, recording="", live="unstored"),
    Past(minutes_ago=52, conversation=2, live="stored"),
)


class Day(Control):
    _has_begun = False
    _placed = 0

    @control
    def begin_day(self) -> None:
        """Fill the last hours and place the first calls; a second time it does nothing."""
        if self._has_begun:
            return
        self._has_begun = True
        self.switches.presence_lag_seconds = LAG
        for past in PAST:
            self._remember(past)
        for number in range(LIVE):
            self._place_next(is_recorded=number == 0)
        if self.scale > 0:
            self.after(TICK, self._tick)

    @control
    def fill(self, count: int, apart: float = 60.0) -> None:
        """So many finished recordings, so many seconds apart, in the rooms of the conversations."""
        for number in range(count):
            past = Past(minutes_ago=(number + 1) * apart / 60, conversation=number)
            self._past_recording(past, self._past_session(past))

    # What was.

    def _remember(self, past: Past) -> None:
        """Written down as it would have become; no event tells of it."""
        session = self._past_session(past)
        if past.recording:
            recording = self._past_recording(past, session)
            if past.batch:
                self._past_job(past, recording)
        if past.live:
            self._past_transcript(past, session)

    def _past_session(self, past: Past) -> Session:
        spoken = speech.conversation(past.conversation)
        began = self.clock.now() - past.minutes_ago * 60
        name = spoken.slug
        room = self._make_room(name)
        room.created_at = min(room.created_at, began - 3600)
        room.config = {**FLAGS, **room.config}
        people = [
            Person(
                session_id=self.new_uuid(),
                name=person,
                joined_at=began,
                is_owner=number == 0,
                left_at=began + spoken.duration_seconds + 20,
            )
            for number, person in enumerate(spoken.speakers)
        ]
        session = Session(
            id=self.new_uuid(),
            room=room,
            began_at=began,
            conversation=past.conversation,
            people=people,
            most=len(people),
            ended_at=began + spoken.duration_seconds + 20,
        )
        self.sessions[session.id] = session
        return session

    def _past_recording(self, past: Past, session: Session) -> Recording:
        start = session.began_at + 8
        recording = Recording(
            id=self.new_uuid(),
            instance_id=self.new_uuid(),
            room_name=session.room.name,
            session_id=session.id,
            start_at=start,
            conversation=past.conversation,
            max_participants=session.most,
            share_token=self.new_hex(24),
            s3key=f"{self.domain}/{session.room.name}/{int(start * 1000)}",
        )
        self.recordings[recording.id] = recording
        if past.recording == "finished":
            self.complete_recording(recording)
        else:
            recording.status, recording.duration = "canceled", 0
        return recording

    def _past_job(self, past: Past, recording: Recording) -> None:
        language = speech.conversation(past.conversation).language.partition("-")[0]
        job = Job(
            id=self.new_uuid(),
            preset="transcript",
            input={"sourceType": "recordingId", "recordingId": recording.id, "language": language},
            template="transcript",
            submitted_at=recording.start_at + 600,
            conversation=past.conversation,
        )
        self.jobs[job.id] = job
        if past.batch == "finished":
            self.complete_job(job)
        else:
            job.status, job.error = "error", SILENT

    def _past_transcript(self, past: Past, session: Session) -> None:
        began = session.began_at + 5
        transcript = Transcript(
            id=self.new_uuid(),
            instance_id=self.new_uuid(),
            room=session.room,
            session_id=session.id,
            began_at=began,
            updated_at=began,
            conversation=past.conversation,
            names=speaker_names(session),
            is_stored=past.live == "stored",
            key=f"{self.domain}/{session.room.name}/{int(began * 1000)}.vtt",
            max_participants=session.most,
        )
        self.transcripts[transcript.id] = transcript
        self.complete_transcript(transcript)
        transcript.ended_at = transcript.updated_at = began + transcript.duration
        if past.live == "error":
            transcript.status, transcript.error = "t_error", self.switches.transcript_error_text

    # What goes on.

    def _place_next(self, *, is_recorded: bool) -> None:
        conversation = self._placed + len(PAST)
        self._placed += 1
        session = self.live(self.place_call(conversation=conversation))
        assert session is not None
        if is_recorded:
            self._record(session)
        self.after(self.rng.uniform(SHORT, LONG), lambda: self._end_and_place(session))

    def _record(self, session: Session) -> None:
        """The company's other systems record and transcribe this one."""
        for kind in ("recording", "transcription"):
            instance = Instance(id=self.new_uuid(), kind=kind, session=session, options={})
            self.enlist(instance)
            begin = self.begin_recording if kind == "recording" else self.begin_transcript
            self.after(self.switches.start_seconds, partial(begin, instance))
            if kind == "recording" and self._placed % BROKEN == 0:
                self.after(SHORT / 3, partial(self.break_recording, instance))

    def _end_and_place(self, session: Session) -> None:
        if session.ended_at is None:
            self.end_session(session)
        self._place_next(is_recorded=self.rng.random() < 0.4)

    def _tick(self) -> None:
        for session in [each for each in self.sessions.values() if each.ended_at is None]:
            guests = [person for person in session.present if person.name in GUESTS]
            if guests and self.rng.random() < 0.3:
                self.dismiss(session, self.rng.choice(guests))
            elif len(guests) < 2 and self.rng.random() < 0.3:
                self.admit(session, self.rng.choice(GUESTS))
        self.after(TICK, self._tick)
