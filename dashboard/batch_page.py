"""What the page of a batch shows: before it is ordered, while it runs, and in the end."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict

from dashboard.bulk import KINDS, row_model
from dashboard.forms import OrderForm
from dashboard.models import User
from dashboard.previews import request_of
from recordings import batches, connections, presets, rescues
from recordings.models import Account, Batch, BatchItem, Preset
from recordings.models.batches import BatchItemQuerySet
from recordings.providers.options import Options
from recordings.providers.orders import Action
from recordings.validation import MANAGE

SIZE = 100
ORDER = (
    *("waiting", "queued", "sent", "in_doubt", "succeeded", "failed", "expired", "cancelled", "skipped"),
)
OPEN = {"waiting", "queued", "sent", "in_doubt"}
AGAIN = {"failed", "expired"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One provider's part of a draft."""

    account: Account  # the first of those at this provider
    action: Action
    count: int
    accounts: list[str]
    options: Options
    has_options: bool
    presets: list[Preset] = field(default_factory=list)
    request: Mapping[str, object] | str = ""

    @property
    def label(self) -> str:
        """What people call the provider."""
        return connections.face(self.account.provider).label

    @property
    def request_body(self) -> Mapping[str, object] | None:
        """The body of the first request, if there is one."""
        return self.request if not isinstance(self.request, str) else None


def items_of(batch: Batch, user: User) -> BatchItemQuerySet:
    """The items whose accounts this person may use."""
    return BatchItem.objects.usable_by(user).filter(batch=batch)


def counts(batch: Batch, user: User) -> Counter[str]:
    """How many items have come to what."""
    found = items_of(batch, user).order_by().values_list("state", "operation__state").annotate(n=Count("pk"))
    total: Counter[str] = Counter()
    for state, ordered, number in found:
        total[ordered or state] += number
    return total


def stamp(batch: Batch, total: Counter[str]) -> str:
    """Equal while nothing on the page has changed."""
    text = f"{batch.state}|{sorted(total.items())}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def context(batch: Batch, user: User, asked: QueryDict) -> dict[str, Any]:
    """All of the region that changes."""
    total = counts(batch, user)
    everything = total.total()
    show = asked.get("show", "") if asked.get("show", "") in ORDER else ""
    return {
        "batch": batch,
        "stamp": stamp(batch, total),
        "outcomes": [(name, total[name]) for name in ORDER if total[name]],
        "total": everything,
        "over": everything - sum(total[name] for name in OPEN),
        "again": sum(total[name] for name in AGAIN),
        "show": show,
        **_items(batch, user, show=show, after=asked.get("after", "")),
    }


def draft_context(batch: Batch, user: User) -> dict[str, Any]:
    """What is decided before anything is ordered."""
    mine = items_of(batch, user)
    shares = _shares(batch, user, mine)
    reasons = mine.filter(state=BatchItem.State.SKIPPED).order_by().values_list("reason")
    count = sum(share.count for share in shares)
    return {
        "batch": batch,
        "verb": KINDS[batch.kind].verb,
        "shares": shares,
        "count": count,
        "skipped": reasons.annotate(n=Count("pk")).order_by("-n", "reason"),
        "is_full": mine.count() >= batches.MOST,
        "most": batches.MOST,
        "is_destructive": is_destructive(shares),
        "is_late": batches.is_late(batch),
        **_items(batch, user, show="", after=""),
    }


def is_destructive(shares: list[Share]) -> bool:
    """Whether something would be lost: the number is typed then."""
    return any(share.action.is_destructive for share in shares)


def options_of(batch: Batch, account: Account, action: Action) -> Options:
    """What is ordered at this provider: what was chosen, else what the form begins with."""
    chosen = batch.options.get(account.provider)
    return chosen if chosen is not None else defaults_of(account, action)


def defaults_of(account: Account, action: Action) -> dict[str, Any]:
    """The values of an order's form as it begins."""
    blank = OrderForm(options=action.options, account=account, may_send_elsewhere=False)
    typed = QueryDict(mutable=True)
    typed["order_key"] = "-"
    for name in blank.fields:
        value = blank[name].value()
        if isinstance(value, list):
            typed.setlist(name, value)
        elif value not in (None, "", False):
            typed[name] = str(value)
    filled = OrderForm(typed, options=action.options, account=account, may_send_elsewhere=False)
    filled.is_valid()
    return filled.values()


def _shares(batch: Batch, user: User, mine: BatchItemQuerySet) -> list[Share]:
    waiting = mine.filter(state=BatchItem.State.WAITING)
    numbers = dict(waiting.order_by().values_list("account").annotate(n=Count("pk")))
    by_provider: dict[str, list[Account]] = {}
    for account in Account.objects.filter(pk__in=numbers).order_by("name"):
        by_provider.setdefault(account.provider, []).append(account)
    return [
        _share(batch, user, accounts, waiting, count=sum(numbers[each.pk] for each in accounts))
        for accounts in by_provider.values()
    ]


def _share(
    batch: Batch, user: User, accounts: list[Account], waiting: BatchItemQuerySet, *, count: int
) -> Share:
    first = accounts[0]
    action = rescues.action_of(first.provider, batch.kind)
    assert action is not None, "items that no provider can do are left out"  # noqa: S101
    options = options_of(batch, first, action)
    item = waiting.filter(account=first).select_related("account").order_by("pk").first()
    target = batches.target_of(batch.subject, item) if item else None
    return Share(
        account=first,
        action=action,
        count=count,
        accounts=[each.name for each in accounts],
        options=options,
        has_options=any(not option.is_ours for option in action.options),
        presets=presets.of_kind(first.provider, action.kind),
        request=request_of(target, action, options) if target and action is not rescues.RESCUE else "",
    )


def _items(batch: Batch, user: User, *, show: str, after: str) -> dict[str, Any]:
    """One page of the items, each with the row that it is about."""
    rows = items_of(batch, user).select_related("operation", "account").order_by("pk")
    if show:
        rows = rows.filter(Q(state=show) | Q(operation__state=show))
    if after.isdecimal():
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: SIZE + 1])
    items = found[:SIZE]
    keys = [item.subject_key for item in items]
    model = row_model(batch.subject)
    things = {
        each.key: each for each in model.objects.filter(key__in=keys).select_related("call").defer("raw")
    }
    return {
        "items": [(item, things.get(item.subject_key)) for item in items],
        "after": items[-1].pk if len(found) > SIZE else "",
        "is_later": after.isdecimal(),
        "may_manage": user.has_perm(MANAGE),
    }
