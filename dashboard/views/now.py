"""Now: the calls that are live at each account, what is being recorded, what needs attention."""

from typing import Any

from django.contrib.auth.decorators import login_not_required, permission_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import figures, fragments, stamps
from dashboard.board import board
from dashboard.middleware import activate_time_zone
from dashboard.models import User
from dashboard.requests import OperatorRequest
from recordings import reading
from recordings.models import Account

SEE = "recordings.view_recording"
REGION = "now/_region.html"


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def now(request: OperatorRequest) -> HttpResponse:
    """Show the whole page; its region keeps itself up to date."""
    stamp = stamps.fresh()  # Before the rows: what changes meanwhile is drawn by the next poll.
    return render(request, "now/now.html", _context(request.user, _accounts(request.user), stamp))


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
    return HttpResponse(_drawn(request, request.user))


def _drawn(request: HttpRequest, user: User) -> str:
    stamp, accounts = stamps.fresh(), _accounts(user)

    def draw() -> str:
        context = {**_context(user, accounts, stamp), "csrf_token": fragments.TOKEN}
        return render_to_string(REGION, context, request)

    rights = frozenset(user.get_all_permissions())
    scope = tuple(account.pk for account in accounts)
    return fragments.drawn(request, (stamp, user.time_zone, rights, scope), draw)


def _accounts(user: User) -> list[Account]:
    accounts = list(Account.objects.usable_by(user).active().order_by("name"))
    reading.watch(accounts)
    return accounts


def _context(user: User, accounts: list[Account], stamp: str) -> dict[str, Any]:
    return {
        "stamp": stamp,
        "rows": board(user, accounts),
        "today": figures.today(accounts),
        "attention": figures.attention(user, accounts),
        "next_url": resolve_url("now"),
        "has_callbacks": all(account.has_callbacks for account in accounts),
    }
