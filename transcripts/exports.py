"""Writes one transcript as a file that other programs read."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from recordings import connections
from recordings.providers.formats import write_srt, write_text, write_vtt
from recordings.providers.snapshots import Json, Utterance, Word
from transcripts import overlays
from transcripts.docx import write_docx
from transcripts.exports_tables import write_csv
from transcripts.models import Transcript

LONGEST_NAME = 60  # characters of a call's title in a file name
_UNSAFE = re.compile(r"[^\w.]+")


class Format(StrEnum):
    """A form in which the words are taken along; the value ends the file's name."""

    TXT = "txt"
    VTT = "vtt"
    SRT = "srt"
    JSON = "json"
    CSV = "csv"
    DOCX = "docx"


LABELS: Mapping[Format, str] = {
    Format.TXT: "Plain text",
    Format.VTT: "WebVTT captions",
    Format.SRT: "SubRip captions",
    Format.JSON: "JSON, with the times of words",
    Format.CSV: "Table (CSV)",
    Format.DOCX: "Word document",
}
CONTENT_TYPES: Mapping[Format, str] = {
    Format.TXT: "text/plain; charset=utf-8",
    Format.VTT: "text/vtt; charset=utf-8",
    Format.SRT: "application/x-subrip; charset=utf-8",
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a person wants it. Captions have times always: the formats know no line without."""

    format: Format = Format.TXT
    has_speakers: bool = True
    has_times: bool = True
    is_original: bool = False  # without the names and corrections of people

    def as_json(self) -> dict[str, Json]:
        """As ``options_of`` reads it again."""
        return asdict(self)


def options_of(stored: Mapping[str, Json]) -> Options:
    """Options as they were stored; what is missing or unknown is as usual."""
    known = stored.get("format") in list(Format)
    flags = {
        name: stored[name]
        for name in ("has_speakers", "has_times", "is_original")
        if isinstance(stored.get(name), bool)
    }
    return Options(format=Format(stored["format"]) if known else Format.TXT, **flags)


def words_of(transcript: Transcript, *, is_original: bool = False) -> tuple[Utterance, ...]:
    """The words as people read them, with their names and corrections; or as they came."""
    read = overlays.as_given(transcript) if is_original else overlays.as_read(transcript)
    return tuple(map(_utterance, read))


def written(transcript: Transcript, utterances: Sequence[Utterance], options: Options) -> bytes:
    """The whole file. ``utterances`` are the words as ``words_of`` gives them for these options."""
    shown = utterances
    if not options.has_speakers:
        shown = [replace(each, speaker="") for each in utterances]
    return _WRITERS[options.format](transcript, shown, options)


def file_name(transcript: Transcript, form: Format) -> str:
    """A name that sorts by time, says what it is, and is no other transcript's; in the active time zone."""
    began = timezone.localtime(_began(transcript))
    call = transcript.call
    parts = [f"{began:%Y-%m-%d_%H%M}", _safe(call.title if call else ""), _safe(transcript.engine)]
    named = "_".join(part for part in parts if part)
    return f"{named}_{transcript.key.hex[:12]}.{form}"


def _utterance(stored: Mapping[str, Json]) -> Utterance:
    words = tuple(
        Word(text=text, start=start, end=end, confidence=confidence)
        for text, start, end, confidence in stored["words"]
    )
    return Utterance(words=words, **{name: stored[name] for name in _NAMES})


def _began(transcript: Transcript) -> datetime:
    return transcript.started_at or transcript.sort_at


def _safe(text: str) -> str:
    """Letters and digits of any script; nothing that a file system or a terminal would act upon."""
    plain = unicodedata.normalize("NFKC", text)
    return _UNSAFE.sub("-", plain)[:LONGEST_NAME].strip("-.")


def _txt(_: Transcript, utterances: Sequence[Utterance], options: Options) -> bytes:
    return write_text(utterances, has_times=options.has_times).encode()


def _vtt(_: Transcript, utterances: Sequence[Utterance], _options: Options) -> bytes:
    return write_vtt(utterances).encode()


def _srt(_: Transcript, utterances: Sequence[Utterance], _options: Options) -> bytes:
    return write_srt(utterances).encode()


def _csv(_: Transcript, utterances: Sequence[Utterance], options: Options) -> bytes:
    return write_csv(utterances, has_speakers=options.has_speakers, has_times=options.has_times)


def _docx(transcript: Transcript, utterances: Sequence[Utterance], options: Options) -> bytes:
    title = str(transcript.call) if transcript.call else "Transcript"
    facts = [(name.replace("_", " ").capitalize(), value) for name, value in about(transcript).items()]
    return write_docx(title, facts, utterances, has_times=options.has_times)


def _json(transcript: Transcript, utterances: Sequence[Utterance], options: Options) -> bytes:
    content = {
        "transcript": about(transcript),
        "options": options.as_json(),
        "utterances": [_as_json(each, options) for each in utterances],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def about(transcript: Transcript) -> dict[str, str]:
    """What a file or a manifest says of a transcript beside its words; unknown facts are left out."""
    recording, call = transcript.recording, transcript.call
    facts = {
        "call": str(call) if call else "",
        "began": timezone.localtime(_began(transcript)).isoformat(timespec="seconds"),
        "engine": transcript.engine,
        "language": transcript.language,
        "account": transcript.account.name,
        "provider": connections.face(transcript.account.provider).label,
        "transcript": transcript.external_id,
        "recording": recording.external_id if recording else transcript.recording_external_id,
        "key": str(transcript.key),
    }
    return {name: value for name, value in facts.items() if value}


def _as_json(utterance: Utterance, options: Options) -> dict[str, Json]:
    entry = {name: getattr(utterance, name) for name in _NAMES}
    entry["words"] = [{name: getattr(word, name) for name in _WORD_NAMES} for word in utterance.words]
    if not options.has_speakers:
        del entry["speaker"]
    if not options.has_times:
        for timed in (entry, *entry["words"]):
            del timed["start"], timed["end"]
    return entry


_NAMES = ("speaker", "start", "end", "text", "channel", "confidence", "language")
_WORD_NAMES = ("text", "start", "end", "confidence")
_WRITERS: Mapping[Format, Callable[[Transcript, Sequence[Utterance], Options], bytes]] = {
    Format.TXT: _txt,
    Format.VTT: _vtt,
    Format.SRT: _srt,
    Format.JSON: _json,
    Format.CSV: _csv,
    Format.DOCX: _docx,
}
