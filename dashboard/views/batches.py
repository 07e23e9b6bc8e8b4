"""Bulk orders: first what they would touch, then how each thing fares."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import batch_page, bulk, paging, stamps
from dashboard.beginnings import preset_of
from dashboard.forms import OrderForm
from dashboard.requests import OperatorRequest
from recordings import batches as engine
from recordings import rescues
from recordings.models import Account, Batch
from recordings.providers.orders import Action
from recordings.targets import Target
from recordings.validation import MANAGE, OrderRefused, check_options


@require_safe
@permission_required(MANAGE, raise_exception=True)
def batches(request: OperatorRequest) -> HttpResponse:
    """List bulk orders, newest first."""
    rows = Batch.objects.usable_by(request.user).exclude(state=Batch.State.DRAFT)
    found = paging.page(
        rows.select_related("ordered_by"), by="created_at", cursor=request.GET.get("before", "")
    )
    return render(request, "batches/batches.html", {"page": found})


@require_POST
@permission_required(MANAGE, raise_exception=True)
def new(request: OperatorRequest) -> HttpResponse:
    """Write down what a list's form asks for; nothing is ordered yet."""
    kind = bulk.KINDS.get(request.POST.get("kind", ""))
    if kind is None:
        raise Http404
    return _drafted(request, bulk.draft_of(request.user, kind, request.POST))


@never_cache
@require_safe
@permission_required(MANAGE, raise_exception=True)
def batch(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show a draft, or how a batch fares; its region asks for news while it is open."""
    found = _find(request, key)
    if found.state == Batch.State.DRAFT:
        return _draft_page(request, found)
    context = batch_page.context(found, request.user, request.GET)
    if request.htmx and request.GET.get("stamp") == context["stamp"]:
        return HttpResponse(status=204)
    template = "batches/_batch.html" if request.htmx else "batches/batch.html"
    return render(request, template, context)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def confirm(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Order what the draft shows; where something would be lost, its number is typed."""
    found = _find(request, key)
    if found.state == Batch.State.DRAFT:
        context = batch_page.draft_context(found, request.user)
        problem = _typed_wrong(request, context) or _keep_all(request, found, context["shares"])
        if problem:
            return _draft_page(request, found, problem=f"{problem} Nothing was ordered.")
    if not engine.confirm(found):
        messages.error(request, "This was confirmed before, or is older than an hour: select anew.")
    stamps.forget()
    return redirect(found)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def cancel(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Order nothing more, and take back what was not sent."""
    found = _find(request, key)
    if engine.cancel(found):
        messages.success(request, "Cancelled: what was sent already finishes, nothing more is sent.")
    else:
        messages.error(request, "It is over, or was cancelled before.")
    return redirect(found)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def retry(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Draft those that failed anew, with the same options."""
    found = _find(request, key)
    kind = bulk.KINDS[found.kind]
    keys = engine.failed_of(found, request.user)
    made = bulk.draft_of_keys(request.user, kind, keys, label=f"{kind.verb}: once more")
    for provider, options in found.options.items():
        engine.set_options(made, provider, options)
    return _drafted(request, made)


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
def options(request: OperatorRequest, key: uuid.UUID, provider: str) -> HttpResponse:
    """Choose the options for one provider of a draft: a preset, the defaults, or typed ones."""
    found = _find(request, key)
    account, action = _first_of(request, found, provider)
    if "preset" in request.POST:
        preset = preset_of(provider, action, request.POST["preset"])
        chosen = preset.options if preset else batch_page.defaults_of(account, action)
        engine.set_options(found, provider, chosen)
        return redirect(found)
    form = _form(request, found, account, action)
    if request.method == "POST" and _keeps(request, found, account, action, form):
        return redirect(found)
    context = {"batch": found, "form": form, "action": action, "provider": provider}
    return render(request, "batches/options.html", context)


def _find(request: OperatorRequest, key: uuid.UUID) -> Batch:
    rows = Batch.objects.usable_by(request.user).select_related("ordered_by")
    return get_object_or_404(rows, key=key)


def _drafted(request: OperatorRequest, made: Batch) -> HttpResponse:
    if not batch_page.items_of(made, request.user).exists():
        messages.error(request, "Nothing was selected: tick some rows, or choose all that match.")
        return redirect(f"{bulk.KINDS[made.kind].subject}s")
    return redirect(made)


def _draft_page(request: OperatorRequest, found: Batch, *, problem: str = "") -> HttpResponse:
    context = batch_page.draft_context(found, request.user)
    return render(request, "batches/draft.html", {**context, "problem": problem})


def _typed_wrong(request: OperatorRequest, context: dict[str, Any]) -> str:
    typed = request.POST.get("typed", "").replace(",", "").strip()
    is_right = not context["is_destructive"] or typed == str(context["count"])
    return "" if is_right else f"Type {context['count']} to confirm."


def _keep_all(request: OperatorRequest, found: Batch, shares: list[batch_page.Share]) -> str:
    """Check the options of each provider once more and write them down; answers what is wrong."""
    for share in shares:
        target = Target(account=share.account, subject=share.action.subject)
        try:
            options = check_options(request.user, target, share.action, share.options)
        except OrderRefused as exc:
            wrong = " ".join(f"{name}: {text}" for name, text in exc.errors.items())
            return f"{share.label}: {exc.message} {wrong}"
        engine.set_options(found, share.account.provider, options)
    return ""


def _first_of(request: OperatorRequest, found: Batch, provider: str) -> tuple[Account, Action]:
    """Whose form it is: the rules of its provider are the same for the other accounts there."""
    theirs = batch_page.items_of(found, request.user).filter(account__provider=provider)
    item = theirs.select_related("account").order_by("account__name").first()
    action = rescues.action_of(provider, found.kind) if item else None
    if found.state != Batch.State.DRAFT or item is None or action is None:
        raise Http404
    return item.account, action


def _form(request: OperatorRequest, found: Batch, account: Account, action: Action) -> OrderForm:
    return OrderForm(
        request.POST if request.method == "POST" else None,
        options=action.options,
        account=account,
        may_send_elsewhere=True,
        given=batch_page.options_of(found, account, action),
        initial={"order_key": "batch"},
    )


def _keeps(request: OperatorRequest, found: Batch, account: Account, action: Action, form: OrderForm) -> bool:
    """Keep the typed options; False when the form has to say what is wrong with them."""
    if not form.is_valid():
        return False
    target = Target(account=account, subject=action.subject)
    try:
        chosen = check_options(request.user, target, action, form.values())
    except OrderRefused as exc:
        form.refuse(exc.message, exc.errors)
        return False
    engine.set_options(found, account.provider, chosen)
    return True
