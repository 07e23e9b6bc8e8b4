"""Accounts: how well each works, and having it read or tested now."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dashboard import account_page
from dashboard.account_list import rows
from dashboard.credentials import ask_for_check
from dashboard.requests import OperatorRequest
from recordings import sweep
from recordings.models import Account
from recordings.sync.wishes import ask
from recordings.work import wake

SEE = "recordings.view_recording"
SWEEPS = {"recent": "sweep.recent", "full": "sweep.full"}
OFF = "This account is switched off: nothing is read."


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def accounts(request: OperatorRequest) -> HttpResponse:
    """List the accounts with their health."""
    return render(request, "accounts/accounts.html", {"rows": rows(request.user)})


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def account(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show one account; a poll with the version that it shows already is answered 204."""
    found = _find(request, key)
    is_poll = bool(request.htmx) and "stamp" in request.GET
    if is_poll and request.GET["stamp"] == account_page.stamp(found):
        return HttpResponse(status=204)
    template = "accounts/_account.html" if is_poll else "accounts/account.html"
    return render(request, template, account_page.context(found, request.user))


@require_POST
@permission_required("recordings.manage_bulk", raise_exception=True)
def sweep_now(request: OperatorRequest, key: uuid.UUID, kind: str) -> HttpResponse:
    """Have the provider's lists read now."""
    found = _find(request, key)
    if kind not in SWEEPS:
        raise Http404
    back = "account-ledger" if request.POST.get("from") == "ledger" else "account"
    if not found.is_active:
        messages.error(request, OFF)
        return redirect(back, found.key)
    with transaction.atomic():
        sweep.ensure_standing(found)  # Else the sweep asked for would stand in the standing one's place.
        ask(found, SWEEPS[kind])
        wake()
    messages.success(request, "The sweep begins now; its counts appear below.")
    return redirect(back, found.key)


@require_POST
@permission_required("recordings.administer_accounts", raise_exception=True)
def test(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Have credentials and address tested now."""
    found = _find(request, key)
    if found.is_active:
        ask_for_check(found)
        messages.success(request, "The test runs now; what it finds appears below.")
    else:
        messages.error(request, OFF)
    return redirect(found)


def _find(request: OperatorRequest, key: uuid.UUID) -> Any:
    return get_object_or_404(Account.objects.usable_by(request.user), key=key)
