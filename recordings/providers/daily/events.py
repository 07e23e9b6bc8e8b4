"""The events of Daily's webhooks that say something to Tapedeck (contract 5.5)."""

EVENT_TYPES = (
    "recording.started",
    "recording.ready-to-download",
    "recording.error",
    "transcript.started",
    "transcript.ready-to-download",
    "transcript.error",
    "batch-processor.job-finished",
    "batch-processor.error",
    "meeting.started",
    "meeting.ended",
    "participant.joined",
    "participant.left",
)
# Daily knows more, such as streaming.* and dialin.*: nothing in them concerns recordings or transcripts.
