"""What is stored, to be read and repaired in the administration: nothing here is typed by hand."""

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.contrib.admin import ShowFacets, TabularInline
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dashboard.admin.sites import Administered, CappedPaginator, site
from dashboard.models import User
from dashboard.reads import note_read
from dashboard.repairs import AT_MOST, TooMany, read_again, reprocess
from dashboard.roles import ADMINISTER
from recordings.models import (
    Call,
    Errand,
    Operation,
    OperationStep,
    ReadRecord,
    Recording,
    Refusal,
    WebhookDelivery,
)
from recordings.providers.scrub import scrubbed, scrubbed_text
from transcripts.models import Transcript

if TYPE_CHECKING:
    Inline = TabularInline[Any, Any]
else:
    Inline = TabularInline

BIG = ("raw", "handle", "body", "headers", "query", "exchange")


class Mirror(Administered):
    """Read-only; its lists stay quick at a million rows."""

    actions: Any = ()
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ()
    big: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.big)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All columns but the big ones, and what this page shows in their place, masked."""
        columns = [field.name for field in self.opts.fields if field.name not in (*BIG, "id")]
        return [*columns, *self.shown]

    @admin.display(description="As the provider told it")
    def told(self, thing: Any) -> SafeString:
        return _block(scrubbed(thing.raw))

    def _repair(
        self, request: HttpRequest, repair: Callable[[QuerySet[Any]], int], rows: QuerySet[Any], done: str
    ) -> None:
        try:
            count = repair(rows)
        except TooMany:
            messages.error(request, f"More than {AT_MOST:,} are selected: nothing was done. Filter first.")
            return
        messages.success(request, f"{count} {done}")


class MirroredAdmin(Mirror):
    """A thing at a provider, which can be read there again."""

    actions = ("resync",)
    big: tuple[str, ...] = ("raw", "handle")
    shown: tuple[str, ...] = ("told",)
    search_fields = ("=external_id",)
    search_help_text = "The provider's id, or ours, whole"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By exact id only: nothing else is quick at a million rows."""
        try:
            return queryset.filter(Q(key=uuid.UUID(search_term)) | Q(external_id=search_term)), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    @admin.action(description="Read the selected ones again at the provider (resync)")
    def resync(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._repair(request, read_again, queryset, "will be read again at the provider.")


@admin.register(Call, site=site)
class CallAdmin(MirroredAdmin):
    """Calls."""

    big = ("raw",)
    list_display = ("__str__", "account", "state", "provider_status", "seen_at", "created_at")
    list_filter = ("state", "account")
    list_select_related = ("account",)


@admin.register(Recording, site=site)
class RecordingAdmin(MirroredAdmin):
    """Recordings."""

    list_display = ("__str__", "account", "status", "provider_status", "sort_at", "source")
    list_filter = ("status", "account")
    list_select_related = ("account", "call")


@admin.register(Transcript, site=site)
class TranscriptAdmin(MirroredAdmin):
    """Transcripts, without their words: those are read in the console, where it is written down."""

    list_display = ("__str__", "account", "engine", "status", "provider_status", "sort_at", "source")
    list_filter = ("status", "account")
    list_select_related = ("account", "recording")


class StepInline(Inline):
    """The timeline of an order, oldest first."""

    model = OperationStep
    fields = readonly_fields = ("at", "kind", "worker", "text", "exchanged")
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(ADMINISTER)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="Request and answer")
    def exchanged(self, step: OperationStep) -> SafeString | str:
        return _block(step.exchange) if step.exchange else "–"


@admin.register(Operation, site=site)
class OperationAdmin(Mirror):
    """Orders with their timelines."""

    inlines = (StepInline,)
    big = ("options",)
    list_display = ("kind", "account", "state", "ordered_by", "created_at", "outcome_code")
    list_filter = ("state", "account")
    list_select_related = ("account", "ordered_by")


@admin.register(WebhookDelivery, site=site)
class DeliveryAdmin(Mirror):
    """Callbacks; links that open something are masked, and looking at one is written down."""

    actions = ("reprocess",)
    big = ("body", "headers", "query")
    shown = ("sent_headers", "sent_body")
    list_display = ("event", "account", "state", "received_at", "duplicates", "replays", "note")
    list_filter = ("state", "account")
    list_select_related = ("account",)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        if delivery is not None and self.has_view_permission(request):
            note_read(cast("User", request.user), delivery, ReadRecord.Purpose.SAW)
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.action(description="Read the selected ones again here (reprocess)")
    def reprocess(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        self._repair(request, reprocess, queryset, "are due again.")

    @admin.display(description="Headers")
    def sent_headers(self, delivery: WebhookDelivery) -> SafeString:
        return _block(scrubbed(delivery.headers))

    @admin.display(description="Body")
    def sent_body(self, delivery: WebhookDelivery) -> SafeString:
        if delivery.is_erased:
            return format_html("{}", "erased")
        return _block(scrubbed_text(bytes(delivery.body).decode(errors="replace")))


@admin.register(Errand, site=site)
class ErrandAdmin(Mirror):
    """Reads and local jobs."""

    list_display = ("kind", "subject", "account", "state", "due_at", "attempts", "problem")
    list_filter = ("state", "account")
    search_fields = ("=kind", "=subject")
    search_help_text = "A kind or a subject, whole"
    list_select_related = ("account",)


@admin.register(Refusal, site=site)
class RefusalAdmin(Mirror):
    """Callbacks that were turned away, counted."""

    list_display = ("day", "account", "reason", "count", "last_at", "skew_seconds")
    list_filter = ("account",)
    list_select_related = ("account",)
    ordering = ("-day", "-pk")


@admin.register(ReadRecord, site=site)
class ReadRecordAdmin(Mirror):
    """Who read what."""

    list_display = ("hour", "user", "purpose", "what", "label", "account", "count")
    list_filter = ("purpose", "account")
    list_select_related = ("user", "account")


def _block(value: Any) -> SafeString:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="told" tabindex="0">{}</pre>', text)
