"""The end of the service: what is under way is finished, and nothing more begun."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from recordings import tasks
from recordings.models import Account, Errand
from recordings.work import draining


@pytest.fixture
def service(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A supervisor has begun; its number goes with the test."""
    settings.TAPEDECK_DATA = tmp_path
    monkeypatch.setenv(draining.SUPERVISOR, "")
    draining.begin()
    return tmp_path


@pytest.mark.django_db
def test_look_begins_nothing_once_the_end_is_announced(service: Path) -> None:
    account = Account.objects.create(provider="twilio", name="Sales")
    Errand.objects.create(account=account, kind="nothing", due_at=timezone.now())

    draining.announce()
    assert tasks.look() == 0

    draining.begin()
    assert tasks.look() == 1


def test_what_another_supervisor_left_means_nothing(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draining.announce()
    assert draining.is_announced()

    monkeypatch.setenv(draining.SUPERVISOR, "1")

    assert not draining.is_announced()


def test_worker_that_nobody_supervises_goes_on(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draining.announce()
    monkeypatch.delenv(draining.SUPERVISOR)

    assert not draining.is_announced()


def test_nothing_is_announced_where_nothing_can_be_written(service: Path, settings: Any) -> None:
    settings.TAPEDECK_DATA = service / "gone"

    draining.announce()

    assert not draining.is_announced()
