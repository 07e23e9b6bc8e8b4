"""What went wrong lately, grouped by its cause: the provider and the code or words that it gave."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Count, Max, Min, Q
from django.urls import reverse
from django.utils.http import urlencode

from dashboard.attention_filters import AttentionFilters
from dashboard.own_remedies import remedy_of
from dashboard.templatetags.tapedeck import action_label
from dashboard.troubles import TROUBLES, Trouble
from recordings.models import Account
from recordings.providers.remedies import Remedy

MOST = 1_000  # ways in which things of one kind went wrong; causes are fewer


class Chosen(Protocol):
    """Which accounts and days are looked at."""

    @property
    def wanted(self) -> list[Account]:
        """The accounts."""

    def between(self, rows: Any, trouble: Trouble) -> Any:
        """The rows of the days."""

    def rest(self) -> str:
        """What goes on in the links."""


@dataclass(slots=True, kw_only=True)
class Cause:
    """Everything of one kind that went wrong in one way at one provider."""

    trouble: Trouble
    provider: str
    key: str
    remedy: Remedy | None
    code: str
    said: str = ""  # the newest words
    count: int = 0
    newest_at: datetime | None = None
    oldest_at: datetime | None = None
    accounts: dict[int, int] = field(default_factory=dict)  # how many at each
    orders: dict[str, None] = field(default_factory=dict)  # labels of the orders that it hit
    ways: dict[str, list[str]] = field(default_factory=dict)  # codes to the words that came with them
    named: list[tuple[Account, int]] = field(default_factory=list)
    snoozed_until: datetime | None = None
    is_back: bool = False  # snoozed, mended meanwhile, and broken anew
    filters: str = ""  # those in the URL

    @property
    def name(self) -> str:
        """What tells it apart in a form."""
        return f"{self.trouble.key}:{self.provider}:{self.key}"

    @property
    def url(self) -> str:
        return self.url_at(None)

    def url_at(self, account: Account | None) -> str:
        """The page with all of them, or those of one account."""
        told = {"what": self.trouble.key, "in": self.provider, "cause": self.key}
        at = {"account": str(account.key)} if account else {}
        return f"{reverse('attention-cause')}?{urlencode({**told, **at})}{self.filters}"

    def at_accounts(self) -> list[tuple[Account, int, str]]:
        """Each account with its count and its page."""
        return [(account, count, self.url_at(account)) for account, count in self.named]

    def take(self, group: dict[str, Any], trouble: Trouble) -> None:
        """Count one more way of it in."""
        if self.newest_at is None or group["newest"] >= self.newest_at:
            self.newest_at, self.said = group["newest"], group[trouble.text]
        self.oldest_at = min(self.oldest_at or group["oldest"], group["oldest"])
        self.count += group["count"]
        account = group["account"]
        self.accounts[account] = self.accounts.get(account, 0) + group["count"]
        self.ways.setdefault(group[trouble.code], []).append(group[trouble.text])
        if group.get("kind") and "outcome" in group:
            self.orders[action_label(self.provider, group["kind"])] = None

    def condition(self) -> Q:
        """What its rows have in common."""
        found = Q(pk__in=[])
        for code, texts in self.ways.items():
            found |= Q(**{self.trouble.code: code, f"{self.trouble.text}__in": texts})
        return found


def causes(trouble: Trouble, filters: Chosen) -> list[Cause]:
    """The causes of one kind of trouble, the most frequent first."""
    accounts = {each.pk: each for each in filters.wanted}
    found: dict[tuple[str, str], Cause] = {}
    for group in _groups(trouble, filters):
        provider = accounts[group["account"]].provider
        made = _cause(trouble, provider, group)
        found.setdefault((provider, made.key), made).take(group, trouble)
    for cause in found.values():
        cause.named = [(accounts[pk], count) for pk, count in cause.accounts.items()]
        cause.filters = filters.rest()
    return sorted(found.values(), key=lambda each: (each.count, each.newest_at), reverse=True)


def every(filters: AttentionFilters) -> Iterator[tuple[Trouble, list[Cause]]]:
    """All kinds that the filters let through, the gravest first."""
    for trouble in TROUBLES.values():
        if filters.get("what") in {"", None, trouble.key}:
            yield trouble, causes(trouble, filters)


def one(trouble: Trouble, provider: str, key: str, filters: AttentionFilters) -> Cause | None:
    """One cause by its name; None when nothing of it is left."""
    named = (each for each in causes(trouble, filters) if (each.provider, each.key) == (provider, key))
    return next(named, None)


def _groups(trouble: Trouble, filters: Chosen) -> Iterable[dict[str, Any]]:
    rows = filters.between(trouble.of(filters.wanted), trouble).order_by()
    names = ["account", trouble.code, trouble.text]
    if trouble.code == "outcome_code":
        names += ["kind", "state"]
    facts = {"count": Count("pk"), "newest": Max(trouble.by), "oldest": Min(trouble.by)}
    groups: Iterable[dict[str, Any]] = rows.values(*names).annotate(**facts).order_by("-newest")[:MOST]
    return groups


def _cause(trouble: Trouble, provider: str, group: dict[str, Any]) -> Cause:
    code, text = group[trouble.code], group[trouble.text]
    remedy = remedy_of(provider, code, text, state=group.get("state", ""))
    key = remedy.code if remedy else code or f"~{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return Cause(trouble=trouble, provider=provider, key=key, remedy=remedy, code=code)
