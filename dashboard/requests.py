"""The types of request that views are given, for the type checker."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from dashboard.models import User


class HtmxRequest(HttpRequest):
    """Any request that has passed the middlewares."""

    htmx: HtmxDetails


class OperatorRequest(HtmxRequest):
    """A request of someone who has signed in: what every view gets that is not open to all."""

    user: User
