"""The words: WebVTT of live transcripts, up to four files of a job (contract 6)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.daily import deepgram
from recordings.providers.daily.api import Api, segment
from recordings.providers.daily.jobs import BATCH, SUMMARY
from recordings.providers.daily.media import link_of
from recordings.providers.daily.transcripts import REALTIME
from recordings.providers.daily.values import clean, is_link, mapping, sequence, text
from recordings.providers.errors import NotFound, Refused, Unavailable
from recordings.providers.formats import decode, merge_turns, read_plain, read_srt, read_vtt
from recordings.providers.orders import TranscriptRef
from recordings.providers.snapshots import TextFile, TranscriptText, Utterance

# Best first: times and speakers, then speakers without times, then times without speakers (contract 6).
FORMATS = ("json", "txt", "vtt", "srt")
CONTENT_TYPES = {
    "json": "application/json",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
}
STORAGE_FLAG = "enable_transcription_storage"
NOT_STORED = (
    "Daily did not store this live transcript: enable_transcription_storage was off for the room and the "
    "domain when the call began. The words are lost; switching it on helps the next call."
)
EMPTY_FILE = "Daily's file holds no words: nobody was heard."
MISSING = "Daily names no file of this transcript."
MOST_FILES = 8
READERS = {"json": deepgram.read, "vtt": read_vtt, "srt": read_srt, "txt": read_plain}


def text_of(api: Api, transcript: TranscriptRef) -> TranscriptText:
    """The words and the files, untouched. Links are minted here and die with this task."""
    if transcript.kind == REALTIME.name:
        return _live(api, transcript.external_id)
    if transcript.kind in {BATCH.name, SUMMARY.name}:
        return _job(api, transcript.external_id)
    try:
        return _live(api, transcript.external_id)
    except NotFound:
        return _job(api, transcript.external_id)


def read_file(kind: str, content: bytes) -> TranscriptText:
    """One file as utterances; cues of one speaker that follow each other are one."""
    decoded, problem = decode(content)
    found = READERS.get(kind, read_plain)(clean(decoded))
    return replace(
        found,
        utterances=merge_turns(found.utterances) if kind == "vtt" else found.utterances,
        problem=" ".join(part for part in (problem, found.problem) if part),
    )


def _live(api: Api, external_id: str) -> TranscriptText:
    try:
        answer = api.read_object(f"/transcript/{segment(external_id)}/access-link")
    except Refused as refused:
        if STORAGE_FLAG in refused.message:  # as an error, or in the place of the link: both are possible
            return TranscriptText(utterances=(), note=NOT_STORED)
        raise
    # The newest documentation says download_link, a production user needs link (contract 4.1).
    found = text(answer.get("link")) or text(answer.get("download_link"))
    if STORAGE_FLAG in found and not is_link(found):
        return TranscriptText(utterances=(), note=NOT_STORED)
    reply = _fetched(api, link_of(found, what="text"))
    file = _file("transcript", "vtt", reply)
    return _with_note(replace(read_file("vtt", file.content), files=(file,)))


def _job(api: Api, external_id: str) -> TranscriptText:
    answer = api.read_object(f"/batch-processor/{segment(external_id)}/access-link")
    summary = mapping(answer.get("summary"))
    if summary:
        reply = _fetched(api, link_of(text(summary.get("link")), what="summary"))
        file = _file("summary", _format(summary), reply)
        return _with_note(TranscriptText(utterances=_paragraphs(file.content), files=(file,)))
    named = {_format(each): text(each.get("link")) for each in map(mapping, _outputs(answer))}
    files, problems = _files(api, named)
    if not files:
        raise Unavailable(" ".join([MISSING, *problems]))
    return _best(files, problems)


def _paragraphs(content: bytes) -> tuple[Utterance, ...]:
    """A summary has no speakers: what stands before a colon in it is no name."""
    lines = (text(line) for line in decode(content)[0].splitlines())
    return tuple(Utterance(text=line) for line in lines if line)


def _outputs(answer: Mapping[str, Any]) -> list[Any]:
    return sequence(answer.get("transcription"))[:MOST_FILES]


def _files(api: Api, named: Mapping[str, str]) -> tuple[dict[str, TextFile], list[str]]:
    """All files that are there. The best one must come, unless storage says that it is not there: the
    others would be read in its place for good."""
    files: dict[str, TextFile] = {}
    problems = []
    for kind in sorted(named, key=_preference):
        try:
            files[kind] = _file("transcript", kind, _fetched(api, link_of(named[kind], what=f"{kind} file")))
        except NotFound as missing:
            problems.append(missing.message)
        except (Unavailable, Refused) as failed:
            if not files:
                raise
            problems.append(failed.message)
    return files, problems


def _best(files: Mapping[str, TextFile], problems: list[str]) -> TranscriptText:
    """The words of the best file that can be read."""
    found = TranscriptText(utterances=())
    for kind, file in files.items():
        found = read_file(kind, file.content)
        if found.problem:
            problems.append(f"{file.name}: {found.problem}")
        if found.utterances or not found.problem:
            break
    return _with_note(replace(found, files=tuple(files.values()), problem=" ".join(problems)))


def _with_note(found: TranscriptText) -> TranscriptText:
    is_empty = not found.utterances and not found.problem
    return replace(found, note=EMPTY_FILE) if is_empty else found


def _fetched(api: Api, link: str) -> Reply:
    """Without the API key: storage refuses a second authorization, and the key would leak (contract 3)."""
    reply = api.links.read(link)
    if reply.is_success:
        return reply
    error = NotFound if reply.status == 404 else Unavailable
    raise error(
        f"Daily's storage does not give the file (HTTP {reply.status}).",
        status=reply.status,
        exchange=reply.exchange,
    )


def _file(name: str, kind: str, reply: Reply) -> TextFile:
    content_type = reply.headers.get("content-type", "") or CONTENT_TYPES.get(kind, "text/plain")
    return TextFile(name=f"{name}.{kind}", content_type=clean(content_type), content=reply.content)


def _format(output: Mapping[str, Any]) -> str:
    found = text(output.get("format")).lower()
    return found if found.isalnum() and len(found) <= 8 else "txt"


def _preference(kind: str) -> int:
    return FORMATS.index(kind) if kind in FORMATS else len(FORMATS)
