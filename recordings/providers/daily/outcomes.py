"""What Daily's refusals mean: a table over action, status and code, and a sentence for each (contract 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.daily.values import mapping, shown, text
from recordings.providers.errors import ProviderError
from recordings.providers.outcomes import Meaning, Rule, error_of, meaning_of

STOPS = frozenset({"recording.stop", "captions.stop"})
DELETES = frozenset({"recording.delete", "transcript.delete", "endpoint.delete", "room.delete"})

# Branch on status and ``error``, never on ``info`` (contract 1).
RULES = (
    Rule(meaning=Meaning.CREDENTIALS, status=400, code="authorization-header-error"),  # 400, not 401
    Rule(meaning=Meaning.CREDENTIALS, code="authentication-error"),
    Rule(meaning=Meaning.THROTTLED, code="rate-limit-error"),
    # A resource out of reach or a missing card says nothing against the key itself.
    Rule(meaning=Meaning.REFUSED, status=402),
    Rule(meaning=Meaning.REFUSED, status=403),
    # No free recorder: nothing was begun, and a later start may find one (contract 1, design 4).
    Rule(meaning=Meaning.LATER, status=503, kinds=frozenset({"recording.start"})),
    # Nothing to stop, perhaps since it stopped by itself: looked at again before that is believed (2.3).
    Rule(meaning=Meaning.DONE, status=400, code="invalid-request-error", kinds=STOPS),
    Rule(meaning=Meaning.DONE, status=404, kinds=STOPS),
    Rule(meaning=Meaning.DONE, status=404, kinds=DELETES),  # gone already (contract 7.9)
)

BY_CODE = {
    "authorization-header-error": "Daily could not read the API key: copy it again, whole.",
    "invalid-request-error": "Daily did not accept this, or it is not possible now.",
    "json-parsing-error": "Daily could not read the request: something between here and there altered it.",
    "authentication-error": "Daily does not accept the API key: copy it again from Daily's dashboard.",
    "forbidden-error": "Daily does not let this API key reach it; a bucket may have API access switched off.",
    "not-found": "Daily does not know this, or no longer.",
    "rate-limit-error": "Daily received too many requests of this account at once.",
    "server-error": "Daily failed on its own side.",
}
BY_STATUS = {
    400: BY_CODE["invalid-request-error"],
    401: BY_CODE["authentication-error"],
    402: "Daily asks for a payment or a card on the account.",
    403: BY_CODE["forbidden-error"],
    404: BY_CODE["not-found"],
    429: BY_CODE["rate-limit-error"],
}
NOBODY = "Nobody is in the room: Daily can do this only while somebody is."
SPECIAL = {
    ("recording.start", 404): NOBODY,
    ("recording.update", 404): NOBODY,
    ("captions.start", 404): NOBODY,
    ("captions.update", 404): "Nobody is in the room, or its live transcript has ended.",
    ("recording.start", 503): "All of Daily's recorders are busy.",
}
# ``info`` may change: what is found in it only adds advice (contract 1, 2.3, 2.4, 5.1).
HINTS = (
    (
        "active stream",
        "One is running in this room already: stop it first, or have Daily allow several at once.",
    ),
    ("sfu", "The call is still carried peer to peer; Daily can do this only once its servers carry it."),
    ("was closed", "The call ended before the command arrived."),
    ("deepgram", "The Deepgram key that is set at Daily is not valid: change it there."),
    ("not enabled", "Set enable_recording of the room or the domain at Daily."),
    (
        "returned from webhook endpoint",
        "Daily could not reach Tapedeck's address or got no 200 there: check PUBLIC_URL and its certificate.",
    ),
    ("enable_transcription_storage", "Storing is switched on for a room or the domain, before the call."),
)
NOTHING = {
    "recording.start": "No recording was started and nothing was charged.",
    "recording.update": "The recording goes on unchanged.",
    "recording.stop": "The recording was not stopped.",
    "recording.delete": "The recording was not deleted.",
    "captions.start": "No live transcript was started and nothing was charged.",
    "captions.update": "The live transcript goes on unchanged.",
    "captions.stop": "The live transcript was not stopped.",
    "transcript.order": "No transcript was ordered and nothing was charged.",
    "transcript.delete": "The transcript was not deleted.",
    "call.change": "The room stays as it was.",
    "room.delete": "The room was not deleted.",
    "domain.change": "The domain stays as it was.",
    "endpoint.create": "No webhook was made.",
    "endpoint.repair": "The webhook stays as it was.",
    "endpoint.delete": "The webhook was not deleted.",
}
UNSURE = {
    "recording.start": "The room may be recorded now, and charged for: look before starting it again.",
    "captions.start": "The call may be transcribed now, and charged for: look before starting it again.",
    "transcript.order": "A transcript may be on its way, and charged for: look before ordering it again.",
}
UNSURE_OTHERWISE = "Whether it happened is not known."
LONGEST_WORDS = 300
LONGEST_CODE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What an error's body says; empty for HTML and for no body."""

    code: str = ""
    words: str = ""


def complaint_of(data: Any) -> Complaint:
    """``{"error": code, "info": text}``; unexpected types are as good as nothing."""
    body = mapping(data)
    code, words = text(body.get("error")), text(body.get("info"))
    if " " in code:  # a sentence where the code should be
        code, words = "", words or code
    return Complaint(code=code[:LONGEST_CODE], words=shown(words)[:LONGEST_WORDS])


def meaning(reply: Reply, *, kind: str) -> Meaning:
    """By the table, over status and ``error``."""
    return meaning_of(RULES, kind=kind, status=reply.status, code=complaint_of(reply.data).code)


def refusal(found: Meaning, reply: Reply, *, kind: str, bucket: str) -> ProviderError:
    """The error for an answer that is no success."""
    complaint = complaint_of(reply.data)
    message = _message(found, reply.status, complaint, kind=kind)
    return error_of(found, reply, kind=kind, message=message, code=complaint.code, bucket=bucket)


def _message(found: Meaning, status: int, complaint: Complaint, *, kind: str) -> str:
    special = SPECIAL.get((kind, status)) if complaint.code else ""  # Daily's own words, no gateway's
    what = special or BY_CODE.get(complaint.code) or BY_STATUS.get(status, _other(status))
    parts = (what, _hint(complaint.words), _outcome(found, kind), _said(status, complaint))
    return " ".join(part for part in parts if part)


def _outcome(found: Meaning, kind: str) -> str:
    if found is Meaning.UNKNOWN:
        return UNSURE.get(kind, UNSURE_OTHERWISE) if kind else ""
    outcome: Mapping[str, str] = NOTHING
    return outcome.get(kind, "")


def _hint(words: str) -> str:
    said = words.lower()
    return next((hint for sign, hint in HINTS if sign in said), "")


def _said(status: int, complaint: Complaint) -> str:
    return f"Daily says: {complaint.words}" if complaint.words else f"(HTTP {status})"


def _other(status: int) -> str:
    if status >= 500:
        return BY_CODE["server-error"]
    return BY_STATUS[400] if status >= 400 else "An answer came that Daily's documentation does not know."
