"""The endpoints of recordings and of the artifacts that are not transcripts."""

from typing import TYPE_CHECKING, TypeVar

from tests.simulators.http import Request, Response, empty_answer, json_answer
from tests.simulators.recall import schemas
from tests.simulators.recall.checks import require
from tests.simulators.recall.lists import (
    choices_filter,
    created_within,
    has_metadata,
    metadata_filter,
    uuid_filter,
)
from tests.simulators.recall.refusals import body_of, not_found, rule
from tests.simulators.recall.state import Artifact, Recording
from tests.simulators.recall.words import ARTIFACT_STATUS_FILTER, RECORDING_STATUS_FILTER

if TYPE_CHECKING:
    from tests.simulators.recall.simulator import RecallSimulator

Row = TypeVar("Row", bound=Artifact)


class Recordings:
    def __init__(self, sim: "RecallSimulator") -> None:
        self.sim = sim

    def find(self, key: str) -> Recording:
        recording = self.sim.recordings.get(key.lower())
        if recording is None or not self.sim.is_seen(recording):
            raise not_found()
        return recording

    def require_deletable(self, recording: Recording) -> None:
        is_running = recording.status.code in {"processing", "paused"}
        if is_running and self.sim.switches.delete_in_progress == "refuse":
            raise rule("cannot_delete_in_progress", "The recording is still in progress.")  # invented code

    def list(self, request: Request, key: str) -> Response:
        bot_id, upload = uuid_filter(request, "bot_id"), uuid_filter(request, "desktop_sdk_upload_id")
        codes = choices_filter(request, "status_code", RECORDING_STATUS_FILTER)
        is_within, pairs = created_within(request), metadata_filter(request)
        rows = [
            row
            for row in self.sim.recordings.values()
            if self.sim.is_seen(row)
            and not upload
            and (not bot_id or row.bot == bot_id)
            and (not codes or row.status.code in codes)
            and is_within(row)
            and has_metadata(row, pairs)
        ]
        return self.sim.lists.by_cursor(
            request, rows, lambda row: self.sim.shapes.recording(row, request.origin)
        )

    def retrieve(self, request: Request, key: str) -> Response:
        return json_answer(self.sim.shapes.recording(self.find(key), request.origin))

    def change(self, request: Request, key: str) -> Response:
        recording, body = self.find(key), body_of(request)
        require(body, schemas.metadata_only)
        recording.metadata = body.get("metadata", recording.metadata)
        self.sim.perform("change_recording", recording.id, options=body)
        return json_answer(self.sim.shapes.recording(recording, request.origin))

    def delete(self, request: Request, key: str) -> Response:
        recording = self.find(key)
        if recording.status.code == "deleted":
            raise not_found()
        self.require_deletable(recording)
        self.sim.perform("delete_recording", recording.id)
        self.sim.captures.remove(recording)
        return empty_answer()


class Artifacts:
    """One kind: ``video_mixed``, ``audio_mixed`` …"""

    def __init__(self, sim: "RecallSimulator", kind: str) -> None:
        self.sim = sim
        self.kind = kind

    def _find(self, key: str) -> Artifact:
        artifact = self.sim.find_artifact(key.lower())
        if artifact is None or artifact.kind != self.kind or not self.sim.is_seen(artifact):
            raise not_found()
        return artifact

    def list(self, request: Request, key: str) -> Response:
        rows = [
            each.artifacts[self.kind] for each in self.sim.recordings.values() if self.kind in each.artifacts
        ]
        wanted = wanted_artifacts(self.sim, request, rows)
        return self.sim.lists.by_cursor(
            request, wanted, lambda row: self.sim.shapes.artifact(row, request.origin)
        )

    def retrieve(self, request: Request, key: str) -> Response:
        return json_answer(self.sim.shapes.artifact(self._find(key), request.origin))

    def change(self, request: Request, key: str) -> Response:
        artifact, body = self._find(key), body_of(request)
        require(body, schemas.metadata_only)
        artifact.metadata = body.get("metadata", artifact.metadata)
        self.sim.perform(f"change_{self.kind}", artifact.id, options=body)
        return json_answer(self.sim.shapes.artifact(artifact, request.origin))

    def delete(self, request: Request, key: str) -> Response:
        artifact = self._find(key)
        if artifact.status.code == "deleted":
            raise not_found()
        self.sim.perform(f"delete_{self.kind}", artifact.id)
        self.sim.captures.set_status(artifact, "deleted")
        return empty_answer()


def wanted_artifacts(sim: "RecallSimulator", request: Request, rows: list[Row]) -> list[Row]:
    """The filters that transcripts and all other artifacts share."""
    recording = uuid_filter(request, "recording_id")
    codes = choices_filter(request, "status_code", ARTIFACT_STATUS_FILTER)
    is_within = created_within(request)
    return [
        row
        for row in rows
        if sim.is_seen(row)
        and (not recording or row.recording == recording)
        and (not codes or row.status.code in codes)
        and is_within(row)
    ]
