"""What Twilio's refusals mean: tables over action, status and code, and a sentence for each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import ProviderError
from recordings.providers.outcomes import Meaning, Rule, error_of
from recordings.providers.twilio.current_actions import PAUSE, RESUME, STOP
from recordings.providers.twilio.service_actions import CHANGE, CREATE, DELETE
from recordings.providers.twilio.values import mapping, text

UPDATES = frozenset({"recording.stop", "recording.pause", "recording.resume"})
DELETES = frozenset({"recording.delete", "transcript.delete", DELETE})
NOT_ELIGIBLE, UNKNOWN_SID, MONO_ONLY, NO_MP3 = "21220", "20404", "16113", "16109"

RULES = (
    Rule(meaning=Meaning.DONE, status=404, code=UNKNOWN_SID, kinds=DELETES),  # contract 7.1
    # The call is over, and with it whatever ran on it (contract 1.4, 7.1).
    Rule(meaning=Meaning.DONE, code=NOT_ELIGIBLE, kinds=frozenset({"captions.stop"})),
    Rule(meaning=Meaning.THROTTLED, code="20429"),  # never processed: always safe to repeat
    Rule(meaning=Meaning.UNKNOWN, status=408),  # an update timed out inside Twilio
    Rule(meaning=Meaning.LATER, code="21501"),  # still being post-processed; Retry-After tells when
    Rule(meaning=Meaning.UNKNOWN, code="95100"),  # an internal failure: there may be a transcript
    Rule(meaning=Meaning.GONE, code="95102"),
    Rule(meaning=Meaning.GONE, code="95122"),
    *(Rule(meaning=Meaning.CREDENTIALS, code=code) for code in ("20003", "20005", "20010", "90010")),
    *(Rule(meaning=Meaning.CREDENTIALS, code=code) for code in ("20006", "20403")),
)

WHAT: Mapping[str, str] = {
    "20001": "Twilio did not accept a parameter of this order, or misses one.",
    "20003": "Twilio refused the credentials: check the Account SID with the Auth Token or API key.",
    "20004": "Twilio does not allow this of such a thing.",
    "20005": "The Twilio account is not active: look at it in the Twilio Console.",
    "20006": "These credentials have no right to do this: use a key that has it.",
    "20007": "Tapedeck asked for a longer page than Twilio gives.",
    "20010": "The Twilio account is suspended: look at it in the Twilio Console.",
    "20403": "These credentials have no right to do this: use a key that has it.",
    "20404": "Twilio does not know this: it was deleted, or belongs to another account.",
    "20409": "The state that this is in at Twilio does not allow it now: look at it again, then try later.",
    "20422": "Twilio found an option of this order invalid: correct it and order again.",
    "20429": "Twilio received too many requests of this account at once.",
    "20500": "Twilio failed on its own side.",
    "20503": "Twilio is out of service for the moment.",
    "21220": "Twilio says that this call is not eligible: it is not answered yet, over, or inside a "
    "ConversationRelay, which cannot be recorded.",
    "21481": "Twilio lost the place in this listing: it has to begin again.",
    "21501": "Twilio has not finished with this recording yet.",
    "16108": "More than one recording runs on this call: choose one of them.",
    "16109": "Twilio gives an encrypted recording as WAV only: choose WAV.",
    "16113": "This recording has one channel only: choose the mixed form.",
    "90010": "The Twilio account is not active: look at it in the Twilio Console.",
    "95100": "Twilio's Intelligence failed on its own side.",
    "95102": "Twilio says that this recording is deleted, or not this account's: it cannot be transcribed.",
    "95116": "The Twilio account is in PCI mode, in which nothing is transcribed.",
    "95120": "Twilio transcribes completed recordings only, and says that this one is none.",
    "95122": "Twilio does not find this recording: it cannot be transcribed.",
}
BY_STATUS: Mapping[int, str] = {
    401: WHAT["20003"],
    403: WHAT["20006"],
    404: WHAT["20404"],
    405: WHAT["20004"],
    408: "Twilio did not get this done in its own time.",
    409: WHAT["20409"],
    422: WHAT["20422"],
    429: WHAT["20429"],
}
FAILED_THERE = WHAT["20500"]
NOT_ACCEPTED = "Twilio did not accept what it was asked for."
ODD = "An answer came that is not in Twilio's documentation: check the account's base address."
NOTHING: Mapping[str, str] = {
    "recording.start": "No recording was started and nothing was charged.",
    "recording.stop": "The recording was not stopped.",
    "recording.pause": "The recording was not paused.",
    "recording.resume": "The recording was not resumed.",
    STOP: "No recording was stopped.",
    PAUSE: "No recording was paused.",
    RESUME: "No recording was resumed.",
    "recording.delete": "The recording was not deleted.",
    "transcript.order": "No transcript was ordered and nothing was charged.",
    "transcript.delete": "The transcript was not deleted.",
    "captions.start": "No captions were started and nothing was charged.",
    "captions.stop": "The captions were not stopped.",
    "endpoint.repair": "The webhook address was not changed.",
    CREATE: "No service was made.",
    CHANGE: "The service was not changed.",
    DELETE: "The service was not deleted.",
}
UNSURE: Mapping[str, str] = {
    "recording.start": "The call may be recorded now, and charged for: look before starting it again.",
    "recording.stop": "Whether the recording was stopped is not known.",
    "recording.pause": "Whether the recording is paused is not known.",
    "recording.resume": "Whether the recording goes on is not known.",
    STOP: "Whether a recording was stopped is not known.",
    PAUSE: "Whether a recording is paused is not known.",
    RESUME: "Whether a recording goes on is not known.",
    "recording.delete": "Whether the recording was deleted is not known.",
    "transcript.order": "A transcript may be made now, and charged for: look before ordering it again.",
    "transcript.delete": "Whether the transcript was deleted is not known.",
    "captions.start": "Captions may run now, and be charged for: look before starting them again.",
    "captions.stop": "Whether the captions were stopped is not known.",
    "endpoint.repair": "Whether the webhook address was changed is not known.",
    CREATE: "A service may have been made: look before making it again.",
    CHANGE: "Whether the service was changed is not known.",
    DELETE: "Whether the service was deleted is not known.",
}
DUPLICATE = (
    "Twilio keeps one transcript of a recording: if it holds one that this order did not find, delete that "
    "one first."
)
NONE_RUNS = "Twilio is recording nothing on this call."
NOT_COMPLETED = "Twilio deletes completed recordings only: order it again once this one is."
# What a refusal says more of one action than of others.
SPECIAL: Mapping[tuple[str, str], str] = {
    ("transcript.order", "20409"): f"Twilio refused this transcript. {DUPLICATE}",
    ("recording.delete", "20409"): NOT_COMPLETED,
    ("recording.delete", "21501"): NOT_COMPLETED,
    **{(kind, UNKNOWN_SID): NONE_RUNS for kind in (STOP, PAUSE, RESUME)},
    ("captions.start", NOT_ELIGIBLE): "Twilio says that this call is not in progress.",
}
LONGEST_WORDS = 300
_XML_CODE = re.compile(r"<Code>\s*(\d+)\s*</Code>")
_XML_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What an error's body says: classic JSON, problem JSON or XML; empty for HTML and for no body."""

    code: str = ""
    words: str = ""


