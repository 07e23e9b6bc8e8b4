"""Which transcripts a list shows."""

from django import forms
from django.db.models import QuerySet

from dashboard.listing import Filters, chosen, words
from dashboard.recording_filters import named
from recordings.models.mirror import OPEN
from recordings.providers.snapshots import Status
from transcripts.models import Transcript

STATUSES = (
    ("open", "on its way"),
    (Status.COMPLETED.value, "completed"),
    ("empty", "completed without a word"),
    (Status.FAILED.value, "failed"),
    (Status.DELETED.value, "deleted"),
)


class TranscriptFilters(Filters):
    """Status, engine, language, text and one reason besides what all lists have."""

    costly = ("q", "engine", "language", "reason")

    status = chosen("Status", "Any status", STATUSES)
    engine = words("Engine", "Any engine")
    language = words("Language", "Any language")
    q = words("Title or id", "Beginning of title or id")
    reason = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def narrow(self, rows: "QuerySet[Transcript]") -> "QuerySet[Transcript]":  # type: ignore[override]
        """The transcripts that pass."""
        rows = self._by_status(super().narrow(rows), self.get("status"))
        if self.get("engine"):
            rows = rows.filter(engine__istartswith=self.get("engine"))
        if self.get("language"):
            rows = rows.filter(language__istartswith=self.get("language"))
        if self.get("reason"):
            rows = rows.filter(reason_code=self.get("reason"))
        if self.get("q"):
            rows = rows.filter(named(self.get("q"), title="call__title"))
        return rows

    def _by_status(self, rows: "QuerySet[Transcript]", wanted: str | None) -> "QuerySet[Transcript]":
        match wanted:
            case None | "":
                return rows
            case "open":
                return rows.filter(status__in=OPEN)
            case "empty":
                return rows.filter(status=Status.COMPLETED, is_empty=True)
        return rows.filter(status=wanted)
