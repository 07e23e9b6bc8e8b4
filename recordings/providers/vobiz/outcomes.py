"""What Vobiz's refusals mean: tables over status and action, and a sentence for each (contract 1.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import ProviderError
from recordings.providers.outcomes import Meaning, Rule, error_of
from recordings.providers.vobiz.actions import REQUESTS
from recordings.providers.vobiz.values import mapping, number, text

STOPS = frozenset({"recording.stop", "recording.stop_all"})
RULES = (
    Rule(meaning=Meaning.REFUSED, status=402),  # no money: the credentials are right all the same
    Rule(meaning=Meaning.DONE, status=404, kinds=STOPS),  # the call is over (contract 2.4)
    Rule(meaning=Meaning.DONE, status=404, kinds=frozenset({"recording.delete"})),  # contract 3.4
)

WHAT = {
    400: "Vobiz did not accept what it was asked for.",
    401: "Vobiz refused the Auth ID and Auth Token (or the address): check the account's credentials.",
    402: "The balance of the Vobiz account is too low: top it up in the Vobiz console.",
    403: "Vobiz says that this account may not do this: ask whoever administers it there.",
    404: "Vobiz does not know this.",
    409: "Vobiz says that this conflicts with the present state: look at the call again before ordering.",
    422: "Vobiz finds a value of this order impossible.",
    429: "Vobiz received too many requests of this account at once.",
}
SERVER_SIDE = "Vobiz failed on its own side."
ODD = "Vobiz gave an answer that its documentation does not know."
MISSING = {
    "": "Vobiz does not know this: it is not finished yet, deleted or expired.",
    "recording.start": "The call is no longer active at Vobiz.",
}
NOTHING = {
    "recording.start": "No recording was started and nothing was charged.",
    "recording.stop": "The recording was not stopped.",
    "recording.stop_all": "The recordings were not stopped.",
    "recording.delete": "The recording was not deleted.",
}
UNSURE = {
    "recording.start": "The call may be recorded now, and charged for: look before starting it again.",
    "recording.stop": "Whether the recording was stopped is not known.",
    "recording.stop_all": "Whether the recordings were stopped is not known.",
    "recording.delete": "Whether the recording was deleted is not known.",
}
LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What an error's body says, in any of Vobiz's three shapes; empty for HTML and for no body."""

    code: str = ""
    words: str = ""
    retry_after_seconds: float | None = None


def complaint_of(data: Any) -> Complaint:
    """General, voice or flat shape, or a bare ``message``; unexpected types are as good as nothing."""
    body = mapping(data)
    error = mapping(body.get("error"))
    details = mapping(error.get("details")) or mapping(body.get("details"))
    words = text(error.get("message")) or text(body.get("error")) or text(body.get("message"))
    named = ", ".join(f"{name}: {text(value)}" for name, value in details.items() if text(value))
    wait = number(details.get("retryAfter"))
    return Complaint(
        code=text(error.get("code")),
        words=": ".join(part for part in (words, named) if part)[:LONGEST_WORDS],
        retry_after_seconds=float(wait) if wait is not None and 0 <= wait < 86_400 else None,
    )


def refusal(meaning: Meaning, reply: Reply, *, kind: str) -> ProviderError:
    """The error for an answer that is no success; ``retryAfter`` of the body counts without a header."""
    complaint = complaint_of(reply.data)
    error = error_of(
        meaning,
        reply,
        kind=kind,
        message=_message(meaning, reply.status, kind=kind, words=complaint.words),
        code=complaint.code,
        bucket=REQUESTS.name,
    )
    if error.retry_after_seconds is None:
        error.retry_after_seconds = complaint.retry_after_seconds
    return error


def _message(meaning: Meaning, status: int, *, kind: str, words: str) -> str:
    what = MISSING.get(kind, WHAT[404]) if status == 404 else WHAT.get(status, _other(status))
    outcome: Mapping[str, str] = UNSURE if meaning is Meaning.UNKNOWN else NOTHING
    said = f"Vobiz says: {words}" if words else f"(HTTP {status})"
    return " ".join(part for part in (what, outcome.get(kind, ""), said) if part)


def _other(status: int) -> str:
    if status >= 500:
        return SERVER_SIDE
    return WHAT[400] if status >= 400 else ODD
