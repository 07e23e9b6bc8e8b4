"""People and groups in the administration: roles are given here, and nobody locks everybody out."""

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from dashboard.admin.sites import Administered, site
from dashboard.models import User
from dashboard.roles import ADMINISTER, PERMISSIONS_OF, ROLES, SUMMARIES

if TYPE_CHECKING:
    NewPerson = AdminUserCreationForm[User]
    Person = UserChangeForm[User]
    People = StockUserAdmin[User]
else:
    NewPerson, Person, People = AdminUserCreationForm, UserChangeForm, StockUserAdmin

LAST_ONE = "Nobody else could administer Tapedeck then. Make somebody else an administrator first."
ROLES_HELP = "; ".join(f"{role}: {text}" for role, text in SUMMARIES.items())


class NewPersonForm(NewPerson):
    """A person who did not exist yet."""

    class Meta:
        model = User
        fields = ("username",)


class PersonForm(Person):
    """A person as they are; refuses to leave Tapedeck without an administrator."""

    class Meta:
        model = User
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self._stays_administrator(cleaned) and is_last_administrator(self.instance):
            raise ValidationError(LAST_ONE)
        return cleaned

    def _stays_administrator(self, cleaned: dict[str, Any]) -> bool:
        _, _, codename = ADMINISTER.partition(".")
        groups = cleaned.get("groups", Group.objects.none())
        may = self.instance.is_superuser or groups.filter(permissions__codename=codename).exists()
        return bool(cleaned.get("is_active")) and may


@admin.register(User, site=site)
class PersonAdmin(Administered, People):
    """Roles and other groups stand side by side: the one says what, the other at which accounts."""

    form = PersonForm
    add_form = NewPersonForm
    list_display = ("username", "first_name", "last_name", "roles", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "time_zone")}),
        ("Access", {"fields": ("is_active", "groups"), "description": ROLES_HELP}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        ("Access", {"fields": ("groups", "time_zone"), "description": ROLES_HELP}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only who never signed in: what others did and read stays on record with their name."""
        return super().has_delete_permission(request) and obj is not None and obj.last_login is None

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "time_zone":
            zones = [(name, name.replace("_", " ")) for name in sorted(available_timezones())]
            kwargs["widget"] = forms.Select(choices=zones)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description="Roles and groups")
    def roles(self, person: User) -> str:
        return ", ".join(sorted(group.name for group in person.groups.all())) or "none"


@admin.register(Group, site=site)
class ConsoleGroupAdmin(Administered, StockGroupAdmin):
    """Roles are fixed; other groups say who may use which accounts, and may carry rights of their own."""

    list_display = ("name", "what_it_is")
    filter_horizontal = ()
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_role = obj is not None and obj.name in ROLES
        return super().has_change_permission(request) and not is_role

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not while an account names it: that account would be open to everybody afterwards."""
        if obj is None or obj.name in ROLES or obj.account_set.exists():
            return False
        return super().has_delete_permission(request)

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if db_field.name == "permissions":
            rights = Permission.objects.filter(codename__in=_rights()).select_related("content_type")
            kwargs["widget"] = forms.CheckboxSelectMultiple()
            kwargs["queryset"] = rights.filter(content_type__app_label__in=PERMISSIONS_OF)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description="What it is")
    def what_it_is(self, group: Group) -> str:
        return f"Role: {SUMMARIES[group.name]}" if group.name in ROLES else "Group of people"


def is_last_administrator(person: User) -> bool:
    """Whether this active person is the only one left who may administer."""
    _, _, codename = ADMINISTER.partition(".")
    may = Q(is_superuser=True) | Q(groups__permissions__codename=codename)
    administrators = User.objects.filter(may, is_active=True)
    return administrators.filter(pk=person.pk).exists() and not administrators.exclude(pk=person.pk).exists()


def _rights() -> set[str]:
    return {name.partition(".")[2] for names in ROLES.values() for name in names}
