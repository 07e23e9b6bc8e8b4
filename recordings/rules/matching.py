"""Which calls a rule means: by account, numbers, room and direction."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from recordings import connections
from recordings.models import Account, Call, Rule

_NUMBER = re.compile(r"[+(]?[0-9][0-9 ()./*+-]*|\*[0-9*]+")
_ID, _RAW = "id", "raw."


class Chosen:
    """The rules of one deed that are switched on, read once for many calls."""

    def __init__(self, does: str, accounts: Iterable[Account]) -> None:
        pairs = Rule.accounts.through.objects.filter(
            account__in=[each.pk for each in accounts], rule__is_enabled=True, rule__does=does
        )
        self._of: dict[int, list[Rule]] = defaultdict(list)
        for pair in pairs.select_related("rule").order_by("rule__priority", "rule"):
            self._of[pair.account_id].append(pair.rule)

    def first(self, account: Account, call: Call | None, at: datetime | None = None) -> Rule | None:
        """The first that means this call; with ``at`` only those switched on before that moment."""
        rules = self._of.get(account.pk, [])
        told = traits(account, call) if rules else {}
        for rule in rules:
            is_early = at is not None and (rule.since is None or at < rule.since)
            if not is_early and fits(rule, told):
                return rule
        return None


def traits(account: Account, call: Call | None) -> dict[str, list[str]]:
    """What tells this call apart, as far as its provider has told."""
    if call is None:
        return {}
    places = connections.face(account.provider).call_traits
    found = {name: _first(call, where) for name, where in places.items()}
    told = {name: [text] for name, text in found.items() if text}
    if "room" in places and call.title:
        told.setdefault("room", []).append(call.title)
    return told


def fits(rule: Rule, told: Mapping[str, list[str]]) -> bool:
    """Whether everything that the rule asks is true; what is not known is not."""
    asked = {"caller": rule.caller, "callee": rule.callee, "room": rule.room}
    directions = [text.casefold() for text in told.get("direction", [])]
    if rule.direction and not any(text.startswith(rule.direction) for text in directions):
        return False
    wanted = [(pattern, told.get(name, [])) for name, pattern in asked.items() if pattern]
    return all(any(_matches(pattern, text) for text in texts) for pattern, texts in wanted)


def _matches(patterns: str, text: str) -> bool:
    return any(_is_like(pattern.strip(), text) for pattern in patterns.split(",") if pattern.strip())


def _is_like(pattern: str, text: str) -> bool:
    """Letters of either case alike; numbers by their digits, however they are written."""
    if _NUMBER.fullmatch(pattern) and _NUMBER.fullmatch(text):
        return fnmatchcase(re.sub(r"[^0-9]", "", text), re.sub(r"[^0-9*]", "", pattern))
    # A bracket is a bracket here.
    return fnmatchcase(text.casefold(), pattern.casefold().replace("[", "[[]"))


def _first(call: Call, where: Iterable[str]) -> str:
    return next((text for place in where if (text := _at(call, place))), "")


def _at(call: Call, place: str) -> str:
    if place == _ID:
        return call.external_id
    if place.startswith(_RAW):
        return str((call.raw or {}).get(place.removeprefix(_RAW)) or "")
    return str(call.details.get(place) or "")
