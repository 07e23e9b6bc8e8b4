"""What happens to every request around its view: shortcuts, headers, login and time zone."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import resolve_url
from django.urls import resolve
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from dashboard.models import User
from dashboard.requests import HtmxRequest

GetResponse = Callable[[HttpRequest], HttpResponse]

# Asked by providers and probes: they need no session, user, host check or redirect to https.
BARE_PREFIXES = ("/webhooks/", "/healthz", "/readyz")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "media-src 'self'; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "manifest-src 'self'"
)


class BareRoutes:
    """Answers webhooks and probes at once: the other middlewares would cost more than the work."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(BARE_PREFIXES):
            return self.get_response(request)
        match = request.resolver_match = resolve(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response


class GzipPages(GZipMiddleware):
    """Packs pages and fragments, and nothing else: media come in ranges and by the byte.

    What would help to guess a secret by the length of a page is blurred by Django: the token in a form
    differs each time, and so does the length of what is packed.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the response, packed where it is a page and the browser takes it so."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.streaming or response.status_code != HTTPStatus.OK or not is_page:
            return response
        return super().process_response(request, response)


class ContentSecurityPolicy:
    """Allows pages nothing inline and nothing from elsewhere."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response


class LoginRequired(LoginRequiredMiddleware):
    """Closes every view by default; unlike Django's, reads no user for a view that is open."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Return None where the view may answer, else the way to the login form."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class HtmxLogin:
    """Sends the whole page to the login form, which htmx would else swap into a row."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.htmx or not _leads_to_login(response):
            return response
        page = request.htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)
        return HttpResponseClientRedirect(redirect_to_login(page).url)


def _leads_to_login(response: HttpResponse) -> bool:
    address = response.headers.get("Location", "")
    return urlsplit(address).path == resolve_url(settings.LOGIN_URL)


class OperatorTimeZone:
    """Shows times in the operator's zone.

    Views that need no login are left alone, so that a poll can answer before the user's row is
    read; one of those that goes on to show times calls `activate_time_zone` itself.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(None):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> None:
        """Activate the zone of a user who is let in."""
        if getattr(view, "login_required", True):
            activate_time_zone(request)


def activate_time_zone(request: HttpRequest) -> None:
    """Show times in the zone of the request's user until the request ends."""
    if isinstance(request.user, User):
        timezone.activate(ZoneInfo(request.user.time_zone))
