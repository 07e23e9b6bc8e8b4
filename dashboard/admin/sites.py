"""The site of the administration: who may enter, and what all its pages share."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache

from dashboard.roles import ADMINISTER, may_administer

if TYPE_CHECKING:
    Base = ModelAdmin[Any]
    Pages = Paginator[Any]
else:
    Base = ModelAdmin
    Pages = Paginator

COUNTED_AT_MOST = 10_000
ADMINISTERED = ("Account", "Rate", "User", "Group")


class Administration(AdminSite):
    """Open to administrators by their role alone; everybody else signs in at the console and gets 403."""

    site_header = "Tapedeck administration"
    site_title = "Tapedeck administration"
    index_title = "Accounts, people, and what is stored"

    def has_permission(self, request: HttpRequest) -> bool:
        return may_administer(request.user)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """What is administered before what is only looked at, whichever package it lives in."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None or not apps:
            return apps
        models = [model for app in apps for model in app["models"]]
        typed = [model for model in models if model["object_name"] in ADMINISTERED]
        typed.sort(key=lambda model: ADMINISTERED.index(model["object_name"]))
        seen = sorted((model for model in models if model not in typed), key=lambda model: str(model["name"]))
        return [
            {
                **apps[0],
                "name": name,
                "app_label": label,
                "app_url": f"{reverse('admin:index')}#{label}",
                "models": part,
            }
            for name, label, part in (("Administration", "typed", typed), ("What is stored", "seen", seen))
        ]

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Send strangers to the console's sign-in; there is no second form."""
        after = request.GET.get("next") or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(after)
        if not self.has_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:index"))


class CappedPaginator(Pages):
    """Counts no further than it must: beyond that, one filters."""

    @cached_property
    def count(self) -> int:
        """The number of rows, at most ``COUNTED_AT_MOST``."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:COUNTED_AT_MOST].count()


class Administered(Base):
    """Whoever may enter may do here what the page offers; the role is one permission."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ADMINISTER)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(ADMINISTER)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(ADMINISTER)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(ADMINISTER)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(ADMINISTER)


site = Administration(name="admin")
site.disable_action("delete_selected")
