"""What tests of the engine need: a world, people, and the made-up provider."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from recordings.models import Account
from recordings.providers import registry
from tests.fifth.simulator import FifthSimulator
from tests.world import World, a_world


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setitem(registry.ADAPTERS, "fifth", "tests.fifth.adapter:FifthAdapter")
    with a_world(monkeypatch) as world:
        yield world


@pytest.fixture
def fifth(world: World) -> FifthSimulator:
    return FifthSimulator(clock=world.clock)


@pytest.fixture
def account(world: World, fifth: FifthSimulator) -> Account:
    return world.add(fifth)


@pytest.fixture
def operator(db: None) -> Any:
    user = get_user_model().objects.create_user("operator")
    rights = ("control_calls", "order_transcripts", "delete_items", "see_operations")
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user
