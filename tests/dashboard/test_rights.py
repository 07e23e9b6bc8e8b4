"""Who is signed in and what they may do: as Django has it, in fewer and cheaper statements."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone

from dashboard.models import User
from dashboard.rights import Rights
from dashboard.sessions import SessionStore
from recordings.models import Recording

ROLES = ("viewer", "operator", "manager", "auditor", "administrator")


def again(user: User) -> User:
    """As the next request reads them."""
    return User.objects.get(pk=user.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_rights_are_those_that_django_finds(role: str) -> None:
    user = User.objects.create_user("someone")
    user.groups.set(Group.objects.filter(name=role))
    user.user_permissions.set(Permission.objects.filter(codename__in=["delete_session", "view_recording"]))
    stranger = User.objects.create_user("stranger")
    stranger.user_permissions.set(Permission.objects.filter(codename="add_user"))

    for each in (user, stranger):
        found = Rights().get_all_permissions(again(each))
        assert found == ModelBackend().get_all_permissions(again(each))
        assert found


@pytest.mark.django_db
def test_rights_are_read_by_one_statement_and_once(operator: User, django_assert_num_queries: Any) -> None:
    user = again(operator)

    with django_assert_num_queries(1):
        assert user.has_perm("recordings.view_recording")
        assert not user.has_perm("recordings.administer_accounts")
        assert user.has_module_perms("recordings")


@pytest.mark.django_db
def test_right_that_is_taken_away_is_gone_at_the_next_request(operator: User) -> None:
    assert again(operator).has_perm("recordings.view_recording")

    operator.groups.clear()

    assert not again(operator).has_perm("recordings.view_recording")


@pytest.mark.django_db
def test_superuser_may_everything_and_nobody_nothing(operator: User) -> None:
    chief = User.objects.create_superuser("chief")
    operator.is_active = False
    recording = Recording()

    assert Rights().get_all_permissions(chief) == ModelBackend().get_all_permissions(again(chief))
    assert Rights().get_all_permissions(operator) == set()
    assert Rights().get_all_permissions(AnonymousUser()) == set()
    assert Rights().get_all_permissions(again(operator), recording) == set()
    assert not operator.has_perm("recordings.view_recording")


@pytest.mark.django_db
def test_user_is_found_until_disabled_or_gone(operator: User, viewer: User) -> None:
    found = Rights().get_user(operator.pk)

    assert found == operator
    assert found is not None
    assert (found.get_deferred_fields(), found.preferences, found.time_zone) == (set(), {}, "UTC")
    User.objects.filter(pk=operator.pk).update(is_active=False)
    viewer_pk = viewer.pk
    viewer.delete()
    assert Rights().get_user(operator.pk) is None
    assert Rights().get_user(viewer_pk) is None


# Sessions.


def session_of(client: Client) -> Session:
    return Session.objects.get(pk=client.cookies["sessionid"].value)


@pytest.mark.django_db
def test_page_reads_session_user_and_rights_in_three_statements(
    operator: User, signed_in: Callable[[User], Client], django_assert_num_queries: Any
) -> None:
    client = signed_in(operator)
    client.get("/profile/")

    with django_assert_num_queries(3):
        assert client.get("/profile/").status_code == 200


@pytest.mark.django_db
def test_session_ends_when_its_time_is_over(operator: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(operator)
    session = session_of(client)
    assert client.get("/profile/").status_code == 200

    session.expire_date = timezone.now() - timedelta(seconds=1)
    session.save()

    assert client.get("/profile/").status_code == 302


@pytest.mark.django_db
def test_session_without_its_row_is_empty_and_gets_another_key(operator: User) -> None:
    store = SessionStore("a-key-that-nobody-has")

    assert store.load() == {}
    assert store.session_key is None
    store["seen"] = 1
    store.save()
    assert SessionStore(store.session_key).load() == {"seen": 1}
    assert SessionStore(None).load() == {}


@pytest.mark.django_db
def test_changed_password_ends_the_session(operator: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(operator)
    request = RequestFactory().get("/")
    request.session = SessionStore(client.cookies["sessionid"].value)
    assert get_user(request) == operator

    operator.set_password("another one")
    operator.save()
    request.session = SessionStore(client.cookies["sessionid"].value)

    assert get_user(request) == AnonymousUser()
