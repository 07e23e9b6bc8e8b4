"""The search box: any id leads to its page."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard.lookup import look_up
from dashboard.requests import OperatorRequest


@never_cache
@require_safe
def search(request: OperatorRequest) -> HttpResponse:
    """Go to the one thing that has the pasted id, or list those that have it."""
    wanted = request.GET.get("q", "").strip()
    hits = look_up(wanted, request.user)
    pages = {hit.url for hit in hits}
    if len(pages) == 1 and hits[0].url:
        return redirect(hits[0].url)
    return render(request, "search/search.html", {"wanted": wanted, "hits": hits})
