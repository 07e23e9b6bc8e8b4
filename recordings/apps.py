"""Registers recordings with Django and its errands with the engine."""

from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings"

    def ready(self) -> None:
        from recordings import batches, copying, housekeeping, precedence, reading, rescues, rules, sweep

        precedence.listen()
        batches.register_all()
        copying.register_all()
        reading.register_all()
        sweep.register_all()
        housekeeping.register_all()
        rescues.register_all()
        rescues.listen()
        rules.listen()
