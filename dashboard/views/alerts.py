"""Alerts: what was found, and where it is sent."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import alert_sending, alerting, paging
from dashboard.alert_forms import ChannelForm
from dashboard.models import Alert, AlertChannel
from dashboard.requests import OperatorRequest
from recordings.models import Account
from recordings.work import wake

SEE = "recordings.see_operations"
ADMINISTER = "recordings.administer_accounts"


@never_cache
@require_safe
@permission_required(SEE, raise_exception=True)
def alerts(request: OperatorRequest) -> HttpResponse:
    """List what was found, newest first; administrators see the channels too."""
    accounts = list(Account.objects.usable_by(request.user).values_list("pk", flat=True))
    rows = Alert.objects.filter(account__in=accounts).select_related("account")
    may_administer = request.user.has_perm(ADMINISTER)
    context = {
        "page": paging.page(rows, by="opened_at", cursor=request.GET.get("before", "")),
        "channels": list(AlertChannel.objects.all()) if may_administer else [],
        "may_administer": may_administer,
        "kinds": alerting.KINDS,
    }
    return render(request, "alerts/alerts.html", context)


@require_http_methods(["GET", "POST"])
@permission_required(ADMINISTER, raise_exception=True)
def new(request: OperatorRequest) -> HttpResponse:
    """Add a channel."""
    return _write(request, AlertChannel())


@require_http_methods(["GET", "POST"])
@permission_required(ADMINISTER, raise_exception=True)
def channel(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Change a channel."""
    return _write(request, get_object_or_404(AlertChannel, key=key))


@require_POST
@permission_required(ADMINISTER, raise_exception=True)
def test(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Send a test message by the workers."""
    found = get_object_or_404(AlertChannel, key=key)
    account = Account.objects.active().order_by("pk").first()
    if account is None:
        messages.error(request, "There is no active account whose workers could send it.")
        return redirect("alerts")
    with transaction.atomic():
        alert_sending.ask_for_test(found, account)
        wake()
    messages.success(request, f"A test message to “{found}” is on its way: look here again in a moment.")
    return redirect("alerts")


@require_POST
@permission_required(ADMINISTER, raise_exception=True)
def delete(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Remove a channel; what was not sent yet is not sent."""
    found = get_object_or_404(AlertChannel, key=key)
    found.delete()
    messages.success(request, f"Deleted the channel “{found.name}”.")
    return redirect("alerts")


def _write(request: OperatorRequest, found: AlertChannel) -> HttpResponse:
    form = ChannelForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        saved = form.save()
        alerting.reask(saved)
        messages.success(request, f"Saved the channel “{saved}”. Send a test to see that it works.")
        return redirect("alerts")
    return render(request, "alerts/channel.html", {"form": form, "channel": found})
