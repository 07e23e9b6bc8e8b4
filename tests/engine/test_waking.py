"""Wake-ups that must not be left out."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from recordings.work import wake


@pytest.mark.django_db
def test_what_dead_workers_have_taken_stands_in_nobodys_way(settings):
    for _ in range(settings.TAPEDECK_WORKERS):
        wake()
    OrmQ.objects.update(lock=timezone.now() + timedelta(seconds=settings.TAPEDECK_RETRY_SECONDS))

    wake()

    assert OrmQ.objects.filter(lock__lte=timezone.now()).count() == 1
