"""Stored recordings: list, retrieve, delete (contract 3.1 to 3.4)."""

from typing import Any
from urllib.parse import urlencode

from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.vobiz.answers import Missing, Refused
from tests.simulators.vobiz.rows import Rows
from tests.simulators.vobiz.state import Recording

USUAL_LIMIT, HIGHEST_LIMIT = 20, 100
FILTERS = ("call_uuid", "recording_type")  # others are ignored, as an undocumented filter may be


class RecordingRoutes(Rows):
    def list_recordings(self, request: Request) -> Response:
        limit = min(_whole(request, "limit", USUAL_LIMIT, least=1), HIGHEST_LIMIT)
        offset = _whole(request, "offset", 0, least=0)
        found = self._matching(request.params)
        start = 0 if self.ignores_offset else offset
        page = found[start : start + limit]
        has_next = bool(found) if self.ignores_offset else offset + limit < len(found)
        meta = {
            "limit": limit,
            "next": self._page_path(request, limit, offset + limit) if has_next else None,
            "offset": offset,
            "previous": self._page_path(request, limit, max(0, offset - limit)) if offset else None,
            "total_count": len(found),
        }
        objects = [self.row_fields(each) for each in page]
        if has_next:
            self._shrink(found)
        return json_answer({"api_id": self.new_uuid(), "meta": meta, "objects": objects})

    def retrieve_recording(self, request: Request, recording_id: str) -> Response:
        fields = self.row_fields(self._existing(recording_id))
        api_id = self.new_uuid()
        if not self.old_shapes:
            return json_answer({"api_id": api_id, **fields})
        meta = {"limit": 20, "next": None, "offset": 0, "previous": None, "total_count": 1}
        return json_answer({"api_id": api_id, "meta": meta, "objects": [fields]})

    def remove_recording(self, request: Request, recording_id: str) -> Response:
        self.delete_recording(self._existing(recording_id), by="api")
        return empty_answer()

    def remove_all_recordings(self, request: Request) -> Response:
        """The trap of an empty id, and BulkDelete: everything that the filters leave, later."""
        if not self.can_bulk_delete:
            raise Refused(405)
        doomed = self._matching(request.params)
        self.perform(
            "bulk_delete", "Recording", query=request.query, recordings=[r.recording_id for r in doomed]
        )
        self.after(1.0, lambda: self._delete_all(doomed))
        return empty_answer(202)  # Asynchronous by the old page; its status is a guess.

    def _delete_all(self, doomed: list[Recording]) -> None:
        for recording in doomed:
            if not recording.is_deleted:
                self.delete_recording(recording, by="bulk")

    def _existing(self, recording_id: str) -> Recording:
        recording = self.row(recording_id)
        if recording is None:
            raise Missing("Recording not found")
        return recording

    def _matching(self, params: dict[str, str]) -> list[Recording]:
        """Newest first. An unknown ``recording_type`` matches nothing; the real answer is unknown."""
        found = [each for each in self.recordings.values() if self.is_listed(each)]
        if "call_uuid" in params:
            found = [each for each in found if each.call.call_uuid == params["call_uuid"]]
        if "recording_type" in params:
            found = [each for each in found if each.recording_type == params["recording_type"]]
        return sorted(found, key=lambda each: (each.row_at, each.number), reverse=self.sort == "newest")

    def _page_path(self, request: Request, limit: int, offset: int) -> str:
        """Relative and without ``/api``: joined to the host it leads nowhere."""
        kept: dict[str, Any] = {name: request.params[name] for name in FILTERS if name in request.params}
        query = urlencode({**kept, "limit": limit, "offset": offset})
        return f"/v1/Account/{self.auth_id}/Recording/?{query}"

    def _shrink(self, found: list[Recording]) -> None:
        for recording in found[: self.list_shrinks]:
            self.delete_recording(recording, by="somebody")


def _whole(request: Request, name: str, usual: int, *, least: int) -> int:
    text = request.params.get(name, str(usual))
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise Refused(400, f"{name} must be a whole number", field=name)
    return int(text)
