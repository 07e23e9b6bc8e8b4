"""What the lists of recordings, transcripts and callbacks share: filters that all stand in the URL."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils import timezone

from dashboard.controls import ChoiceAtOnce, DayAtOnce, TextAtOnce
from dashboard.models import User
from dashboard.paging import Page, page
from recordings import connections
from recordings.composed import Composed
from recordings.models import Account
from recordings.models.accounts import usable

Row = TypeVar("Row", bound=Model)
SEARCHED_DAYS = 90
# What no list says of an account.
UNSHOWN = (
    *("base_url", "sealed_secrets", "webhook_key", "old_webhook_key", "old_webhook_key_until"),
    *("order_automatically", "automatic_since", "automatic_options", "watched_until"),
    *("allowed_hosts", "endpoints", "consent_reminder", "created_at"),
)
SEARCHED = f"Without a first day, only the last {SEARCHED_DAYS} days were looked through."


class Filters(forms.Form):
    """Account, provider and days; a value that is unknown filters nothing.

    ``by`` names the time of the list; ``costly`` are the filters that no index serves: without a first
    day, they look at the newest days only.
    """

    by = "sort_at"
    costly: tuple[str, ...] = ()

    since = forms.DateField(label="From", required=False, widget=DayAtOnce())
    until = forms.DateField(label="To", required=False, widget=DayAtOnce())

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.accounts, self.is_all = _visible(user)
        self.account_of = {each.pk: each for each in self.accounts}
        providers = sorted({each.provider for each in self.accounts})
        self.fields |= {
            "account": chosen(
                "Account", "Any account", [(str(each.key), each.name) for each in self.accounts]
            ),
            "provider": chosen("Provider", "Any provider", [(each, _label(each)) for each in providers]),
        }
        self.order_fields(self.field_order_shown())
        self.is_valid()

    def field_order_shown(self) -> list[str]:
        """Account and provider first, days last."""
        middle = [name for name in self.fields if name not in {"account", "provider", "since", "until"}]
        return ["account", "provider", *middle, "since", "until"]

    def get(self, name: str) -> Any:
        """What was chosen; None or "" where nothing was."""
        return self.cleaned_data.get(name)

    @property
    def wanted(self) -> list[Account]:
        """The accounts whose rows are shown."""
        account, provider = self.get("account"), self.get("provider")
        found = [each for each in self.accounts if not account or str(each.key) == account]
        return [each for each in found if not provider or each.provider == provider]

    @property
    def is_bounded(self) -> bool:
        """Whether only the newest days were looked through."""
        return not self.get("since") and any(self.get(name) for name in self.costly)

    def narrow(self, rows: "QuerySet[Row]") -> "QuerySet[Row]":
        """The rows that pass all but the choice of accounts."""
        since, until = self.get("since"), self.get("until")
        if self.is_bounded:
            since = timezone.localdate() - timedelta(days=SEARCHED_DAYS)
        if since:
            rows = rows.filter(**{f"{self.by}__gte": _midnight(since)})
        if until:
            rows = rows.filter(**{f"{self.by}__lt": _midnight(until + timedelta(days=1))})
        return rows

    def page(self, rows: "QuerySet[Row]", cursor: str, **facts: Any) -> "Page[Row]":
        """One page of the rows that pass, each with its account."""
        found = self.bare_page(rows, cursor, **facts)
        for row in found.rows:
            row.account = self.account_of[row.account_id]
        return found

    def bare_page(self, rows: "QuerySet[Any]", cursor: str, **facts: Any) -> "Page[Any]":
        """The same for rows that are named tuples: `account_of` has the account of each."""
        wanted = self.wanted
        is_everything = self.is_all and len(wanted) == len(self.accounts)
        accounts = None if is_everything else [each.pk for each in wanted]
        return page(self.narrow(rows), by=self.by, cursor=cursor, accounts=accounts, **facts)

    def pages(self, rows: "QuerySet[Row]", *, most: int, size: int = 500) -> Iterator[list[Row]]:
        """All of them, a piece at a time."""
        cursor, count = "", 0
        while count < most:
            found = self.page(rows, cursor, size=min(size, most - count))
            yield found.rows
            count += len(found.rows)
            cursor = found.next_cursor
            if not cursor:
                return


def chosen(label: str, blank: str, choices: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    """One of some words, or any."""
    return forms.ChoiceField(
        label=label, required=False, choices=[("", blank), *choices], widget=ChoiceAtOnce
    )


def words(label: str, placeholder: str) -> forms.CharField:
    """Typed text."""
    widget = TextAtOnce(attrs={"placeholder": placeholder, "autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=200, widget=widget)


def _visible(user: User) -> tuple[list[Account], bool]:
    """The accounts that this person may see, and whether these are all."""
    everything = _accounts.instances(user.pk)
    theirs = [each for each in everything if user.is_active and each.is_usable]  # type: ignore[attr-defined]
    return theirs, len(theirs) == len(everything)


def _with_whether_usable(user: int) -> "QuerySet[Account]":
    return Account.objects.defer(*UNSHOWN).annotate(is_usable=usable(user)).order_by("name")


_accounts = Composed(_with_whether_usable)


def _label(provider: str) -> str:
    try:
        return connections.face(provider).label
    except KeyError:
        return provider


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
