"""Every order of every subject is given here: first its form, then the order itself."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from dashboard import previews, sheets, stamps, subjects
from dashboard.forms import OrderForm
from dashboard.requests import OperatorRequest, next_address
from dashboard.sheets import Sheet
from recordings import actions
from recordings.actions import RIGHTS, AskAgain
from recordings.models import Operation
from recordings.providers.orders import Action
from recordings.targets import Target
from recordings.validation import OrderRefused


# Kept by the browser for its "back" alone: the form that was sent comes again with its own key.
@cache_control(private=True, no_cache=True)
@require_http_methods(["GET", "POST"])
def order(request: OperatorRequest, subject: str, key: uuid.UUID, kind: str) -> HttpResponse:
    """Show the form of an order, or give the order: the same form pressed twice gives one."""
    target, action = _allowed(request, subject, key, kind)
    if request.method == "POST":
        return _give(request, target, action)
    return _show(request, sheets.fresh_sheet(request.user, target, action, request.GET))


@require_POST
def check(request: OperatorRequest, subject: str, key: uuid.UUID, kind: str) -> HttpResponse:
    """Tell what the options as they are typed would bring; nothing is ordered."""
    target, action = _allowed(request, subject, key, kind)
    form = sheets.filled_form(request.user, target, action, request.POST)
    sheet = sheets.sheet(request.user, target, action, form)
    consequence = sheets.consequence_of(target, action, form)
    return render(request, "orders/_consequence.html", {"sheet": sheet, "consequence": consequence})


@require_POST
def preview(request: OperatorRequest, subject: str, key: uuid.UUID, kind: str) -> HttpResponse:
    """Show the request that the options as they are typed would send; nothing is ordered."""
    target, action = _allowed(request, subject, key, kind)
    form = sheets.filled_form(request.user, target, action, request.POST)
    if not form.is_valid():
        errors = [(form[name].label, " ".join(map(str, texts))) for name, texts in form.errors.items()]
        return render(request, "orders/_request.html", {"errors": errors})
    found = previews.request_of(target, action, form.values())
    shown = {"sentence": found} if isinstance(found, str) else {"body": found}
    return render(request, "orders/_request.html", {**shown, "makes": action.makes})


def _allowed(request: OperatorRequest, subject: str, key: uuid.UUID, kind: str) -> tuple[Target, Action]:
    target = subjects.find(request.user, subject, key)
    action = subjects.action_of(target, kind)
    if not request.user.has_perm(RIGHTS[action.right]):
        raise PermissionDenied
    return target, action


def _give(request: OperatorRequest, target: Target, action: Action) -> HttpResponse:
    form = sheets.filled_form(request.user, target, action, request.POST)
    consequence = ""
    if form.is_valid():
        try:
            return _placed(request, target, action, _place(request, target, action, form))
        except OrderRefused as exc:
            form.refuse(exc.message, exc.errors)
        except AskAgain as exc:
            form.ask_again(exc.seen)
            consequence = exc.consequence
    sheet = sheets.sheet(request.user, target, action, form, next_url=request.POST.get("next", ""))
    if consequence:
        sheet.consequence, sheet.is_asking_again = consequence, True
    return _show(request, sheet)


def _place(request: OperatorRequest, target: Target, action: Action, form: OrderForm) -> Operation:
    return actions.place(
        request.user,
        target,
        action.kind,
        options=form.values(),
        order_key=form.cleaned_data["order_key"],
        seen=form.cleaned_data["seen"],
    )


def _show(request: OperatorRequest, sheet: Sheet) -> HttpResponse:
    template = "orders/_sheet.html" if request.htmx else "orders/order.html"
    return render(request, template, {"sheet": sheet, "form": sheet.form})


def _placed(request: OperatorRequest, target: Target, action: Action, operation: Operation) -> HttpResponse:
    """Tell of it at once; the regions of the page read themselves anew."""
    stamps.forget()
    text = f"{action.label}: {operation.get_state_display()}."
    page = _page_of(request, operation)
    if not request.htmx:
        messages.success(request, text)
        return redirect(next_address(request) or page or subjects.page_of(target.recording) or "now")
    response = HttpResponse(status=204)
    toast: dict[str, Any] = {"text": text, "href": page, "link": "See the order"}
    for name, details in (("tapedeck-close", {}), ("tapedeck-changed", {}), ("tapedeck-toast", toast)):
        trigger_client_event(response, name, details)
    return response


def _page_of(request: OperatorRequest, operation: Operation) -> str:
    return operation.get_absolute_url() if request.user.has_perm("recordings.see_operations") else ""
