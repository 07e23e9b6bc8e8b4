"""Each provider of the registry, and the made-up fifth, in a world of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission

from recordings.models import Account, Call, Recording
from recordings.providers import registry
from recordings.providers.base import ProviderAdapter
from tests.fifth.adapter import FifthAdapter
from tests.fifth.simulator import FifthSimulator
from tests.simulators.registry import simulator_class
from tests.world import World, a_world

SLUGS = (*sorted(registry.ADAPTERS), "fifth")


@dataclass
class Provider:
    """One provider with its simulator, its account and somebody who may order."""

    slug: str
    world: World
    simulator: Any
    account: Account
    user: Any

    @property
    def adapter(self) -> type[ProviderAdapter]:
        return FifthAdapter if self.slug == "fifth" else registry.adapter_class(self.slug)

    def place_call(self, title: str = "A call") -> Call:
        return self.world.call(self.account, self.simulator.place_call(title=title))

    def record(self, seconds: float = 30.0) -> Recording:
        """Start, wait, end the call, and wait until the recording is complete."""
        call = self.place_call()
        order = self.world.order(self.user, call, "recording.start", **self.start_options())
        self.world.advance(seconds)
        self.simulator.end_call(call.external_id)
        self.world.advance(300, step=10)
        return Recording.objects.get(key=order.made_key)

    def start_options(self) -> dict[str, Any]:
        return defaults(self.adapter, "recording.start")


def defaults(adapter: type[ProviderAdapter], kind: str) -> dict[str, Any]:
    """The options with which a form of this kind starts."""
    action = adapter.action(kind)
    assert action is not None, f"{adapter.slug} has no {kind}"
    return {
        option.name: option.default
        for option in action.options
        if option.default is not None and not option.is_ours
    }


def build(slug: str, world: World, user: Any) -> Provider:
    simulator_type = FifthSimulator if slug == "fifth" else simulator_class(slug)
    simulator = simulator_type(clock=world.clock)
    return Provider(slug, world, simulator, world.add(simulator), user)


@pytest.fixture
def user(db: None) -> Any:
    user = get_user_model().objects.create_user("manager")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="recordings"))
    return user


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setitem(registry.ADAPTERS, "fifth", "tests.fifth.adapter:FifthAdapter")
    with a_world(monkeypatch) as world:
        yield world


@pytest.fixture(params=SLUGS)
def provider(request: pytest.FixtureRequest, world: World, user: Any) -> Provider:
    return build(request.param, world, user)
