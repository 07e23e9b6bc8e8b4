"""What is done to one account beside its form: test it, give it a new address, choose automatic orders."""

from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern

from dashboard.admin.automatic_form import AutomaticForm, automatic_action
from dashboard.admin.sites import Administered
from dashboard.credentials import ask_for_check, rotate_webhook_key
from dashboard.models import User
from recordings import clock, connections
from recordings.models import Account

PATIENCE = timedelta(seconds=90)
SWITCHED_OFF = "This account is switched off: nothing was sent. Switch it on to test it."


class AccountPages(Administered):
    """The pages that the buttons of an account's form lead to; each changes something by POST only."""

    def get_urls(self) -> list[URLPattern]:
        """They come before the form's own, which would take their names for ids."""
        pages = {"test": self.test, "rotate": self.rotate, "automatic": self.automatic}
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"account-{name}")
            for name, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a test, then show how it goes; the workers make the call."""
        account = self._account(request, pk)
        if request.method == "POST":
            return self._ask(request, account)
        since = _moment(request.GET.get("since", ""))
        tested_at = account.health_at
        context = {
            "account": account,
            "is_done": tested_at is not None and (since is None or tested_at >= since),
            "is_asked": since is not None,
            "is_late": since is not None and clock.now() - since > PATIENCE,
            "here": request.get_full_path(),
        }
        part = "_health" if request.headers.get("HX-Request") else "test"
        return self._page(request, part, f"Test of {account}", context)

    def rotate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what a new webhook address means, then make it."""
        account = self._account(request, pk)
        if request.method == "POST":
            rotate_webhook_key(account)
            self.log_change(request, account, "Gave it a new webhook address.")
            messages.success(request, "The account has a new webhook address. The old one works 7 more days.")
            return _to_form(account)
        until = account.old_webhook_key_until
        context = {
            "account": account,
            "is_old_good": until is not None and until > clock.now(),
            "webhook_help": connections.face(account.provider).webhook_help,
        }
        return self._page(request, "rotate", f"New webhook address for {account}", context)

    def automatic(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Choose whether and how a transcript is ordered when a recording completes."""
        account = self._account(request, pk)
        action = automatic_action(account)
        if action is None:
            messages.error(request, "No transcript can be ordered of this provider.")
            return _to_form(account)
        form = AutomaticForm(request.POST or None, account=account, action=action)
        if request.method == "POST" and form.is_accepted(cast("User", request.user)):
            form.save()
            self.log_change(request, account, "Changed the automatic orders.")
            messages.success(request, "The automatic orders are saved. What completed before stays as it is.")
            return _to_form(account)
        context = {"account": account, "form": form, "action": action}
        return self._page(request, "automatic", f"Automatic transcripts of {account}", context)

    def _ask(self, request: HttpRequest, account: Account) -> HttpResponse:
        if not account.is_active:
            messages.error(request, SWITCHED_OFF)
            return _to_form(account)
        since = clock.now()
        ask_for_check(account)
        address = reverse("admin:account-test", args=[account.pk])
        return HttpResponseRedirect(f"{address}?since={since:%Y-%m-%dT%H:%M:%S.%fZ}")

    def _account(self, request: HttpRequest, pk: int) -> Account:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Account, pk=pk)

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, f"admin/recordings/account/{name}.html", {**shared, **context})


def _to_form(account: Account) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:recordings_account_change", args=[account.pk]))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
