"""Presets: named option sets that managers write and operators order with."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.beginnings import key_in
from dashboard.preset_forms import PresetForm
from dashboard.requests import OperatorRequest
from recordings import connections, presets
from recordings.models import Operation, Preset
from recordings.providers.options import Options
from recordings.providers.orders import Action
from recordings.validation import MANAGE

USE = "recordings.control_calls"


@require_safe
@permission_required(USE, raise_exception=True)
def presets_page(request: OperatorRequest) -> HttpResponse:
    """List presets by provider and kind of order."""
    rows = Preset.objects.select_related("created_by").filter(provider__in=list(connections.faces()))
    context = {"rows": rows, "kinds": _kinds(), "may_write": request.user.has_perm(MANAGE)}
    return render(request, "presets/presets.html", context)


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
def new(request: OperatorRequest) -> HttpResponse:
    """Write a preset, empty or from the options of an order that was given."""
    provider, _, kind = request.GET.get("for", "").partition(":")
    preset = Preset(provider=provider, kind=kind, created_by=request.user)
    return _write(request, preset, given=_options_of_order(request, preset))


@require_http_methods(["GET", "POST"])
@permission_required(MANAGE, raise_exception=True)
def preset(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Change a preset."""
    found = get_object_or_404(Preset, key=key)
    return _write(request, found, given=found.options)


@require_POST
@permission_required(MANAGE, raise_exception=True)
def delete(request: OperatorRequest, key: uuid.UUID) -> HttpResponse:
    """Delete a preset; orders that were given with it keep their options."""
    found = get_object_or_404(Preset, key=key)
    if found.rules.exists():
        messages.error(request, "A rule orders with this preset: change the rule first. Nothing was deleted.")
        return redirect(found)
    found.delete()
    messages.success(request, f"Deleted the preset “{found.name}”.")
    return redirect("presets")


def _write(request: OperatorRequest, preset: Preset, *, given: Options | None) -> HttpResponse:
    action = _action(preset)
    typed = request.POST if request.method == "POST" else None
    form = PresetForm(typed, preset=preset, action=action, given=given)
    options = form.checked() if typed is not None else None
    if options is not None:
        preset.name, preset.options = form.cleaned_data["name"], options
        preset.save()
        messages.success(request, f"Saved the preset “{preset.name}”.")
        return redirect("presets")
    return render(request, "presets/preset.html", {"preset": preset, "form": form, "action": action})


def _action(preset: Preset) -> Action:
    known = {(provider, action.kind): action for provider, action in presets.kinds()}
    try:
        return known[(preset.provider, preset.kind)]
    except KeyError:
        raise Http404 from None


def _options_of_order(request: OperatorRequest, preset: Preset) -> Options | None:
    orders = Operation.objects.usable_by(request.user)
    theirs = orders.filter(account__provider=preset.provider, kind=preset.kind)
    order = theirs.filter(key=key_in(request.GET.get("from", ""))).first()
    return order.options if order else None


def _kinds() -> list[dict[str, Any]]:
    return [
        {"value": f"{provider}:{action.kind}", "label": f"{connections.face(provider).label}: {action.label}"}
        for provider, action in presets.kinds()
    ]
