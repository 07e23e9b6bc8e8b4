"""Registers recordings with Django and its errands with the engine."""

from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings"

    def ready(self) -> None:
        from recordings import housekeeping, reading, sweep

        reading.register_all()
        sweep.register_all()
        housekeeping.register_all()
