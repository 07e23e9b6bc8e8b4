"""What is read out of a transcript: sentences, operators' results, its sound."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulators import speech
from tests.simulators.http import Request, Response, json_answer
from tests.simulators.twilio.answers import not_found
from tests.simulators.twilio.forms import BOOLEAN, PAGING, read_query
from tests.simulators.twilio.paging import product
from tests.simulators.twilio.state import Transcript

if TYPE_CHECKING:
    from tests.simulators.twilio.simulator import TwilioSimulator

SENTENCES = {"Redacted": BOOLEAN, "WordTimestamps": BOOLEAN, **PAGING}
SENTENCES_CAP = 5000
REDACTED = {"Redacted": BOOLEAN}


@dataclass(kw_only=True)
class Sentence:
    sid: str
    order: int
    turn: speech.Turn
    created_at: float = 0.0


class TranscriptText:
    def __init__(self, simulator: "TwilioSimulator") -> None:
        self._simulator = simulator

    def sentences(self, request: Request, transcript: str) -> Response:
        simulator = self._simulator
        query = read_query(request, SENTENCES, strict=simulator.switches.is_strict)
        found = simulator.transcripts.find(transcript)
        redacts = simulator.transcripts.is_redacted(found) and query.get("Redacted", "true") == "true"
        page = simulator.pager.cut(_sentences(found), query, cap=SENTENCES_CAP, oldest_first=True)

        def shape(sentence: Sentence) -> dict[str, Any]:
            with_words = query.get("WordTimestamps") == "true"
            return self._shape(found, sentence, redacts=redacts, with_words=with_words)

        return json_answer(product(request, "sentences", page, shape, origin=simulator.origin))

    def media(self, request: Request, transcript: str) -> Response:
        read_query(request, REDACTED, strict=self._simulator.switches.is_strict)
        found = self._simulator.transcripts.find(transcript)
        if found.status != "completed":
            raise not_found(request.path)
        return json_answer(
            {
                "account_sid": self._simulator.account_sid,
                "service_sid": found.service,
                "sid": found.sid,
                "media_url": self._simulator.media.link(found.sid),
                "url": f"{self._simulator.origin}/v2/Transcripts/{found.sid}/Media",
            }
        )

    def operator_results(self, request: Request, transcript: str) -> Response:
        query = read_query(request, {**REDACTED, **PAGING}, strict=self._simulator.switches.is_strict)
        found = self._simulator.transcripts.find(transcript)
        results = [_Result()] if found.status == "completed" else []
        page = self._simulator.pager.cut(results, query)
        origin = self._simulator.origin
        return json_answer(
            product(request, "operator_results", page, lambda _: self._result(found), origin=origin)
        )

    def operator_result(self, request: Request, transcript: str, operator: str) -> Response:
        read_query(request, REDACTED, strict=self._simulator.switches.is_strict)
        found = self._simulator.transcripts.find(transcript)
        if found.status != "completed" or operator != _Result.sid:
            raise not_found(request.path)
        return json_answer(self._result(found))

    def encrypted(self, request: Request, transcript: str) -> Response:
        """Locations only, and only where a credential encrypts; 404 elsewhere is a guess."""
        found = self._simulator.transcripts.find(transcript)
        service = self._simulator.services.all.get(found.service)
        if service is None or not service.setting("encryption_credential_sid"):
            raise not_found(request.path)
        url = f"{self._simulator.origin}{request.path}"
        location = f"https://storage.example.com/{found.sid}"
        return json_answer({"location": location, "transcript_sid": found.sid, "url": url})

    def _shape(
        self, found: Transcript, sentence: Sentence, *, redacts: bool, with_words: bool
    ) -> dict[str, Any]:
        turn = sentence.turn
        shape = {
            "sid": sentence.sid,
            "sentence_index": sentence.order,
            "media_channel": turn.speaker + 1 if found.channels == 2 else 1,
            "start_time": self._time(turn.start),
            "end_time": self._time(turn.end),
            "confidence": self._time(0.93),
            "transcript": _hide(turn.text) if redacts else turn.text,
        }
        if with_words:
            shape["words"] = [
                {
                    "word": _hide(word.text) if redacts else word.text,
                    "start_time": self._time(word.start),
                    "end_time": self._time(word.end),
                }
                for word in turn.words
            ]
        return shape

    def _time(self, value: float) -> float | str | None:
        kinds: dict[str, float | str | None] = {"number": value, "string": str(value), "null": None}
        return kinds[self._simulator.switches.sentence_times]

    def _result(self, found: Transcript) -> dict[str, Any]:
        title = speech.with_wav(found.conversation).title
        return {
            "operator_type": "text-generation",
            "name": "Conversation Summary",
            "operator_sid": _Result.sid,
            "extract_match": None,
            "match_probability": None,
            "normalized_result": None,
            "utterance_results": [],
            "utterance_match": None,
            "predicted_label": None,
            "predicted_probability": None,
            "label_probabilities": {},
            "extract_results": {},
            "text_generation_results": {"format": "text", "result": f"A conversation: {title}."},
            "json_results": {},
            "transcript_sid": found.sid,
            "url": f"{self._simulator.origin}/v2/Transcripts/{found.sid}/OperatorResults/{_Result.sid}",
        }


@dataclass(kw_only=True)
class _Result:
    sid: str = "LY" + "7" * 32
    order: int = 0
    created_at: float = 0.0


def _sentences(found: Transcript) -> list[Sentence]:
    """Empty until the transcript is completed; then the conversation's turns, word for word."""
    if found.status != "completed":
        return []
    turns = speech.with_wav(found.conversation).turns
    return [
        Sentence(sid=f"GX{found.sid[2:30]}{index:04x}", order=index, turn=turn)
        for index, turn in enumerate(turns)
    ]


def _hide(words: str) -> str:
    return re.sub(r"\d", "*", words)
