"""The five roles, as Django groups: one table says who may do what, and each migration fills it in."""

from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.management import create_permissions
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from dashboard.models import User

READ = (
    "recordings.view_account",
    "recordings.view_call",
    "recordings.view_recording",
    "transcripts.view_transcript",
)
OPERATE = (
    *READ,
    "recordings.control_calls",
    "recordings.order_transcripts",
    "recordings.delete_items",
    "recordings.see_operations",
    "transcripts.correct_transcript",
)
MANAGE = (*OPERATE, "recordings.manage_bulk")
ADMINISTER = "recordings.administer_accounts"

ADMINISTRATOR = "administrator"
ROLES: Mapping[str, tuple[str, ...]] = {
    "viewer": READ,
    "operator": OPERATE,
    "manager": MANAGE,
    "auditor": (*READ, "recordings.see_operations", "recordings.see_reads"),
    ADMINISTRATOR: (*MANAGE, "recordings.see_reads", ADMINISTER),
}
SUMMARIES: Mapping[str, str] = {
    "viewer": "reads and plays",
    "operator": "also starts, stops, orders, and deletes single recordings and transcripts",
    "manager": "also acts in bulk, writes rules and presets, rescues media",
    "auditor": "reads, and sees orders and who read what",
    ADMINISTRATOR: "does all of it, and administers accounts and people",
}
PERMISSIONS_OF = ("recordings", "transcripts")


def may_administer(user: Any) -> bool:
    """Whether this person may enter the administration: decided by the role, not by a flag of its own."""
    return bool(user.is_active and user.has_perm(ADMINISTER))


def require_administrator(user: Any) -> None:
    """Raise ``PermissionDenied`` for everybody else."""
    if not may_administer(user):
        raise PermissionDenied


def fill(sender: Any = None, *, using: str = "default", apps: Any = apps, **_kwargs: Any) -> None:
    """Make the groups and give each exactly its permissions; run after every migration.

    Permissions of the packages are made first: Django makes them app by app, and this app comes first.
    """
    try:
        groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # The database was taken back to before there were groups.
        return
    for label in PERMISSIONS_OF:
        create_permissions(_config(label), verbosity=0, using=using, apps=apps)
    known = permissions.objects.using(using).filter(content_type__app_label__in=PERMISSIONS_OF)
    by_name = {
        f"{app}.{code}": pk
        for pk, app, code in known.values_list("pk", "content_type__app_label", "codename")
    }
    for role, names in ROLES.items():
        group, _ = groups.objects.using(using).get_or_create(name=role)
        group.permissions.set([by_name[name] for name in names if name in by_name])


def _config(label: str) -> AppConfig:
    return apps.get_app_config(label)


@receiver(post_save, sender=settings.AUTH_USER_MODEL)
def end_sessions_of_the_disabled(instance: User, **_kwargs: Any) -> None:
    """A disabled person is signed out everywhere, also if enabled again later."""
    if instance.is_active:
        return
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(instance.pk):
            session.delete()
