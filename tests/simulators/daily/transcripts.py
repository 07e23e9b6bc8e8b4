"""Live transcripts afterwards: list, read, link, delete."""

from typing import Any

from tests.simulators.daily.answers import Refused, invalid, not_found
from tests.simulators.daily.core import newest_first
from tests.simulators.daily.recordings import Recordings
from tests.simulators.daily.state import Transcript, iso
from tests.simulators.daily.transcript_events import bucket_of, place_of
from tests.simulators.http import Request, Response, json_answer

LINK_SECONDS = 3600
NOT_STORED = (
    "Transcriptions were not stored for this session. "
    "Set enable_transcription_storage to true on the room or the domain."
)


class Transcripts(Recordings):
    def list_transcripts(self, request: Request) -> Response:
        params = self.query(request, "limit", "starting_after", "ending_before", "roomId", "mtgSessionId")
        found = newest_first(list(self.transcripts.values()), lambda each: each.began_at)
        if "roomId" in params:
            found = [each for each in found if each.room.id == params["roomId"]]
        if "mtgSessionId" in params:
            found = [each for each in found if each.session_id == params["mtgSessionId"]]
        if not self.switches.lists_deleted:
            found = [each for each in found if each.status != "t_deleted"]
        if not found and self.switches.empty_transcripts_404:
            raise not_found("no transcripts found")
        return self.listing(found, params, lambda each: each.id, self._shown_transcript)

    def get_transcript(self, request: Request, ident: str) -> Response:
        self.query(request)
        return json_answer(self._shown_transcript(self._transcript(ident)))

    def get_transcript_link(self, request: Request, ident: str) -> Response:
        self.query(request)
        transcript = self._transcript(ident)
        if transcript.status == "t_deleted":
            raise not_found(f"transcript {ident} not found")
        shown: dict[str, Any] = {
            "transcriptId": ident,
            self.switches.transcript_link_key: self._link(request, transcript),
        }
        if transcript.bucket:
            shown["outParams"] = place_of(transcript)
        return json_answer(shown)

    def delete_transcript(self, request: Request, ident: str) -> Response:
        """The row stays, flagged. Again is a 404, and so in progress a 400 (both unsaid in the contract)."""
        transcript = self._transcript(ident)
        if transcript.status == "t_deleted":
            raise not_found(f"transcript {ident} not found")
        if transcript.status == "t_in_progress":
            raise invalid(f"transcript {ident} is in progress")
        transcript.status, transcript.is_vtt_available = "t_deleted", False
        transcript.updated_at = self.clock.now()
        if not transcript.bucket:
            self.storage.objects.pop((bucket_of(transcript), transcript.key), None)
        self.perform("delete_transcript", ident)
        return json_answer(self._shown_transcript(transcript))

    def _link(self, request: Request, transcript: Transcript) -> str:
        if self.switches.link_error:
            return self.switches.link_error
        if not transcript.is_stored:
            if self.switches.not_stored_as == "status":
                raise invalid(NOT_STORED)
            return NOT_STORED
        if (transcript.bucket or {}).get("allow_api_access", True) is not True:
            raise Refused(403, "forbidden-error", "the bucket does not allow API access")
        if not transcript.is_vtt_available:
            # Before the first flush, or after an error; the contract has only "may be an error sentence".
            return "The transcript is not available."
        return self.storage.link(request, bucket_of(transcript), transcript.key, seconds=LINK_SECONDS)

    def _transcript(self, ident: str) -> Transcript:
        transcript = self.transcripts.get(ident)
        if transcript is None or (transcript.status == "t_deleted" and not self.switches.lists_deleted):
            raise not_found(f"transcript {ident} not found")
        return transcript

    def _shown_transcript(self, transcript: Transcript) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "transcriptId": transcript.id,
            "domainId": self.domain_id,
            "roomId": transcript.room.id,
            "mtgSessionId": transcript.session_id,
            "status": transcript.status,
            "duration": int(transcript.duration),
            "isVttAvailable": transcript.is_vtt_available,
            "error": transcript.error if transcript.status == "t_error" else None,
            "created_at": iso(transcript.began_at),
            "updated_at": iso(transcript.updated_at),
        }
        if transcript.bucket:
            shown["outParams"] = place_of(transcript)
        return shown
