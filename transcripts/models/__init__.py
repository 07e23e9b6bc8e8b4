"""Transcripts and their words, and what is made of them."""

from transcripts.models.transcripts import Transcript, TranscriptQuerySet, TranscriptText

__all__ = ["Transcript", "TranscriptQuerySet", "TranscriptText"]
