"""What tests of the pages need: one person a role, a world, and an account at a simulator."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from dashboard import fragments, stamps
from dashboard.models import User
from recordings.models import Account
from tests.simulators.recall import RecallSimulator
from tests.world import World, a_world


@pytest.fixture(autouse=True)
def _nothing_is_drawn_yet() -> None:
    """Tests whose clock stands at one moment have equal versions of different pages."""
    stamps.forget()
    fragments.forget()


def _person(role: str, *groups: str) -> User:
    user = User.objects.create_user(role, password="correct horse battery")
    user.groups.set(Group.objects.filter(name__in=[role, *groups]))
    return user


@pytest.fixture
def viewer(db: None) -> User:
    return _person("viewer")


@pytest.fixture
def operator(db: None) -> User:
    return _person("operator")


@pytest.fixture
def manager(db: None) -> User:
    return _person("manager")


@pytest.fixture
def auditor(db: None) -> User:
    return _person("auditor")


@pytest.fixture
def administrator(db: None) -> User:
    return _person("administrator")


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """Makes a browser in which this person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Simulators and the product in one process; time stands until a test moves it."""
    with a_world(monkeypatch) as world:
        yield world


@pytest.fixture
def recall(world: World) -> RecallSimulator:
    return RecallSimulator(clock=world.clock)


@pytest.fixture
def account(world: World, recall: RecallSimulator) -> Account:
    """An account at the simulator, as an administrator would have typed it in."""
    return world.add(recall)


@pytest.fixture
def others(db: None) -> Group:
    """A group that none of these people belong to: an account that names it is hidden from them."""
    return Group.objects.create(name="others")
