"""What an answer of Recall.ai means: its error bodies, and the table of outcomes (contract, section 1.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recordings.providers.client import Reply
from recordings.providers.errors import ProviderError
from recordings.providers.outcomes import Meaning, Rule, error_of, meaning_of
from recordings.providers.recall.reading import text

UNSTARTED = "cannot_command_unstarted_bot"
COMPLETED = "cannot_command_completed_bot"
NOT_JSON = "(not JSON)"  # no code of the provider's: the firewall, a gateway, or a wrong address
EMPTY = "(empty)"
POOL_REFILL_SECONDS = 30.0  # section 1.6: to wait after a 507 that names no time

_DELETES = frozenset({"recording.delete", "transcript.delete", "call.cancel"})

RULES: tuple[Rule, ...] = (
    # A page of HTML is not the API speaking: its 404 proves no deletion, its 403 is the firewall's.
    Rule(meaning=Meaning.REFUSED, status=403, code=NOT_JSON),
    Rule(meaning=Meaning.REFUSED, status=404, code=NOT_JSON),
    Rule(meaning=Meaning.REFUSED, status=404, code=EMPTY),
    Rule(meaning=Meaning.DONE, status=404, kinds=_DELETES),
    Rule(
        meaning=Meaning.DONE,
        status=400,
        code=COMPLETED,
        kinds=frozenset({"call.leave", "recording.stop"}),
    ),
    # Both codes are reported for finished bots, and a bot that never started records nothing.
    Rule(meaning=Meaning.DONE, status=400, code=UNSTARTED, kinds=frozenset({"recording.stop"})),
    Rule(meaning=Meaning.RUNNING, status=409),
    # The pool of bots was empty: refused for certain, and the stored 507 asks for a new key (section 1.7).
    Rule(meaning=Meaning.LATER, status=507, kinds=frozenset({"call.send"})),
)

_CODES: Mapping[str, str] = {
    UNSTARTED: "The bot is not in the meeting, not yet or not any more: nothing was done. Look at the bot's"
    " state and try again once it is in the call.",
    COMPLETED: "The bot has left the meeting or is about to: nothing was done. Send a new bot if the meeting"
    " still runs.",
    "update_bot_failed": "Recall.ai did not change the bot: it was sent already, or the new time is too near."
    " Nothing was changed. Make it leave and send another.",
    "teams_blacklisted_tenant": "This Microsoft Teams organisation refuses bots: none was sent and nothing is"
    " charged. Ask the meeting's host.",
    "cannot_delete_bot": "The bot is on its way or in the meeting already, so it cannot be cancelled. It is"
    " still there: make it leave instead.",
}
_STATUSES: Mapping[int, str] = {
    400: "Recall.ai refused the request as it was: nothing was done and nothing is charged. Correct it and"
    " order again.",
    401: "Recall.ai does not accept the API key: nothing was done. Keys belong to one region: check both the"
    " key and the region of this account.",
    402: "This Recall.ai workspace has used up its credit: nothing was done. Add credit in Recall.ai's"
    " dashboard, then order again.",
    403: "Recall.ai does not allow this to the account's API key: nothing was done.",
    404: "Recall.ai does not know this any more, or never did: nothing was done. It may have been deleted"
    " or its time of keeping is over.",
    405: "Recall.ai does not allow this here: nothing was done.",
    409: "Recall.ai is still working on this very order: its outcome comes by asking again.",
    429: "Too many requests to Recall.ai: nothing was done. It is tried again by itself.",
    507: "Recall.ai has no free bot right now: none was sent and nothing is charged. The pool fills up again"
    " within two minutes.",
}
_FIREWALL = (
    "Recall.ai's firewall blocked the request: nothing was done. It refuses addresses on localhost and"
    " servers of bad reputation; look for such an address among the options."
)
_NO_API = (
    "No Recall.ai API answers at this address: nothing was done. Check the base address and the region of"
    " this account."
)
_UNKNOWN = "Recall.ai failed with status {status}, and it is not certain whether the order was performed."
_READ = "Recall.ai could not answer just now (status {status}): reading again later can work."


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error body, taken apart: ``code`` is the provider's, ``NOT_JSON`` or ``EMPTY``."""

    code: str = ""
    detail: str = ""


def problem_of(reply: Reply) -> Problem:
    """``code``, ``detail`` or the first field's error, of whatever shape the body has."""
    data = reply.data
    if not isinstance(data, dict | list):
        return Problem(code=NOT_JSON if reply.content.strip() else EMPTY)
    if not isinstance(data, dict):
        return Problem(detail=_first_text(data))
    detail = text(data.get("detail")) or _first_text(
        {name: each for name, each in data.items() if name != "code"}
    )
    return Problem(code=text(data.get("code")), detail=detail)


def verdict(reply: Reply, *, kind: str) -> Meaning:
    """What the answer means for this kind of order ("" for a read)."""
    return meaning_of(RULES, kind=kind, status=reply.status, code=problem_of(reply).code)


def failure(reply: Reply, *, kind: str, bucket: str = "", hint: str = "") -> ProviderError:
    """The exception for an answer that is no success; ``hint`` is a sentence that the caller knows."""
    problem = problem_of(reply)
    meaning = verdict(reply, kind=kind)
    error = error_of(
        meaning,
        reply,
        kind=kind,
        message=" ".join(part for part in (_sentence(reply, problem, meaning, kind), hint) if part),
        code="" if problem.code in {NOT_JSON, EMPTY} else problem.code,
        bucket=bucket,
    )
    if meaning is Meaning.LATER and error.retry_after_seconds is None:
        error.retry_after_seconds = POOL_REFILL_SECONDS
    return error


def _sentence(reply: Reply, problem: Problem, meaning: Meaning, kind: str) -> str:
    lead = _CODES.get(problem.code) or _lead(reply.status, problem, meaning, kind)
    return f"{lead} Recall.ai says: {problem.detail[:500]}" if problem.detail else lead


def _lead(status: int, problem: Problem, meaning: Meaning, kind: str) -> str:
    if problem.code == NOT_JSON and status == 403:
        return _FIREWALL
    if problem.code in {NOT_JSON, EMPTY} and status == 404:
        return _NO_API
    if meaning is Meaning.UNKNOWN:
        return (_UNKNOWN if kind else _READ).format(status=status)
    return _STATUSES.get(status) or f"Recall.ai refused with status {status}: nothing was done."


def _first_text(value: Any, path: str = "") -> str:
    """The first sentence inside nested field errors, with the way to its field."""
    if isinstance(value, dict):
        found = (_first_text(each, f"{path}.{name}".strip(".")) for name, each in value.items())
        return next((each for each in found if each), "")
    if isinstance(value, list):
        return next((each for each in (_first_text(each, path) for each in value) if each), "")
    sentence = text(value)
    return f"{path}: {sentence}" if path and sentence else sentence
