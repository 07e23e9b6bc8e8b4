"""Recall.ai's transcripts: what one answer says of one, and its words (contract, section 4)."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from recordings.providers.client import LinkReader
from recordings.providers.errors import NotFound, ProviderError, Unavailable
from recordings.providers.orders import TranscriptRef
from recordings.providers.recall.api import Api
from recordings.providers.recall.reading import (
    identity,
    inner,
    mapping,
    moment,
    number,
    our_key,
    sequence,
    text,
    without_links,
)
from recordings.providers.recall.words import TRANSCRIPT_STATUSES, reason_of
from recordings.providers.snapshots import (
    Json,
    Status,
    TextFile,
    TranscriptSnapshot,
    TranscriptText,
    Utterance,
    Word,
)

GONE = "Recall.ai does not have this transcript any more: it was deleted or its time of keeping is over."
ASYNC, REALTIME = "async", "realtime"
_EMPTY = "Recall.ai's transcript is empty: nothing was said, or nothing could be understood."
_UNREADABLE = "Recall.ai's file is not the list of turns that its documentation describes."


def transcript_snapshot(payload: Any, *, recording_id: str = "", call_id: str = "") -> TranscriptSnapshot:
    """One transcript, standing alone or as the shortcut of a recording (then with the recording's ids)."""
    transcript = mapping(payload)
    status = inner(transcript, "status")
    code, sub_code = text(status.get("code")), text(status.get("sub_code"))
    engine, settings = _engine(transcript)
    recording = inner(transcript, "recording")
    return TranscriptSnapshot(
        external_id=identity(transcript, "transcript"),
        key=our_key(transcript),
        recording_external_id=text(recording.get("id")) or recording_id,
        recording_key=our_key(recording),
        # Section 7: the present shape names no bot, an old sample does.
        call_external_id=text(inner(recording, "source", "bot").get("id")) or call_id,
        kind=kind_of(engine),
        engine=engine,
        language=_language(settings),
        status=TRANSCRIPT_STATUSES.get(code),
        provider_status=code,
        status_at=moment(status.get("updated_at")),
        reason=reason_of(sub_code),
        reason_code=sub_code,
        started_at=moment(transcript.get("created_at")),
        completed_at=moment(status.get("updated_at")) if code == "done" else None,
        raw=without_links(transcript),
    )


def kind_of(engine: str) -> str:
    """Ordered afterwards, or made while the call ran; "" when the engine is not told."""
    if not engine:
        return ""
    return ASYNC if engine.endswith("_async") else REALTIME


def deleted_transcript(external_id: str, *, reason: str = GONE) -> TranscriptSnapshot:
    """A transcript that the provider no longer has (section 3.5)."""
    return TranscriptSnapshot(external_id=external_id, status=Status.DELETED, reason=reason)


def fetch_text(api: Api, links: LinkReader, transcript: TranscriptRef) -> TranscriptText:
    """The words. The links live some hours (section 3.4), so they are read anew and never kept."""
    payload = api.read(api.path("transcript", transcript.external_id))
    data = inner(payload, "data")
    link = text(data.get("download_url"))
    if not link:
        raise _no_link(payload)
    words = _file(links, link, "transcript.json")
    found = read_turns(words)
    files, extra = [words], None
    try:
        files += _provider_files(links, data)
    except ProviderError as exc:
        # The engine's own file is an addition: the words are not withheld for it.
        extra = {"provider_data": f"The engine's own file could not be read. {exc.message}"}
    return TranscriptText(
        utterances=found.utterances,
        files=tuple(files),
        language=found.language,
        note=found.note,
        problem=found.problem,
        extra=extra,
    )


def read_turns(file: TextFile) -> TranscriptText:
    """The turns of section 4.6 in the order of their first words. What cannot be read is counted."""
    try:
        entries = json.loads(file.content)
    except (ValueError, RecursionError):
        return TranscriptText(utterances=(), problem="Recall.ai's file is no JSON.")
    if not isinstance(entries, list):
        return TranscriptText(utterances=(), problem=_UNREADABLE)
    turns = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("words"), list)]
    lost = len(entries) - len(turns)
    spoken = [turn for turn in (utterance(turn) for turn in turns) if turn.text]
    return TranscriptText(
        utterances=tuple(_in_order(spoken)),
        language=_most_common(turn.language for turn in spoken),
        note=_EMPTY if not spoken and not lost else "",
        problem=f"{_UNREADABLE} {lost} of {len(entries)} turns were left out." if lost else "",
    )


def utterance(turn: Mapping[str, Any]) -> Utterance:
    """One turn; of a running transcript too (section 5.2)."""
    words = tuple(word for word in map(_word, sequence(turn.get("words"))) if word.text)
    ends = [word.end for word in words if word.end is not None]
    starts = [word.start for word in words if word.start is not None]
    return Utterance(
        text=" ".join(word.text for word in words),
        speaker=_speaker(inner(turn, "participant")),
        start=starts[0] if starts else None,
        end=max(ends) if ends else None,
        words=words,
        language=text(turn.get("language_code")),
    )


def _word(value: Any) -> Word:
    word = mapping(value)
    # ``relative`` counts seconds of the recording; ``absolute`` may be null and is not needed.
    return Word(
        text=text(word.get("text")),
        start=number(inner(word, "start_timestamp").get("relative")),
        end=number(inner(word, "end_timestamp").get("relative")),
    )


def _speaker(participant: Mapping[str, Any]) -> str:
    # A name can be null; the id still tells two nameless people of one meeting apart.
    name, number_in_meeting = text(participant.get("name")), text(participant.get("id"))
    return name or (f"Participant {number_in_meeting}" if number_in_meeting else "")


def _in_order(turns: list[Utterance]) -> list[Utterance]:
    """By first word; a turn without times stays behind the one before it."""
    moments, last = [], 0.0
    for turn in turns:
        last = last if turn.start is None else turn.start
        moments.append(last)
    order = sorted(range(len(turns)), key=lambda index: moments[index])
    return [turns[index] for index in order]


def _most_common(languages: Any) -> str:
    found = Counter(language for language in languages if language).most_common(1)
    return found[0][0] if found else ""


def _engine(transcript: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    provider = inner(transcript, "provider")
    engine = next(iter(provider), "")
    return engine, mapping(provider.get(engine))


def _language(settings: Mapping[str, Any]) -> str:
    inside = inner(settings, "transcription_config")
    found = (
        text(settings.get("language_code")) or text(settings.get("language")) or text(inside.get("language"))
    )
    return "" if found == "auto" else found


def _no_link(payload: Json) -> ProviderError:
    code = text(inner(payload, "status").get("code"))
    if code == "deleted":
        return NotFound(GONE)
    if code == "failed":
        return NotFound("This transcript failed at Recall.ai: it has no words.")
    return Unavailable("Recall.ai has not given the file of this transcript yet: try again in a minute.")


def _file(links: LinkReader, link: str, name: str) -> TextFile:
    reply = links.read(link)
    if not reply.is_success:
        raise Unavailable(
            f"The file behind Recall.ai's link could not be read (status {reply.status}): try again.",
            status=reply.status,
            exchange=reply.exchange,
        )
    return TextFile(name=name, content_type="application/json", content=reply.content)


def _provider_files(links: LinkReader, data: Mapping[str, Any]) -> list[TextFile]:
    link = text(data.get("provider_data_download_url"))
    return [_file(links, link, "provider_data.json")] if link else []
