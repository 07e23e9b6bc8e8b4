"""The files that a conversation becomes: transcript, provider data, participants, events, timeline."""

from typing import Any

from tests.simulators.recall.state import Person, Recording, Transcript, stamp
from tests.simulators.speech import Turn, conversation

# Options that make the provider tell voices apart itself: labels take the place of names.
LABELS = {
    "assembly_ai_async": ("speaker_labels", "A"),
    "deepgram_async": ("diarize", "0"),
    "gladia_v2_async": ("diarization", "0"),
}


def turns_of(recording: Recording) -> tuple[Turn, ...]:
    """What is said in a recording; nothing in a silent one."""
    if recording.is_silent:
        return ()
    return conversation(recording.meeting.conversation).turns


def entry(
    recording: Recording, turn: Turn, participant: dict[str, Any], *, absolute: bool = False
) -> dict[str, Any]:
    def moment(seconds: float) -> dict[str, Any]:
        started = recording.started_at
        return {
            "relative": seconds,
            "absolute": stamp(started + seconds) if absolute and started is not None else None,
        }

    language = conversation(recording.meeting.conversation).language
    return {
        "participant": participant,
        "language_code": language.partition("-")[0],
        "words": [
            {"text": word.text, "start_timestamp": moment(word.start), "end_timestamp": moment(word.end)}
            for word in turn.words
        ],
    }


def words_file(recording: Recording, transcript: Transcript, *, absolute: bool) -> list[dict[str, Any]]:
    return [
        entry(recording, turn, _participant(recording, transcript, turn), absolute=absolute)
        for turn in turns_of(recording)
    ]


def speaker(recording: Recording, turn: Turn) -> Person:
    people = recording.meeting.people
    return people[turn.speaker] if turn.speaker < len(people) else Person(id=100 + turn.speaker, name="Guest")


def _participant(recording: Recording, transcript: Transcript, turn: Turn) -> dict[str, Any]:
    key, options = next(iter(transcript.provider.items()), ("", {}))
    option, first = LABELS.get(key, ("", ""))
    chosen: dict[str, Any] = options or {}
    if not option or not chosen.get(option):
        return speaker(recording, turn).shape()
    label = chr(ord(first) + turn.speaker)
    # A label belongs to no participant of the meeting: what stands in `id` then is a guess.
    return {**speaker(recording, turn).shape(), "id": None, "name": label, "is_host": None, "platform": None}


def provider_file(recording: Recording, transcript: Transcript) -> dict[str, Any]:
    text = " ".join(turn.text for turn in turns_of(recording))
    return {
        "parts": [
            {
                "id": transcript.id,
                "created_at": stamp(transcript.status.at),
                "source_audio": {"type": "mixed", "offset": 0.0, "participant": None},
                "type": "http_response",
                "data": {
                    "url": "https://provider.example/transcripts/1",
                    "status_code": 200,
                    "body": {"text": text},
                },
            }
        ]
    }


def participants_file(recording: Recording) -> list[dict[str, Any]]:
    return [person.shape() for person in recording.meeting.people]


def events_file(recording: Recording) -> list[dict[str, Any]]:
    return [
        {
            "id": str(number),
            "action": "join",
            "participant": person.shape(),
            "timestamp": {"absolute": stamp(recording.started_at), "relative": 0.0},
            "data": None,
        }
        for number, person in enumerate(recording.meeting.people, start=1)
    ]


def timeline_file(recording: Recording) -> list[dict[str, Any]]:
    return [
        {
            "participant": speaker(recording, turn).shape(),
            "start_timestamp": {"relative": turn.start, "absolute": None},
            "end_timestamp": {"relative": turn.end, "absolute": None},
        }
        for turn in turns_of(recording)
    ]
