"""The batch processor: a finished recording becomes text in four formats, or a summary."""

from typing import Any

from tests.simulators import speech
from tests.simulators.daily.answers import Refused, body_of, invalid, not_found
from tests.simulators.daily.batch_options import SUBMIT, check_input, check_output, check_transform
from tests.simulators.daily.core import newest_first
from tests.simulators.daily.state import Job
from tests.simulators.daily.storage import OURS, REGION, Stored
from tests.simulators.daily.texts import CONTENT_TYPES, batch_text, summary
from tests.simulators.daily.transcripts import Transcripts
from tests.simulators.http import Request, Response, json_answer

FORMATS = ("txt", "srt", "vtt", "json")
SILENT = "Failed to transcribe. The audio may be invalid or silent."
GONE = "Failed to download recording: server responded with 403 Forbidden"


class Batch(Transcripts):
    def submit_job(self, request: Request) -> Response:
        needed = ("preset", "inParams", *(("outParams",) if self.switches.out_params_required else ()))
        ignores = self.switches.ignores_unknown_keys
        body = body_of(request, SUBMIT, required=needed, ignores_unknown=ignores)
        preset = body["preset"]
        source = check_input(preset, body["inParams"])
        template, replaces = check_output(preset, body.get("outParams", {}))
        check_transform(preset, body.get("transformParams", {}), source)
        conversation = self._source(source)
        job = Job(
            id=self.new_uuid(),
            preset=preset,
            input=source,
            template=template,
            submitted_at=self.clock.now(),
            conversation=conversation,
            bucket=self.domain_config.get("batch_processor_bucket"),
        )
        if replaces:
            job.template = self._replaced(job)
        self.jobs[job.id] = job
        self.perform("submit_job", source.get("recordingId", source.get("uri", "")), result=job.id, **body)
        self.after(self.switches.submit_seconds, lambda: self._process(job))
        return json_answer({"id": job.id})

    def list_jobs(self, request: Request) -> Response:
        params = self.query(request, "limit", "starting_after", "ending_before", "recordingId")
        found = newest_first(list(self.jobs.values()), lambda each: each.submitted_at)
        if "recordingId" in params:
            found = [each for each in found if each.input.get("recordingId") == params["recordingId"]]
        return self.listing(found, params, lambda each: each.id, self._row)

    def get_job(self, request: Request, ident: str) -> Response:
        self.query(request)
        return json_answer(_shown(self._job(ident)))

    def get_job_link(self, request: Request, ident: str) -> Response:
        self.query(request)
        job = self._job(ident)
        if job.status != "finished":
            raise invalid(f"job {ident} is not finished")
        shown: dict[str, Any] = {"id": job.id, "preset": job.preset, "status": job.status}
        if job.preset == "transcript":
            shown["transcription"] = [self._linked(request, each) for each in job.output["transcription"]]
        else:
            shown["summary"] = self._linked(request, job.output["summary"])
        return json_answer(shown)

    def delete_job(self, request: Request, ident: str) -> Response:
        """An open job ends with it, silently (the contract does not say)."""
        job = self._job(ident)
        del self.jobs[ident]
        if not job.bucket:
            for output in _outputs(job):
                self.storage.objects.pop((OURS, output["s3Config"]["key"]), None)
        self.perform("delete_job", ident)
        return json_answer(_shown(job))

    # What becomes of a job.

    def _process(self, job: Job) -> None:
        if self._fails(job) or job.id not in self.jobs:
            return
        job.status = "processing"
        self.after(self.switches.process_seconds, lambda: self._end(job))

    def _end(self, job: Job) -> None:
        if self._fails(job) or job.id not in self.jobs:
            return
        self.complete_job(job)
        self.perform("job_finished", job.id)
        payload = {
            "id": job.id,
            "preset": job.preset,
            "status": job.status,
            "input": job.input,
            "output": job.output,
        }
        self.emit("batch-processor.job-finished", f"bp-jf-{job.id}", payload)

    def complete_job(self, job: Job) -> None:
        spoken = speech.conversation(job.conversation)
        job.status = "finished"
        if job.preset == "summarize":
            job.output = {"summary": self._store(job, "summary", "txt", summary(spoken))}
            return
        texts = {
            kind: batch_text(spoken, kind, job_id=job.id, created_at=self.clock.now()) for kind in FORMATS
        }
        job.output = {
            "transcription": [self._store(job, "transcript", kind, texts[kind]) for kind in FORMATS]
        }

    def break_job(self, job: Job, error: str) -> None:
        job.status, job.error, job.output = "error", error, {}
        payload = {
            "id": job.id,
            "preset": job.preset,
            "status": "error",
            "input": job.input,
            "error": error,
            "output": {},
        }
        self.emit("batch-processor.error", f"bp-err-{job.id}", payload)

    def _fails(self, job: Job) -> bool:
        error = self._trouble(job)
        if error and job.id in self.jobs:
            self.break_job(job, error)
        return bool(error)

    def _trouble(self, job: Job) -> str:
        if self.switches.batch_error:
            return self.switches.batch_error
        if job.input["sourceType"] != "recordingId":
            return ""
        recording = self.recordings.get(job.input["recordingId"])
        if recording is None:
            return GONE
        # The domain's bucket must be the one that the recording lies in.
        if recording.bucket and recording.bucket != self.domain_config.get("recordings_bucket"):
            return GONE
        return ""

    def _source(self, source: dict[str, Any]) -> int:
        """The conversation that is heard in the source; any other file holds the first one."""
        if source["sourceType"] != "recordingId":
            return 0
        recording = self.recordings.get(source["recordingId"])
        if recording is None:
            status = self.switches.unknown_recording_status
            code = "not-found" if status == 404 else "invalid-request-error"
            raise Refused(status, code, f"recording {source['recordingId']} not found")
        if recording.status != "finished":
            raise invalid(f"recording {recording.id} is not finished")
        return recording.conversation

    def _store(self, job: Job, folder: str, container: str, content: bytes) -> dict[str, Any]:
        # Whether a replaced template also loses the default folders is not said: it keeps them.
        key = f"{self.domain}/{job.id}/{folder}/{job.template}.{container}"
        bucket = (job.bucket or {}).get("bucket_name", OURS)
        region = (job.bucket or {}).get("bucket_region", REGION)
        self.storage.objects[(bucket, key)] = Stored(
            content_type=CONTENT_TYPES[container], content=lambda: content
        )
        return {"format": container, "s3Config": {"key": key, "bucket": bucket, "region": region}}

    def _replaced(self, job: Job) -> str:
        text = job.template.replace("{epoch_time}", str(int(job.submitted_at * 1000)))
        return text.replace("{domain_name}", self.domain).replace("{job_id}", job.id)

    def _linked(self, request: Request, output: dict[str, Any]) -> dict[str, str]:
        place = output["s3Config"]
        seconds = self.switches.batch_link_seconds
        link = self.storage.link(request, place["bucket"], place["key"], seconds=seconds)
        return {"format": output["format"], "link": link}

    def _row(self, job: Job) -> dict[str, Any]:
        shown = _shown(job)
        return (
            shown if self.switches.full_job_rows else {key: shown[key] for key in ("id", "preset", "status")}
        )

    def _job(self, ident: str) -> Job:
        if ident not in self.jobs:
            raise not_found(f"job {ident} not found")
        return self.jobs[ident]


def _outputs(job: Job) -> list[dict[str, Any]]:
    if "summary" in job.output:
        return [job.output["summary"]]
    return list(job.output.get("transcription", []))


def _shown(job: Job) -> dict[str, Any]:
    shown = {
        "id": job.id,
        "preset": job.preset,
        "status": job.status,
        "input": job.input,
        "output": job.output,
    }
    return {**shown, "error": job.error} if job.error else shown
