"""Rules: what is ordered without a click. Managers write them, try them on last week, and switch them on."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import rule_page, stamps
from dashboard.requests import OperatorRequest
from dashboard.rule_forms import RuleForm
from recordings import reading
from recordings import rules as engine
from recordings.models import Account, Rule
from recordings.validation import MANAGE

USE = "recordings.control_calls"


@require_safe
@permission_required(USE, raise_exception=True)
def rules(request: OperatorRequest) -> HttpResponse:
    """List rules in the order in which they are asked."""
    context = {"rows": rule_page.rows(request.user), "may_write": request.user.has_perm(MANAGE)}
    return render(request, "rules/rules.html", context)


@require_safe
@permission_required(USE, raise_exception=True)
def rule(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show a rule: what it asks, what it spent, what it took up, and what it holds."""
    return render(
        request, "rules/rule.html", rule_page.context(_find(request, key), request.user, request.GET)
    )


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
def new(request: OperatorRequest) -> HttpResponse:
    """Write a rule; it is off until it is switched on."""
    return _write(request, Rule(created_by=request.user))


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
def edit(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Change a rule."""
    return _write(request, _theirs(request, key))


@require_safe
@permission_required(MANAGE, raise_exception=True)
def trial(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Show what the rule would have done last week; nothing is ordered."""
    found = _find(request, key)
    accounts = Account.objects.usable_by(request.user).filter(rules=found)
    tried = engine.trial(found, list(accounts.order_by("name")))
    return render(request, "rules/trial.html", {"rule": found, "trial": tried})


@require_POST
@permission_required(MANAGE, raise_exception=True)
def switch(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Switch a rule on or off."""
    found = _theirs(request, key)
    found.is_enabled = request.POST.get("on") == "yes"
    found.save(update_fields=["is_enabled", "since", "updated_at"])
    if found.is_enabled and found.does == Rule.Does.RECORD:
        reading.look_soon(found.accounts.all())
    messages.success(request, f"The rule “{found}” is {'on' if found.is_enabled else 'off'}.")
    stamps.forget()
    return redirect(found)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def release(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Look again at what the rule holds: what fits by now is ordered."""
    found = _theirs(request, key)
    count = engine.release(found)
    messages.success(request, f"Ordered {count} of what was held; the rest says why it waits.")
    stamps.forget()
    return redirect(found)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def leave_out(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Order nothing of what the rule holds."""
    found = _theirs(request, key)
    messages.success(request, f"Left out {engine.leave_out(found)} of what was held or refused.")
    stamps.forget()
    return redirect(found)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def delete(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Delete a rule; its orders go on, and keep its name."""
    found = _theirs(request, key)
    found.delete()
    messages.success(request, f"Deleted the rule “{found}”.")
    return redirect("rules")


def _write(request: OperatorRequest, found: Rule) -> HttpResponse:
    form = RuleForm(request.POST or None, instance=found, user=request.user)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        messages.success(request, f"Saved the rule “{saved}”.")
        return redirect(
            saved if saved.is_enabled else "rule-trial", *([] if saved.is_enabled else [saved.key])
        )
    return render(request, "rules/edit.html", {"rule": found, "form": form})


def _find(request: OperatorRequest, key: uuid.UUID) -> Rule:
    return get_object_or_404(Rule.objects.usable_by(request.user).select_related("created_by"), key=key)


def _theirs(request: OperatorRequest, key: uuid.UUID) -> Rule:
    """The rule, for who may use every account of it: they answer for what it orders there."""
    found = _find(request, key)
    usable = Account.objects.usable_by(request.user).values("pk")
    if found.accounts.exclude(pk__in=usable).exists():
        raise PermissionDenied
    return found
