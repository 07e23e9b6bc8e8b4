"""The types of request that views are given, for the type checker, and where a pressed button stood."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from dashboard.models import User


class HtmxRequest(HttpRequest):
    """Any request that has passed the middlewares."""

    htmx: HtmxDetails


class OperatorRequest(HtmxRequest):
    """A request of someone who has signed in: what every view gets that is not open to all."""

    user: User


def next_address(request: HttpRequest) -> str:
    """Where the pressed button stood, as its form says; "" where it says nothing or names another site."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return resolve_url(address) if address and is_ours else ""
