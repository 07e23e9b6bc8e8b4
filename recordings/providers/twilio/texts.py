"""Reads the words of a completed transcript (contract 4.1, 4.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import Refused
from recordings.providers.orders import TranscriptRef
from recordings.providers.snapshots import TextFile, TranscriptText, Utterance, Word
from recordings.providers.twilio import transcripts
from recordings.providers.twilio.actions import CAPTIONS
from recordings.providers.twilio.api import PRODUCT_VERSION, Api, items_of, sid
from recordings.providers.twilio.values import integer, mapping, seconds, text

SENTENCES_PAGE = "5000"  # the largest that sentences allow (contract 1.6)
RESULTS_PAGE = "100"
UNREDACTED = ("Redacted", "false")
LARGEST_PAGES = 20  # 100,000 sentences: several times what eight hours can hold
CAPTIONS_GONE = (
    "Twilio sends the words of live captions once and keeps none: what came by callbacks is all there is."
)
CUT_SHORT = "Twilio's list of sentences did not end: the text is cut short."
ODD_SENTENCES = "Some of Twilio's sentences could not be read: they are in the file as they came."


def fetch(
    api: Api, transcript: TranscriptRef, *, speakers: Mapping[str, str], is_redacted: bool = True
) -> TranscriptText:
    """``speakers`` are the account's own names of the channels; those of the order come first.

    ``is_redacted`` leaves it to the service whether it redacts; else the whole words are asked for.
    """
    if transcript.kind == CAPTIONS:
        raise Refused(CAPTIONS_GONE)
    if transcripts.is_legacy(transcript.external_id):
        return _legacy(api, transcript.external_id)
    return _intelligence(api, transcript, speakers, [] if is_redacted else [UNREDACTED])


def _legacy(api: Api, external_id: str) -> TranscriptText:
    reply = api.read(api.classic(f"Transcriptions/{sid(external_id)}.txt"))
    return transcripts.legacy_text(external_id, reply.text, reply.content)


def _intelligence(
    api: Api, transcript: TranscriptRef, speakers: Mapping[str, str], redaction: list[tuple[str, str]]
) -> TranscriptText:
    """Redacted where the service redacts, which is Twilio's default, unless the account asks for all."""
    params = [("WordTimestamps", "true"), ("PageSize", SENTENCES_PAGE), *redaction]
    pages, is_whole = _pages(api, transcript.external_id, "Sentences", "sentences", params)
    items = [item for reply in pages for item in items_of(reply, "sentences")]
    sentences = [mapping(item) for item in items if text(mapping(item).get("transcript"))]
    names = _names(transcript, sentences, speakers)
    language = text(transcript.handle.get("language"))
    results, more_files = _results(api, transcript.external_id, redaction)
    problem = "" if is_whole else CUT_SHORT
    if not all(isinstance(item, dict) for item in items):
        problem = problem or ODD_SENTENCES
    return TranscriptText(
        utterances=tuple(_utterance(each, names, language) for each in sorted(sentences, key=_place)),
        files=(*_files("sentences", pages), *more_files),
        language=language,
        note="" if sentences else transcripts.NO_WORDS,
        problem=problem,
        extra=results,
    )


def _pages(
    api: Api, external_id: str, name: str, key: str, params: list[tuple[str, str]]
) -> tuple[list[Reply], bool]:
    """All pages, and whether these are all: a link that was followed before is followed no more."""
    path = f"{PRODUCT_VERSION}/Transcripts/{sid(external_id)}/{name}"
    reply = api.read(f"{api.product_origin}{path}", params)
    pages, followed = [reply], set[str]()
    while True:
        items_of(reply, key)
        link = api.next_link(mapping(mapping(reply.data).get("meta")).get("next_page_url"), path=path)
        if not link:
            return pages, True
        if link in followed or len(pages) == LARGEST_PAGES:
            return pages, False
        followed.add(link)
        reply = api.read(f"{api.product_origin}{link}")
        pages.append(reply)


def _results(
    api: Api, external_id: str, redaction: list[tuple[str, str]]
) -> tuple[Any, tuple[TextFile, ...]]:
    """What language operators found; a refusal is told beside the words instead of losing them."""
    try:
        params = [("PageSize", RESULTS_PAGE), *redaction]
        pages, _ = _pages(api, external_id, "OperatorResults", "operator_results", params)
    except Refused as exc:
        return {"operator_results": [], "problem": exc.message}, ()
    found = [item for reply in pages for item in items_of(reply, "operator_results")]
    if not found:
        return None, ()
    return {"operator_results": found}, _files("operator-results", pages)


def _files(name: str, pages: Sequence[Reply]) -> tuple[TextFile, ...]:
    return tuple(
        TextFile(name=f"{name}-{number}.json", content_type="application/json", content=page.content)
        for number, page in enumerate(pages, start=1)
    )


def _utterance(sentence: Mapping[str, Any], names: Mapping[int, str], language: str) -> Utterance:
    channel = integer(sentence.get("media_channel"))
    words = tuple(_word(mapping(each)) for each in _list(sentence.get("words")))
    spoken = tuple(word for word in words if word.text)
    starts = [word.start for word in spoken if word.start is not None]
    ends = [word.end for word in spoken if word.end is not None]
    start, end = seconds(sentence.get("start_time")), seconds(sentence.get("end_time"))
    return Utterance(
        text=text(sentence.get("transcript")),
        speaker=names.get(channel, "") if channel is not None else "",
        start=start if start is not None else min(starts, default=None),
        end=end if end is not None else max(ends, default=None),
        words=spoken,
        channel=channel,
        confidence=seconds(sentence.get("confidence")),
        language=language,
    )


def _word(word: Mapping[str, Any]) -> Word:
    return Word(
        text=text(word.get("word")),
        start=seconds(word.get("start_time")),
        end=seconds(word.get("end_time")),
        confidence=seconds(word.get("confidence")),
    )


def _names(
    transcript: TranscriptRef, sentences: Sequence[Mapping[str, Any]], speakers: Mapping[str, str]
) -> dict[int, str]:
    """The order's names, else the account's, else the channel's number; which channel is whose differs by
    how the call was made (contract 6.11). One channel of a mixed recording is nobody's."""
    channels = {integer(each.get("media_channel")) for each in sentences}
    if transcript.recording is not None and transcript.recording.channels == 1:
        return {}
    ordered = mapping(transcript.handle.get("speakers"))
    return {
        channel: text(ordered.get(str(channel))) or speakers.get(str(channel), "") or f"Channel {channel}"
        for channel in channels
        if channel is not None
    }


def _place(sentence: Mapping[str, Any]) -> int:
    return integer(sentence.get("sentence_index")) or 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
