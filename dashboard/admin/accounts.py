"""Accounts in the administration: the provider first, then its form; secrets go in and never come out."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from dashboard.admin import account_form
from dashboard.admin.account_pages import AccountPages
from dashboard.admin.sites import site
from dashboard.ages import age_text
from dashboard.credentials import ask_for_check, remove, what_holds
from recordings import clock, connections
from recordings.models import Account
from recordings.providers.base import ProviderAdapter

CLEARED = (
    "The address or identity changed: the stored secrets belonged to the old one and were forgotten. "
    "Type the new ones."
)
NO_ADDRESS = "None: PUBLIC_URL is not set to an https address, so states come by looks alone."
# Columns of the form. The workers write the others: they must not be put back to what a page showed.
COLUMNS = (*("name", "base_url", "is_active", "forgets_with_provider", "consent_reminder", "allowed_hosts"),)
HELD = (
    "{account} cannot be deleted: there are still {things} of it. Switch it off instead: then nothing is "
    "read or sent, and what is stored stays readable."
)


class ByProvider(admin.SimpleListFilter):
    """By provider, as people call them."""

    title = parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(each["slug"], each["label"]) for each in _providers()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Account]) -> QuerySet[Account]:
        return queryset.filter(provider=self.value()) if self.value() else queryset


@admin.register(Account, site=site)
class AccountAdmin(AccountPages):
    """One form for every provider, made from the adapter's own words."""

    change_form_template = "admin/recordings/account/change_form.html"
    list_display = ("name", "provider_name", "is_active", "health", "who")
    list_filter = (ByProvider, "is_active", "is_healthy")
    search_fields = ("name",)
    readonly_fields = ("provider_name", "credentials", "health", "webhook_address", "automatic_orders")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **{**kwargs, "widget": CheckboxSelectMultiple()}
        )

    # The form.

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for the provider first; its form needs to know it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if find_face(request.GET.get("provider", "")) is None:
            return self._page(request, "choose", "Add account", {"providers": _providers()})
        return super().add_view(request, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        """The form of the account's provider."""
        form = account_form.form_for(self._face(request, obj))
        return super().get_form(request, obj, change, **{**kwargs, "form": form})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The adapter's words stand where its fields are."""
        face = self._face(request, obj)
        first = ["provider_name", "name", "is_active", *(["health"] if obj else [])]
        fields = ["credentials", "base_url", *account_form.field_names(face, obj)]
        callbacks = ["webhook_address"] if obj else []
        use = [
            "consent_reminder",
            "allowed_hosts",
            "forgets_with_provider",
            *(["automatic_orders"] if obj else []),
        ]
        return [
            (None, {"fields": first}),
            ("Credentials", {"fields": fields, "description": face.setup_help}),
            ("Callbacks", {"fields": callbacks, "description": face.webhook_help}),
            ("Who may use it", {"fields": ["groups"]}),
            ("Use", {"fields": use}),
        ]

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:  # noqa: FBT001
        """Seal what was typed; columns that the workers write are left alone."""
        obj.provider = form.face.slug
        obj.config = form.config()
        secrets = form.secrets()
        if secrets is not None:
            connections.set_secrets(obj, secrets)
        if not change:
            obj.save()
        else:
            typed = [name for name in form.cleaned_data if name in COLUMNS]
            obj.save(update_fields=[*typed, "config", "sealed_secrets"])
        if form.is_another_account:
            messages.warning(request, CLEARED)
        if obj.is_active:
            ask_for_check(obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse while anything is stored of it, before Django collects a million rows to show."""
        account = self.get_object(request, object_id)
        things = what_holds(account) if account else []
        if things:
            messages.error(request, HELD.format(account=account, things=", ".join(things)))
            return HttpResponseRedirect(reverse("admin:recordings_account_change", args=[object_id]))
        return super().delete_view(request, object_id, extra_context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Only the account itself is worth a word: what is left are its errands."""
        return [str(each) for each in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Account) -> None:
        remove(obj)

    def _face(self, request: HttpRequest, obj: Account | None) -> type[ProviderAdapter]:
        found = find_face(obj.provider if obj else request.GET.get("provider", ""))
        if found is None:
            raise Http404("No adapter speaks for this provider.")
        return found

    # What a page shows of an account.

    @admin.display(description="Provider")
    def provider_name(self, account: Account) -> str:
        face = find_face(account.provider)
        return face.label if face else account.provider

    @admin.display(description="Health")
    def health(self, account: Account) -> str:
        if account.is_healthy is None or account.health_at is None:
            return "not tested yet"
        age = age_text((clock.now() - account.health_at).total_seconds())
        word = "works" if account.is_healthy else "does not work"
        return f"{word} ({age}). {account.health_message}".strip()

    @admin.display(description="May be used by")
    def who(self, account: Account) -> str:
        return ", ".join(group.name for group in account.groups.all()) or "everybody"

    @admin.display(description="Stored secrets")
    def credentials(self, account: Account) -> str:
        stored = account_form.stored_secrets(account)
        if stored is None:
            return f"Credentials unreadable. {connections.UNREADABLE}"
        return f"{len(stored)} stored, encrypted; they are never shown." if stored else "None."

    @admin.display(description="Webhook address")
    def webhook_address(self, account: Account) -> str | SafeString:
        if not account.webhook_url:
            return NO_ADDRESS
        until = account.old_webhook_key_until
        is_good = until is not None and until > clock.now()
        note = f"The address before it works until {localtime(until):%-d %B %Y, %H:%M %Z}." if is_good else ""
        return format_html(
            '<input class="vLargeTextField copied" readonly aria-label="Webhook address" value="{}"> {}',
            account.webhook_url,
            note,
        )

    @admin.display(description="Transcripts ordered automatically")
    def automatic_orders(self, account: Account) -> SafeString:
        state = "On" if account.order_automatically else "Off"
        link = reverse("admin:account-automatic", args=[account.pk])
        return format_html('{}. <a href="{}">Choose when and how</a>', state, link)


def _providers() -> list[dict[str, str]]:
    # A template would call an adapter's class; it is given words.
    faces = sorted(connections.faces().values(), key=lambda face: face.label)
    return [{"slug": face.slug, "label": face.label, "help": face.setup_help} for face in faces]


def find_face(provider: str) -> type[ProviderAdapter] | None:
    """The adapter of this provider, or None when there is none (any more)."""
    return connections.faces().get(provider)
