"""Which troubles Attention shows: kind, account, provider and days, all in the URL."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode

from dashboard.listing import Filters, chosen
from dashboard.models import User
from dashboard.troubles import SPAN, TROUBLES, Trouble

OTHERS = (("accounts", "Accounts that do not work"), ("deliveries", "Callbacks that could not be read"))
KINDS = [*((each.key, each.title) for each in TROUBLES.values()), *OTHERS]


class AttentionFilters(Filters):
    """A kind of trouble besides what all lists have; without a first day, the last week counts."""

    what = chosen("What", "Anything", KINDS)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data, user=user)
        self.accounts = [each for each in self.accounts if each.is_active]

    def shows(self, what: str) -> bool:
        """Whether this kind of trouble is asked for."""
        return self.get("what") in {"", None, what}

    def between(self, rows: Any, trouble: Trouble) -> Any:
        """The rows of the chosen days."""
        since, until = self.get("since"), self.get("until")
        if since:
            rows = rows.filter(**{f"{trouble.by}__gte": _midnight(since)})
        elif not trouble.is_lasting:
            rows = rows.filter(**{f"{trouble.by}__gte": timezone.now() - SPAN})
        if until:
            rows = rows.filter(**{f"{trouble.by}__lt": _midnight(until + timedelta(days=1))})
        return rows

    def rest(self) -> str:
        """The days and the account as they go on in the links of causes."""
        told = {name: self.get(name) for name in ("since", "until")}
        kept = {name: str(value) for name, value in told.items() if value}
        return f"&{urlencode(kept)}" if kept else ""


class CauseFilters(AttentionFilters):
    """The filters on the page of one cause, whose name stays in the URL."""

    what = forms.ChoiceField(choices=KINDS, required=False, widget=forms.HiddenInput)
    cause = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, user: User) -> None:
        super().__init__(data, user=user)
        self.fields["in"] = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
        del self.fields["provider"]
        self.full_clean()


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
