"""What the pages of rules show: each with its accounts, its month, and what it took up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from dashboard.models import User
from dashboard.paging import page
from recordings import rules
from recordings.models import Account, Call, Recording, Rule, RuleMatch
from recordings.rules import Spent
from recordings.validation import MANAGE

STATES = (("", "All"), ("ordered", "Ordered"), ("held", "Held"), ("refused", "Refused"))
ASKED = (("caller", "From"), ("callee", "To"), ("room", "Room or meeting"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule as a list shows it."""

    rule: Rule
    accounts: list[Account]  # those that this person may use
    others: int  # and how many more
    spent: Spent
    waiting: int

    @property
    def asks(self) -> list[tuple[str, str]]:
        """Label and text of what calls have to be."""
        found = [(label, getattr(self.rule, name)) for name, label in ASKED]
        found.append(("Direction", self.rule.get_direction_display()))
        return [(label, text) for label, text in found if text]


def rows(user: User) -> list[RuleRow]:
    """The rules that this person may see, in the order in which they are asked."""
    usable = {each.pk for each in Account.objects.usable_by(user)}
    found = Rule.objects.usable_by(user).prefetch_related("accounts", "presets")
    return [row_of(rule, usable) for rule in found]


def row_of(rule: Rule, usable: set[int]) -> RuleRow:
    """One rule with its month; of its accounts those that are `usable`."""
    everything = list(rule.accounts.all())
    accounts = [each for each in everything if each.pk in usable]
    waiting = RuleMatch.objects.filter(rule=rule, account__in=usable).waiting()
    return RuleRow(
        rule=rule,
        accounts=accounts,
        others=len(everything) - len(accounts),
        spent=rules.spent(rule),
        waiting=waiting.count(),
    )


def context(rule: Rule, user: User, asked: QueryDict) -> dict[str, Any]:
    """The page of one rule."""
    usable = {each.pk for each in Account.objects.usable_by(user)}
    row = row_of(rule, usable)
    show = asked.get("state", "") if asked.get("state", "") in dict(STATES) else ""
    matches = RuleMatch.objects.filter(rule=rule, account__in=usable).select_related("account", "operation")
    found = page(matches.filter(state=show) if show else matches, by="at", cursor=asked.get("before", ""))
    return {
        "rule": rule,
        "row": row,
        "page": found,
        "matches": list(_with_things(found.rows)),
        "states": STATES,
        "show": show,
        "may_write": user.has_perm(MANAGE) and not row.others,
    }


def _with_things(matches: Iterable[RuleMatch]) -> Iterable[tuple[RuleMatch, Call | Recording | None]]:
    """Each with the call or recording that it is about."""
    matches = list(matches)
    keys = [match.subject_key for match in matches]
    things: dict[Any, Call | Recording] = {
        each.key: each for each in Call.objects.filter(key__in=keys).defer("raw")
    }
    recordings = (
        Recording.objects.filter(key__in=keys).select_related("call").defer("raw", "call__raw", "options")
    )
    things |= {each.key: each for each in recordings}
    return [(match, things.get(match.subject_key)) for match in matches]
