"""Who is signed in and what they may do, each read in one statement: every page asks."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import QuerySet

from dashboard.models import User
from recordings.composed import Composed

KEPT = "_perm_cache"  # where Django keeps them too: for as long as this instance lives, which is one request


class Rights(ModelBackend):
    """Django's own rules; a person's rights and those of their groups come together."""

    def get_user(self, user_id: int) -> User | None:
        """Who is signed in; None once they are disabled or gone."""
        found = _users.instances(user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None

    def get_all_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """Names like "recordings.view_recording"; none of somebody who is disabled."""
        if isinstance(user_obj, AnonymousUser) or not user_obj.is_active or obj is not None:
            return set()
        if user_obj.is_superuser:
            return super().get_all_permissions(user_obj)
        known: set[str] | None = getattr(user_obj, KEPT, None)
        if known is None:
            known = {f"{app}.{name}" for app, name in _rights.tuples(user_obj.pk)}
            setattr(user_obj, KEPT, known)
        return known


def _given(user: int) -> Any:
    own = User.user_permissions.through.objects.filter(user=user).values("permission")
    groups = User.groups.through.objects.filter(user=user).values("group")
    theirs = Group.permissions.through.objects.filter(group__in=groups).values("permission")
    found = Permission.objects.filter(pk__in=own.union(theirs, all=True)).order_by()
    return found.values_list("content_type__app_label", "codename")


def _one(user: int) -> "QuerySet[User]":
    return User.objects.filter(pk=user)


_rights: Composed[Permission] = Composed(_given)
_users = Composed(_one)
