"""What POST /batch-processor accepts (contract 4.2)."""

import re
from typing import Any

from tests.simulators.daily.answers import (
    Check,
    checked,
    invalid,
    is_flag,
    is_language,
    is_object,
    is_text,
    one_of,
)
from tests.simulators.daily.live_transcriptions import DEEPGRAM

SUBMIT = {
    "preset": one_of("transcript", "summarize"),  # soap-notes was withdrawn
    "inParams": is_object,
    "outParams": is_object,
    "transformParams": is_object,
}
SOURCES = {
    "sourceType": one_of("recordingId", "uri", "transcriptUri"),
    "recordingId": is_text,
    "uri": is_text,
    "language": is_language,
}
PLACEHOLDERS = ("{epoch_time}", "{domain_name}", "{job_id}")
TEMPLATE = re.compile(r"[A-Za-z0-9./*-]{1,1024}")
# Without a model these only; "more per model".
LANGUAGES = {
    *("da", "nl", "en", "en-AU", "en-GB", "en-IN", "en-NZ", "en-US", "fr", "fr-CA", "de", "hi", "hi-Latn"),
    *("id", "it", "ja", "ko", "no", "pl", "pt", "pt-BR", "pt-PT", "ru", "es", "es-419", "sv", "tr", "uk"),
}


def check_input(preset: str, given: Any) -> dict[str, Any]:
    """The source of a job; a ``transcriptUri`` comes in ``uri`` (the contract does not name its key)."""
    source = checked(given, SOURCES, required=("sourceType",), within="inParams.")
    kind = source["sourceType"]
    if kind == "transcriptUri" and preset != "summarize":
        raise invalid("sourceType transcriptUri is for summaries")
    wanted, other = ("recordingId", "uri") if kind == "recordingId" else ("uri", "recordingId")
    if wanted not in source or other in source:
        raise invalid(f"sourceType {kind} needs inParams.{wanted} and nothing else")
    if wanted == "uri" and not source["uri"].startswith(("https://", "http://")):
        raise invalid("invalid value for parameter 'inParams.uri'")
    if "language" in source and preset != "transcript":
        raise invalid("inParams.language is for preset transcript")
    return source


def check_output(preset: str, given: Any) -> tuple[str, bool]:
    """The key template and whether placeholders in it are replaced."""
    outer = checked(given, {"s3Config": is_object}, within="outParams.")
    inner: dict[str, Check] = {"s3KeyTemplate": is_text, "useReplacement": is_flag}
    config = checked(outer.get("s3Config", {}), inner, within="outParams.s3Config.")
    template, replaces = config.get("s3KeyTemplate", preset), config.get("useReplacement", False)
    rest = template
    for placeholder in PLACEHOLDERS if replaces else ():
        rest = rest.replace(placeholder, "-")
    if len(template) > 1024 or TEMPLATE.fullmatch(rest) is None:
        raise invalid("invalid value for parameter 'outParams.s3Config.s3KeyTemplate'")
    return template, replaces


def check_transform(preset: str, given: Any, source: dict[str, Any]) -> None:
    outer = checked(given, {"transcript": is_object}, within="transformParams.")
    if "transcript" in outer and preset != "transcript":
        raise invalid("transformParams.transcript is for preset transcript")
    options = checked(outer.get("transcript", {}), DEEPGRAM, within="transformParams.transcript.")
    # The transform's language wins. That an unsupported one is refused at once is a guess.
    language = options.get("language", source.get("language", "en"))
    if "model" not in options and language not in LANGUAGES:
        raise invalid(f"language {language} is not supported")
