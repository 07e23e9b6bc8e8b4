"""Who may do what, and that signing out works for those who are put out."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from dashboard import roles
from dashboard.models import User

READS = {"view_recording", "view_call", "view_account"}
ACTS = {"control_calls", "order_transcripts", "delete_items"}
ALL = READS | ACTS | {"manage_bulk", "administer_accounts", "see_operations", "see_reads"}
MAY = {
    "viewer": READS,
    "operator": READS | ACTS | {"see_operations"},
    "manager": READS | ACTS | {"see_operations", "manage_bulk"},
    "auditor": READS | {"see_operations", "see_reads"},
    "administrator": ALL,
}


@pytest.mark.parametrize("role", MAY)
def test_role_may_exactly_what_the_table_says(role, request):
    user = request.getfixturevalue(role)

    assert {code for code in ALL if user.has_perm(f"recordings.{code}")} == MAY[role]
    assert user.has_perm("transcripts.view_transcript")
    assert roles.may_administer(user) == (role == "administrator")


def test_every_permission_of_the_table_exists(db):
    known = {
        f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")
    }

    assert {name for names in roles.ROLES.values() for name in names} <= known
    assert roles.SUMMARIES.keys() == roles.ROLES.keys()


def test_migrating_again_puts_the_roles_right_and_leaves_other_groups(db):
    night = Group.objects.create(name="Night shift")
    Group.objects.get(name="viewer").permissions.set(Permission.objects.filter(codename="manage_bulk"))
    Group.objects.filter(name="auditor").delete()

    call_command("migrate", verbosity=0)

    viewer = Group.objects.get(name="viewer").permissions
    assert set(viewer.values_list("codename", flat=True)) == {*READS, "view_transcript"}
    assert Group.objects.filter(name="auditor").exists()
    assert night in Group.objects.all()


def test_before_there_are_groups_nothing_is_filled(db):
    class Early:
        def get_model(self, app, name):
            raise LookupError

    roles.fill(apps=Early())


def test_superuser_may_administer_and_a_disabled_administrator_may_not(db, administrator):
    root = User.objects.create_superuser("root")
    administrator.is_active = False

    assert roles.may_administer(root)
    with pytest.raises(PermissionDenied):
        roles.require_administrator(administrator)


def test_sessions_of_a_disabled_person_end_for_good(signed_in, operator, viewer):
    theirs, others = signed_in(operator), signed_in(viewer)
    operator.is_active = False
    operator.save()
    operator.is_active = True
    operator.save()

    assert theirs.get("/profile/").status_code == 302
    assert others.get("/profile/").status_code == 200


def test_disabled_behind_the_models_back_is_out_at_once(signed_in, operator):
    theirs = signed_in(operator)
    User.objects.filter(pk=operator.pk).update(is_active=False)

    assert theirs.get("/profile/").status_code == 302
