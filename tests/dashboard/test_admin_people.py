"""The administration of people and groups."""

import pytest
from django.contrib.auth.models import Group, Permission

from dashboard.admin.people import LAST_ONE
from dashboard.models import User

USERS, GROUPS = "/admin/dashboard/user/", "/admin/auth/group/"


@pytest.fixture
def admin(signed_in, administrator):
    return signed_in(administrator)


@pytest.fixture
def role(db):
    return lambda name: Group.objects.get(name=name).pk


def typed(user, **changes):
    form = {"username": user.username, "is_active": "on", "time_zone": "UTC"}
    return {**form, "groups": [group.pk for group in user.groups.all()], **changes}


def test_person_is_made_with_a_role_and_a_zone(admin, role):
    password = {
        "usable_password": "true",
        "password1": "a long enough word",
        "password2": "a long enough word",
    }
    form = {"username": "nadia", "time_zone": "Europe/Berlin", "groups": [role("operator")], **password}

    assert admin.post(f"{USERS}add/", form).status_code == 302

    nadia = User.objects.get(username="nadia")
    assert nadia.time_zone == "Europe/Berlin"
    assert nadia.has_perm("recordings.control_calls")
    assert nadia.check_password("a long enough word")
    assert "operator" in admin.get(USERS).text


def test_person_is_changed_and_flags_of_django_are_not_offered(admin, viewer, role):
    page = admin.get(f"{USERS}{viewer.pk}/change/").text
    assert "is_superuser" not in page
    assert "is_staff" not in page
    assert "viewer: reads and plays" in page

    form = typed(viewer, groups=[role("manager")], is_superuser="on", is_staff="on")
    admin.post(f"{USERS}{viewer.pk}/change/", form)

    viewer = User.objects.get(pk=viewer.pk)
    assert viewer.has_perm("recordings.manage_bulk")
    assert not viewer.is_superuser


@pytest.mark.parametrize("change", [{"is_active": ""}, {"groups": []}])
def test_last_administrator_cannot_be_put_out(admin, administrator, change):
    response = admin.post(f"{USERS}{administrator.pk}/change/", typed(administrator, **change))

    assert LAST_ONE in response.text
    assert User.objects.get(pk=administrator.pk).has_perm("recordings.administer_accounts")


def test_one_of_two_administrators_can_be_disabled(admin, administrator, viewer, role):
    viewer.groups.set([role("administrator")])

    response = admin.post(f"{USERS}{viewer.pk}/change/", typed(viewer, is_active=""))

    assert response.status_code == 302
    assert not User.objects.get(pk=viewer.pk).is_active


def test_superuser_counts_as_administrator(admin, administrator):
    User.objects.create_superuser("root")

    response = admin.post(f"{USERS}{administrator.pk}/change/", typed(administrator, groups=[]))

    assert response.status_code == 302


def test_who_has_signed_in_stays_on_record(admin, signed_in, viewer, operator):
    signed_in(viewer)

    assert admin.post(f"{USERS}{viewer.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.post(f"{USERS}{operator.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=operator.pk).exists()


def test_password_of_another_is_set(admin, viewer):
    form = {"usable_password": "true", "password1": "another long word", "password2": "another long word"}

    assert admin.post(f"{USERS}{viewer.pk}/password/", form).status_code == 302

    assert User.objects.get(pk=viewer.pk).check_password("another long word")


def test_roles_are_fixed(admin, role):
    address = f"{GROUPS}{role('viewer')}/"

    assert admin.post(f"{address}change/", {"name": "emperor"}).status_code == 403
    assert admin.post(f"{address}delete/", {"post": "yes"}).status_code == 403
    assert "Role: reads and plays" in admin.get(GROUPS).text


def test_other_groups_carry_rights_of_the_product_only(admin, db):
    right = Permission.objects.get(codename="manage_bulk")
    foreign = Permission.objects.get(codename="delete_session")
    page = admin.get(f"{GROUPS}add/").text
    assert f'value="{right.pk}"' in page
    assert f'value="{foreign.pk}"' not in page

    admin.post(f"{GROUPS}add/", {"name": "Night shift", "permissions": [right.pk]})

    night = Group.objects.get(name="Night shift")
    assert list(night.permissions.all()) == [right]
    assert admin.post(f"{GROUPS}{night.pk}/change/", {"name": "Day shift"}).status_code == 302


def test_group_of_an_account_cannot_go_for_the_account_would_be_open_to_all(admin, account):
    night = Group.objects.create(name="Night shift")
    account.groups.add(night)

    assert admin.post(f"{GROUPS}{night.pk}/delete/", {"post": "yes"}).status_code == 403
    account.groups.clear()
    assert admin.post(f"{GROUPS}{night.pk}/delete/", {"post": "yes"}).status_code == 302
