"""Who saw, played, downloaded and exported what."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.listing import SEARCHED
from dashboard.read_filters import ReadFilters
from dashboard.requests import OperatorRequest
from recordings.models import ReadRecord

SEE = "recordings.see_reads"


@require_safe
@permission_required(SEE, raise_exception=True)
def reads(request: OperatorRequest) -> HttpResponse:
    """List readings of what this auditor may see, newest hour first."""
    filters = ReadFilters(request.GET, user=request.user)
    rows = ReadRecord.objects.select_related("user").only(
        *("account_id", "what", "key", "label", "purpose", "hour", "count", "last_at", "user__username")
    )
    context = {
        "filters": filters,
        "page": filters.page(rows, request.GET.get("before", "")),
        "note": SEARCHED if filters.is_bounded else "",
    }
    return render(request, "reads/reads.html", context)
