"""The search box: words of all transcripts, and any id leads to its page."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import search_page
from dashboard.requests import OperatorRequest
from dashboard.search_form import SearchForm


@never_cache
@require_safe
def search(request: OperatorRequest) -> HttpResponse:
    """Go to the one thing that has the pasted id; else show what has the words, or the id."""
    form = SearchForm(request.GET, user=request.user)
    cursor = request.GET.get("before", "")
    found = search_page.search(request.user, form, cursor)
    if found.only_page:
        return redirect(found.only_page)
    return render(request, "search/search.html", search_page.context(request.user, form, found, cursor))
