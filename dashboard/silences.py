"""Gaps in an account's callbacks: stretches in which its recordings ran and nobody called back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.db.models import DateTimeField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from recordings.models import Account, LedgerDay, Operation, Recording, WebhookDelivery

SPAN = timedelta(days=14)
PATIENCE = timedelta(hours=1)  # after the end of a recording: by then its callbacks have come
LOOKED_AT = 1_000  # recordings
MOST = 10  # gaps
SAMPLE = 200  # callbacks of which the rhythm is taken
FEWEST = 5


@dataclass(slots=True, kw_only=True)
class Gap:
    """A stretch without a callback; ``ended_at`` is None while it goes on."""

    began_at: datetime | None  # None: there never was one before
    ended_at: datetime | None
    missed: int = 0  # recordings that should have been told of
    swept_at: datetime | None = None  # the complete listing that covers it, if there was one

    @property
    def hours(self) -> int | None:
        """How long it lasted, or has lasted so far."""
        if self.began_at is None:
            return None
        return round(((self.ended_at or timezone.now()) - self.began_at).total_seconds() / 3600)

    def covers(self, moment: datetime) -> bool:
        return (self.began_at is None or moment > self.began_at) and (
            self.ended_at is None or moment < self.ended_at
        )


def rhythm(account: Account) -> timedelta | None:
    """How far apart callbacks usually are; None while there were too few."""
    newest = WebhookDelivery.objects.filter(account=account).order_by("-received_at", "-pk")
    moments = list(newest.values_list("received_at", flat=True)[:SAMPLE])
    if len(moments) < FEWEST:
        return None
    apart = sorted(later - earlier for later, earlier in pairwise(moments))
    return apart[len(apart) // 2]


def gaps(account: Account) -> list[Gap]:
    """The gaps of the last two weeks, newest first; none where no callback can be expected."""
    if not account.has_callbacks:
        return []
    found: list[Gap] = []
    for moment in _unheard(account):
        gap = next((each for each in found if each.covers(moment)), None)
        if gap is None:
            if len(found) == MOST:
                break
            gap = _around(account, moment)
            found.append(gap)
        gap.missed += 1
    for gap in found:
        gap.swept_at = _swept_at(account, gap)
    return found


def _unheard(account: Account) -> Iterator[datetime]:
    """When the recordings began of which no callback told anything while they ran, nor soon after."""
    now = timezone.now()
    ended = ExpressionWrapper(Coalesce("completed_at", "sort_at") + PATIENCE, output_field=DateTimeField())
    since = max(now - SPAN, account.created_at)
    lately = Recording.objects.filter(account=account, sort_at__gte=since, sort_at__lt=now - PATIENCE)
    heard = WebhookDelivery.objects.filter(
        account=account, received_at__gte=OuterRef("sort_at"), received_at__lte=OuterRef("expected_by")
    )
    expected = lately.filter(_told_of(account)).exclude(external_id="").annotate(expected_by=ended)
    unheard = expected.filter(expected_by__lt=now).exclude(Exists(heard))
    newest = unheard.order_by("-sort_at", "-pk").values_list("sort_at", flat=True)
    yield from newest[:LOOKED_AT]


def _told_of(account: Account) -> Q:
    """Which recordings callbacks speak of here: the ordered ones, and all where others came so before."""
    strangers = Recording.objects.filter(account=account, found_by="webhook")
    if strangers.exists():
        return Q()
    return Q(Exists(Operation.objects.filter(made_key=OuterRef("key"))))


def _around(account: Account, moment: datetime) -> Gap:
    mine = WebhookDelivery.objects.filter(account=account)
    before = mine.filter(received_at__lt=moment).order_by("-received_at", "-pk")
    after = mine.filter(received_at__gte=moment).order_by("received_at", "pk")
    return Gap(
        began_at=before.values_list("received_at", flat=True).first(),
        ended_at=after.values_list("received_at", flat=True).first(),
    )


def _swept_at(account: Account, gap: Gap) -> datetime | None:
    """When a complete listing began that held the whole gap as far as it lasted by then."""
    since = gap.began_at or account.created_at
    days = LedgerDay.objects.filter(account=account, things="recordings")
    until = gap.ended_at or timezone.now()
    covering = days.filter(day__gte=since.astimezone(UTC).date(), day__lte=until.astimezone(UTC).date())
    newest = covering.order_by("began_at").values_list("began_at", flat=True).last()
    return newest if newest is not None and (gap.ended_at is None or newest > gap.ended_at) else None
