"""Registers transcripts with Django, and with recordings everything that those call upward."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TranscriptsConfig(AppConfig):
    name = "transcripts"

    def ready(self) -> None:
        from recordings import sync
        from recordings.providers.snapshots import Captions, TranscriptSnapshot
        from transcripts import (
            adoption,
            archives_steps,
            archives_tidying,
            automatic,
            burial,
            comparing,
            fetching,
            imports,
            index_errands,
            orders,
            tidying,
        )
        from transcripts.captions import apply_captions
        from transcripts.sync import apply_transcript

        sync.register(TranscriptSnapshot, apply_transcript)
        sync.register(Captions, apply_captions)
        orders.register_all()
        fetching.register_all()
        tidying.register_all()
        archives_steps.register_all()
        archives_tidying.register_all()
        comparing.register_all()
        imports.register_all()
        index_errands.register_all()
        post_migrate.connect(index_errands.check, sender=self)
        adoption.listen()
        burial.listen()
        automatic.listen()
