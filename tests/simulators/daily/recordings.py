"""Recordings afterwards: list, read, link, delete."""

from typing import Any

from tests.simulators.daily.answers import Refused, invalid, not_found, number
from tests.simulators.daily.core import newest_first
from tests.simulators.daily.live_transcriptions import LiveTranscriptions
from tests.simulators.daily.state import Recording
from tests.simulators.daily.storage import OURS
from tests.simulators.http import Request, Response, json_answer

LONGEST_LINK = 12 * 3600
SHORTEST_LINK_ELSEWHERE = 15 * 60


class Recordings(LiveTranscriptions):
    def list_recordings(self, request: Request) -> Response:
        params = self.query(request, "limit", "starting_after", "ending_before", "room_name")
        found = newest_first(list(self.recordings.values()), lambda each: each.start_at)
        if "room_name" in params:
            found = [each for each in found if each.room_name == params["room_name"]]
        return self.listing(found, params, lambda each: each.id, self._shown_recording)

    def get_recording(self, request: Request, ident: str) -> Response:
        self.query(request)
        return json_answer(self._shown_recording(self._recording(ident)))

    def get_recording_link(self, request: Request, ident: str) -> Response:
        params = self.query(request, "valid_for_secs")
        recording = self._recording(ident)
        least = SHORTEST_LINK_ELSEWHERE if recording.bucket else 1
        seconds = number(params, "valid_for_secs", 3600, least=least, most=LONGEST_LINK)
        # Raw tracks have no single file; what Daily answers for them is not documented.
        if recording.status != "finished" or recording.type == "raw-tracks":
            status = self.switches.unfinished_link_status
            code = "not-found" if status == 404 else "invalid-request-error"
            raise Refused(status, code, f"recording {ident} has no file to download")
        if (recording.bucket or {}).get("allow_api_access", True) is not True:
            raise Refused(403, "forbidden-error", "the bucket does not allow API access")
        bucket = (recording.bucket or {}).get("bucket_name", OURS)
        link = self.switches.link_error or self.storage.link(
            request, bucket, recording.s3key, seconds=seconds
        )
        return json_answer({"download_link": link, "expires": int(self.clock.now()) + seconds})

    def delete_recording(self, request: Request, ident: str) -> Response:
        """One in progress is refused (the contract does not say)."""
        recording = self._recording(ident)
        if recording.status == "in-progress":
            raise invalid(f"recording {ident} is in progress")
        del self.recordings[ident]
        shown: dict[str, Any] = {"deleted": True, "id": ident}
        if recording.bucket:
            # The file stays; how the location is spelled here is not in the contract.
            shown |= {
                "s3_bucket": recording.bucket.get("bucket_name"),
                "s3_region": recording.bucket.get("bucket_region"),
                "s3_key": recording.s3key,
            }
        else:
            self.storage.objects.pop((OURS, recording.s3key), None)
        self.perform("delete_recording", ident)
        return json_answer(shown)

    def _recording(self, ident: str) -> Recording:
        if ident not in self.recordings:
            raise not_found(f"recording {ident} not found")
        return self.recordings[ident]

    def _shown_recording(self, recording: Recording) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": recording.id,
            "room_name": recording.room_name,
            "start_ts": int(recording.start_at),
            "status": recording.status,
            "share_token": recording.share_token,
        }
        if not self.switches.omits_max_participants:
            shown["max_participants"] = recording.max_participants
        if recording.duration is not None:
            shown["duration"] = recording.duration
        if recording.status == "finished":
            shown["s3key"] = recording.s3key
        if self.switches.session_ids != "missing":
            shown["mtgSessionId"] = recording.session_id if self.switches.session_ids == "present" else None
        if recording.type == "raw-tracks":
            shown["tracks"] = recording.tracks
        if recording.bucket:
            keys = ("bucket_name", "bucket_region")
            shown["s3"] = {**{key: recording.bucket.get(key) for key in keys}, "key": recording.s3key}
        if self.switches.reports_type:
            shown["type"] = recording.type
        return shown
