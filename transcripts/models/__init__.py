"""Transcripts and their words, and what is made of them."""

from transcripts.models.comparisons import Comparison
from transcripts.models.exports import Export, ExportItem, ExportQuerySet
from transcripts.models.overlays import LineCorrection, SpeakerName
from transcripts.models.search import SearchEntry, SearchIndex
from transcripts.models.transcripts import IMPORTED, Transcript, TranscriptQuerySet, TranscriptText

__all__ = [
    "IMPORTED",
    "Comparison",
    "Export",
    "ExportItem",
    "ExportQuerySet",
    "LineCorrection",
    "SearchEntry",
    "SearchIndex",
    "SpeakerName",
    "Transcript",
    "TranscriptQuerySet",
    "TranscriptText",
]
