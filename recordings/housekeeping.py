"""What is done by the clock: standing errands, and once a night what may be forgotten is."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q
from django_q.models import Failure

from recordings import clock, copies, kept, ledger, reading, sweep
from recordings.models import Account, Bucket, Errand, WebhookDelivery
from recordings.models.work import BACKGROUND
from recordings.providers.base import ProviderAdapter
from recordings.work import doubts, errands
from recordings.work.errands import Kind, Step

AT_ONCE = 200
NIGHT_SECONDS = 86_400.0
ERRANDS_KEPT = timedelta(days=7)
SETTLED = (WebhookDelivery.State.SETTLED, WebhookDelivery.State.IGNORED)

_ensurers: list[Callable[[Account], object]] = []


def register_standing(ensure: Callable[[Account], object]) -> None:
    """Called from ``AppConfig.ready`` by a higher package that has standing errands of its own."""
    _ensurers.append(ensure)


def ensure_standing() -> None:
    """Every active account has its standing errands. Cheap when nothing is missing."""
    _bring_back()
    doubts.distrust_moments()
    standing = Errand.objects.filter(state=Errand.State.QUEUED, kind="account.tidy").values("account")
    for account in Account.objects.active().exclude(pk__in=standing):
        reading.ensure_standing(account)
        sweep.ensure_standing(account)
        for ensure in _ensurers:
            ensure(account)
        errands.standing(account, "account.tidy", every_seconds=NIGHT_SECONDS, lane=BACKGROUND)


def _bring_back() -> None:
    """What was done while our clock was ahead would come again only when the clock is there once more; and
    what failed then would keep its account from all bulk work for as long."""
    now = clock.now()
    ahead = Errand.objects.filter(state=Errand.State.QUEUED, done_at__gt=now + clock.SLACK, lease_token=None)
    if ahead.exists():
        ahead.update(due_at=now, done_at=now)
    judged_ahead = list(
        Account.objects.filter(health_at__gt=now + clock.SLACK).order_by().values_list("pk", flat=True)
    )
    if judged_ahead:
        failed = Errand.objects.filter(account__in=judged_ahead, state=Errand.State.QUEUED, lease_token=None)
        failed.exclude(problem="").update(due_at=now)
        Account.objects.filter(pk__in=judged_ahead).update(health_at=now)


def tidy(errand: Errand, _adapter: ProviderAdapter) -> Step:
    """Forget the bodies of old settled callbacks, and old errands; 200 rows a step."""
    now = clock.now()
    before = now - timedelta(days=settings.TAPEDECK_BODY_DAYS)
    mine = WebhookDelivery.objects.filter(account=errand.account, is_erased=False)
    old = mine.filter(state__in=SETTLED, received_at__lt=before).values_list("pk", flat=True)[:AT_ONCE]
    picked = list(old)

    def write() -> None:
        WebhookDelivery.objects.filter(pk__in=picked).update(body=b"", query="", is_erased=True)
        done = Errand.objects.filter(account=errand.account, done_at__lt=now - ERRANDS_KEPT)
        done = done.exclude(state=Errand.State.QUEUED)
        Errand.objects.filter(pk__in=list(done.values_list("pk", flat=True)[:AT_ONCE])).delete()
        is_open = Q(closed_until=None) | Q(closed_until__lt=now)
        quiet = Bucket.objects.filter(is_open, account=errand.account).exclude(scope_id="")
        Bucket.objects.filter(pk__in=list(quiet.values_list("pk", flat=True)[:AT_ONCE])).delete()
        Failure.objects.filter(stopped__lt=now - ERRANDS_KEPT).delete()
        SessionStore.clear_expired()
        copies.make_room()
        kept.tidy()
        ledger.forget_old(errand.account)

    return Step(write=write, cursor={} if len(picked) == AT_ONCE else None)


def register_all() -> None:
    """Make these errands known to the engine."""
    errands.register("account.tidy", Kind(handler=tidy))
