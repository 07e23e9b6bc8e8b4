"""Which recordings a list shows."""

import uuid

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from dashboard.listing import Filters, chosen, words
from recordings.models import Recording
from recordings.models.mirror import LIVE, OPEN
from recordings.providers.snapshots import Status
from transcripts.models import Transcript

STATUSES = (
    ("live", "recording or paused"),
    (Status.REQUESTED.value, "requested"),
    (Status.PROCESSING.value, "processing"),
    (Status.COMPLETED.value, "completed"),
    (Status.FAILED.value, "failed"),
    (Status.DELETED.value, "deleted"),
)
TRANSCRIPTS = (
    ("with", "with a transcript"),
    ("without", "without a transcript"),
    ("open", "transcript on its way"),
    ("failed", "transcript failed"),
)


class RecordingFilters(Filters):
    """Status, transcripts, text, one call and one reason besides what all lists have."""

    costly = ("q", "transcripts", "reason")

    status = chosen("Status", "Any status", STATUSES)
    transcripts = chosen("Transcripts", "With or without", TRANSCRIPTS)
    q = words("Title or id", "Beginning of title or id")
    call = forms.UUIDField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def narrow(self, rows: "QuerySet[Recording]") -> "QuerySet[Recording]":  # type: ignore[override]
        """The recordings that pass."""
        rows = super().narrow(rows)
        if self.get("status") == "live":
            rows = rows.filter(status__in=LIVE)
        elif self.get("status"):
            rows = rows.filter(status=self.get("status"))
        if self.get("reason"):
            rows = rows.filter(reason_code=self.get("reason"))
        if self.get("call"):
            rows = rows.filter(call__key=self.get("call"))
        if self.get("q"):
            rows = rows.filter(named(self.get("q"), title="call__title"))
        return self._by_transcripts(rows, self.get("transcripts"))

    def _by_transcripts(self, rows: "QuerySet[Recording]", wanted: str | None) -> "QuerySet[Recording]":
        theirs = Transcript.objects.filter(recording=OuterRef("pk"))
        match wanted:
            case "with":
                return rows.filter(Exists(theirs.filter(status=Status.COMPLETED)))
            case "without":
                return rows.exclude(Exists(theirs.filter(status=Status.COMPLETED)))
            case "open":
                return rows.filter(Exists(theirs.filter(status__in=OPEN)))
            case "failed":
                return rows.filter(Exists(theirs.filter(status=Status.FAILED)))
        return rows


def named(text: str, *, title: str) -> Q:
    """What begins with this text, by its title or the provider's id, or has this key of ours."""
    found = Q(**{f"{title}__istartswith": text}) | Q(external_id__startswith=text)
    try:
        return found | Q(key=uuid.UUID(text))
    except ValueError:
        return found
