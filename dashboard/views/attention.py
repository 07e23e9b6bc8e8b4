"""What needs somebody: failures and doubts, grouped by their causes."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.causes import SPAN, sections
from dashboard.requests import OperatorRequest


@never_cache
@require_safe
@permission_required("recordings.see_operations", raise_exception=True)
def attention(request: OperatorRequest) -> HttpResponse:
    """Show each kind of trouble with its causes, the gravest first."""
    found = sections(request.user)
    context = {
        "sections": [each for each in found if each.causes],
        "calm": [each for each in found if not each.causes],
        "days": SPAN.days,
    }
    return render(request, "attention/attention.html", context)
