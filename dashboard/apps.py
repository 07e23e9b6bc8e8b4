"""Registers the project package with Django, and its deployment checks and the roles."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        from django.conf import settings

        from dashboard import alerting, checks, export_sources, leash, roles  # noqa: F401 - some register themselves

        if settings.TAPEDECK_ROLE == "worker":
            leash.hold_children()
        alerting.register_all()
        export_sources.register_all()
        post_migrate.connect(roles.fill, sender=self)
