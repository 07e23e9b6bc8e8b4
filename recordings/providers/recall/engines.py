"""The engines that transcribe a finished recording (contract, section 4.2)."""

ENGINES = (
    ("recallai_async", "Recall.ai"),
    ("assembly_ai_async", "AssemblyAI"),
    ("deepgram_async", "Deepgram"),
    ("gladia_v2_async", "Gladia"),
    ("rev_async", "Rev"),
    ("speechmatics_async", "Speechmatics"),
    ("elevenlabs_async", "ElevenLabs"),
    ("aws_transcribe_async", "AWS Transcribe"),
    ("google_speech_v2_async", "Google Speech"),
)
LABELS = dict(ENGINES)
OWN_ENGINE = "recallai_async"  # the only one that needs no credentials of another company
REST = "provider_options"