def complaint_of(reply: Reply) -> Complaint:
    """All shapes of contract 1.4; unexpected types are as good as nothing."""
    body = mapping(reply.data)
    if not body:
        return _complaint_of_xml(reply.text[: LONGEST_WORDS * 10])
    words = text(body.get("message")) or text(body.get("detail")) or text(body.get("title"))
    named = "; ".join(_named(body.get("errors")))
    return Complaint(
        code=text(body.get("code")),
        words=": ".join(part for part in (words, named) if part)[:LONGEST_WORDS],
    )


def refusal(meaning: Meaning, reply: Reply, *, kind: str, bucket: str) -> ProviderError:
    """The error for an answer that is no success."""
    complaint = complaint_of(reply)
    message = _message(meaning, reply.status, complaint, kind=kind)
    return error_of(meaning, reply, kind=kind, message=message, code=complaint.code, bucket=bucket)


def _complaint_of_xml(body: str) -> Complaint:
    code, words = _XML_CODE.search(body), _XML_MESSAGE.search(body)
    return Complaint(
        code=code.group(1) if code else "",
        words=words.group(1).strip()[:LONGEST_WORDS] if words else "",
    )


def _named(errors: Any) -> list[str]:
    """The entries of a problem's ``errors``: detail and pointer."""
    entries = [mapping(entry) for entry in errors] if isinstance(errors, list) else []
    parts = [(text(entry.get("pointer")), text(entry.get("detail"))) for entry in entries]
    return [" ".join(part for part in pair if part) for pair in parts if any(pair)]


def _message(meaning: Meaning, status: int, complaint: Complaint, *, kind: str) -> str:
    special = SPECIAL.get((kind, complaint.code))
    what = special or WHAT.get(complaint.code) or BY_STATUS.get(status) or _other(status)
    outcome = UNSURE if meaning is Meaning.UNKNOWN else NOTHING
    said = f"Twilio says: {complaint.words}" if complaint.words else f"(HTTP {status})"
    return " ".join(part for part in (what, outcome.get(kind, ""), said) if part)


def _other(status: int) -> str:
    if status >= 500:
        return FAILED_THERE
    return NOT_ACCEPTED if status >= 400 else ODD
