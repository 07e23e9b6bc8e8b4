"""Wake-ups that must not be left out."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from recordings import tasks
from recordings.models import Account, Errand
from recordings.work import draining, wake
from recordings.work.leases import Lease


@pytest.mark.django_db
def test_what_dead_workers_have_taken_stands_in_nobodys_way(settings):
    for _ in range(settings.TAPEDECK_WORKERS):
        wake()
    OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=settings.TAPEDECK_RETRY_SECONDS))

    wake()

    assert OrmQ.objects.filter(lock__lte=timezone.now()).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("is_more_due", [True, False])
def test_look_whose_time_is_over_calls_another_while_there_is_work(
    settings: Any, monkeypatch: pytest.MonkeyPatch, is_more_due: bool
) -> None:
    account = Account.objects.create(provider="twilio", name="Sales")
    for number in range(1 + is_more_due):
        Errand.objects.create(account=account, kind="long", subject=str(number), due_at=timezone.now())
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(tasks, "time", clock)

    def takes_long(_lease: Lease) -> None:
        OrmQ.objects.all().delete()  # Whoever was called meanwhile has ended by then.
        clock.now += settings.TAPEDECK_LOOK_SECONDS

    monkeypatch.setattr(tasks, "perform", takes_long)

    assert tasks.look() == 1

    assert OrmQ.objects.count() == is_more_due


@pytest.mark.django_db
def test_look_that_did_nothing_calls_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account.objects.create(provider="twilio", name="Sales")
    Errand.objects.create(account=account, kind="left", due_at=timezone.now())
    monkeypatch.setattr(draining, "is_announced", lambda: True)

    assert tasks.look() == 0

    assert not OrmQ.objects.exists()
