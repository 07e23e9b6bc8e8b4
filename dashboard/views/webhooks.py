"""Where providers post. Everything that is not verify and store would cost more than both."""

import os
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from recordings import intake

ADDRESS = r"^webhooks/(?P<provider>[^/]+)/(?P<webhook_key>[^/]+)(?:/(?P<rest>.*))?$"
_BARE_HEADERS = {"CONTENT_TYPE": "content-type", "CONTENT_LENGTH": "content-length"}
# The web server mixes the process's environment into each request's: HTTP_PROXY is no header.
_NO_HEADERS = frozenset(os.environ)
RETRY_AFTER_SECONDS = "5"


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def webhook(request: HttpRequest, provider: str, webhook_key: str, rest: str = "") -> HttpResponse:
    """Answer with a status and an empty body: one provider counts nothing else as taken."""
    environ = request.META
    query = environ.get("QUERY_STRING", "")
    path = escape_uri_path(request.path)
    arrived = intake.Arrived(
        method=request.method or "",
        path=rest,
        full_path=f"{path}?{query}" if query else path,
        host=f"{_scheme(environ)}://{environ.get('HTTP_HOST', '')}",
        headers=_headers(environ),
    )
    status = intake.receive(provider, webhook_key, arrived, read=lambda: _body(environ))
    response = HttpResponse(status=status, content_type="text/plain")
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _scheme(environ: Mapping[str, Any]) -> str:
    # Shown beside a refusal and trusted for nothing.
    return str(environ.get("HTTP_X_FORWARDED_PROTO") or environ["wsgi.url_scheme"])


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name[:5] == "HTTP_" and name not in _NO_HEADERS
    }
    return headers | {ours: environ[name] for name, ours in _BARE_HEADERS.items() if environ.get(name)}


def _body(environ: Mapping[str, Any]) -> bytes | None:
    """The body, or None when it is too large; Django's own limit for forms is far lower.

    Raises ``intake.BodyCut``.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        return _unmeasured(environ)
    if not (length.isascii() and length.isdigit()):
        raise intake.BodyCut
    if int(length) > intake.LARGEST_BODY:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    if len(body) < int(length):
        raise intake.BodyCut
    return body


def _unmeasured(environ: Mapping[str, Any]) -> bytes | None:
    # Only a server that ends the stream itself can be asked for a body in chunks.
    if not (environ.get("HTTP_TRANSFER_ENCODING") and environ.get("wsgi.input_terminated")):
        return b""
    body: bytes = environ["wsgi.input"].read(intake.LARGEST_BODY + 1)
    return None if len(body) > intake.LARGEST_BODY else body
