"""Now: the calls that are live at each account, what is being recorded, what needs attention."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, permission_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from dashboard import figures, fragments, many, stamps
from dashboard.beginnings import key_in
from dashboard.board import board, flat
from dashboard.middleware import activate_time_zone
from dashboard.models import User
from dashboard.requests import OperatorRequest
from recordings import reading
from recordings.models import Account

SEE = "recordings.view_recording"
CONTROL = "recordings.control_calls"
FLAT = "flat"
REGION = "now/_region.html"


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def now(request: OperatorRequest) -> HttpResponse:
    """Show the whole page; its region keeps itself up to date."""
    stamp = stamps.fresh()  # Before the rows: what changes meanwhile is drawn by the next poll.
    accounts = _accounts(request.user)
    view = _view(request)
    context = {**_context(request.user, accounts, stamp, view), **_form(request, accounts)}
    return render(request, "now/now.html", context)


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


@require_POST
@permission_required(CONTROL, raise_exception=True)
def several(request: OperatorRequest) -> HttpResponse:
    """Start, stop, pause or resume what is ticked; say what came of it."""
    deed = request.POST.get("do", "")
    if deed not in many.KINDS:
        raise Http404
    keys = [key_in(text) for text in request.POST.getlist("key")]
    begin, form_key = request.POST.get("begin", "last"), request.POST.get("order_key") or str(uuid.uuid4())
    outcome = many.order(request.user, keys, deed, begin=begin, form_key=form_key)
    stamps.forget()
    text, is_whole = outcome.text(deed), bool(outcome.ordered and not outcome.left_out)
    if not keys:
        text = "Nothing was ticked: tick calls (keys j, k, x), then choose."
    if not request.htmx:
        (messages.success if is_whole else messages.warning)(request, text)
        return redirect(f"{resolve_url('now')}{'?view=flat' if request.POST.get('view') == FLAT else ''}")
    context = {
        **_form(request, _accounts(request.user)),
        "begin": begin,
        "view": request.POST.get("view", ""),
    }
    response = render(request, "now/_several.html", context)
    toast = {"text": text, "tone": "" if is_whole else "bad"}
    for name, details in (("tapedeck-ordered", {}), ("tapedeck-changed", {}), ("tapedeck-toast", toast)):
        trigger_client_event(response, name, details, after="settle")
    return response


def _view(request: HttpRequest) -> str:
    return FLAT if request.GET.get("view") == FLAT else ""


def _form(request: OperatorRequest, accounts: list[Account]) -> dict[str, Any]:
    """The form with which several calls are steered; nothing for whoever may not."""
    if not request.user.has_perm(CONTROL) or not accounts:
        return {}
    return {"deeds": many.DEEDS, "begins": many.begins(accounts), "order_key": uuid.uuid4(), "begin": "last"}


def _drawn(request: HttpRequest, user: User) -> str:
    stamp, accounts, view = stamps.fresh(), _accounts(user), _view(request)

    def draw() -> str:
        context = {**_context(user, accounts, stamp, view), "csrf_token": fragments.TOKEN}
        return render_to_string(REGION, context, request)

    rights = frozenset(user.get_all_permissions())
    scope = tuple(account.pk for account in accounts)
    return fragments.drawn(request, (stamp, view, user.time_zone, rights, scope), draw)


def _accounts(user: User) -> list[Account]:
    accounts = list(Account.objects.usable_by(user).active().order_by("name"))
    reading.watch(accounts)
    return accounts


def _context(user: User, accounts: list[Account], stamp: str, view: str) -> dict[str, Any]:
    rows = board(user, accounts)
    return {
        "stamp": stamp,
        "rows": rows,
        "view": view,
        "flat": flat(rows) if view == FLAT else [],
        "may_control": user.has_perm(CONTROL),
        "today": figures.today(accounts),
        "attention": figures.attention(user, accounts),
        "next_url": resolve_url("now"),
        "has_callbacks": all(account.has_callbacks for account in accounts),
    }
