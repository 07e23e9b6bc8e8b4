"""Every address of the console; webhooks and probes come first, for they are asked most."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from dashboard import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
]
