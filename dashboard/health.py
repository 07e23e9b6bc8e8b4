"""Answers probes: does the process live, can the database be written, does work wait."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from recordings.work import oldest_due_age_seconds


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200: this process takes requests."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database can be written, else 503; late work is told, not refused.

    `oldest_due_age_seconds` grows when the workers do not keep up. Callbacks must still be taken in
    then, so it never takes the web process out of service.
    """
    try:
        _take_write_lock()
        age_seconds = oldest_due_age_seconds()
    except DatabaseError:
        return JsonResponse({"database": "not writable"}, status=503)
    return JsonResponse({"database": "writable", "oldest_due_age_seconds": round(age_seconds, 3)})


def _take_write_lock() -> None:
    # Changes no row, yet is refused wherever a write would be: locked, read-only, gone.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE django_content_type SET id = id WHERE 1 = 0")
