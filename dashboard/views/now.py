"""Now: the calls that are live at each account, what is being recorded, what needs attention."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required, permission_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import figures, stamps
from dashboard.board import board
from dashboard.middleware import activate_time_zone
from dashboard.models import User
from dashboard.requests import OperatorRequest
from recordings import reading
from recordings.models import Account

SEE = "recordings.view_recording"


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def now(request: OperatorRequest) -> HttpResponse:
    """Show the whole page; its region keeps itself up to date."""
    return render(request, "now/now.html", _context(request.user))


@login_not_required
@never_cache
@require_safe
def region(request: HttpRequest) -> HttpResponse:
    """Answer 204 while nothing has changed, before even the user is read; else the region anew."""
    if request.GET.get("stamp") == stamps.current():
        stamps.keep_watching()
        return HttpResponse(status=204)
    if not request.user.is_authenticated:
        return redirect_to_login(resolve_url("now"))
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    activate_time_zone(request)
    return render(request, "now/_region.html", _context(request.user))


def _context(user: User) -> dict[str, Any]:
    stamp = stamps.fresh()  # Before the rows: what changes meanwhile is drawn by the next poll.
    accounts = list(Account.objects.usable_by(user).active().order_by("name"))
    reading.watch(accounts)
    return {
        "stamp": stamp,
        "rows": board(user, accounts),
        "today": figures.today(accounts),
        "attention": figures.attention(user, accounts),
        "has_callbacks": all(account.has_callbacks for account in accounts),
        "is_demo": settings.TAPEDECK_DEMO,
    }
