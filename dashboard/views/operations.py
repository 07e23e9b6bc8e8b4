"""Stub."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _page(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return render(request, "base.html")


operations = operation = cancel = decide = _page
