"""Transcripts and their words."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from recordings import clock, connections
from recordings.models import Call, Recording
from recordings.models.accounts import ScopedQuerySet
from recordings.models.mirror import FINAL, OPEN, Mirrored
from recordings.providers.snapshots import Status

IMPORTED = "import"  # the kind of those that came as a file, and from no provider


class TranscriptQuerySet(ScopedQuerySet["Transcript"]):
    """Transcripts by what an operator asks of them."""

    def for_list(self) -> Self:
        """Without the big columns."""
        return self.select_related("account", "recording").defer("raw", "recording__raw", "handle")

    def only_here(self) -> Self:
        """What is left here of something that no provider has: a file of a person, or a copy of ours."""
        imported = Q(kind=IMPORTED, external_id="") & ~Q(status=Status.DELETED)
        return self.filter(imported | Q(status=Status.DELETED, text__isnull=False), is_buried=False)

    def overdue(self) -> Self:
        """Still open so long after the recording ended that it may never come: it is pushed once or never."""
        now = clock.now()
        late = Q(pk__in=[])
        for provider, face in connections.faces().items():
            if face.transcript_overdue_seconds is not None:
                latest = now - timedelta(seconds=face.transcript_overdue_seconds)
                late |= Q(account__provider=provider, over_at__lte=latest)
        over = When(recording__status__in=FINAL, then="recording__status_at")
        over_at = Coalesce("recording__completed_at", Case(over), "call__ended_at")
        return self.filter(status__in=OPEN).annotate(over_at=over_at).filter(late)


class Transcript(Mirrored):
    """One of possibly many transcripts of a recording; never overwritten by another."""

    recording = models.ForeignKey(
        Recording, null=True, blank=True, on_delete=models.PROTECT, related_name="transcripts"
    )
    recording_external_id = models.CharField(
        max_length=200, blank=True, help_text="Of a recording that is not in the mirror yet."
    )
    call = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.PROTECT, related_name="transcripts"
    )
    kind = models.CharField(max_length=40, blank=True)
    engine = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=40, blank=True)
    status = models.CharField(
        max_length=12, choices=[(status.value, status.value) for status in Status], default=Status.REQUESTED
    )
    handle = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=dict, blank=True)
    sort_at = models.DateTimeField(help_text="When it began, as far as known: the order of lists.")
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.FloatField(null=True, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    currency = models.CharField(max_length=8, blank=True)
    is_empty = models.BooleanField(default=False, help_text="Completed without a word.")
    is_primary = models.BooleanField(default=False)
    has_text = models.BooleanField(default=False, help_text="Its words are stored here.")
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_buried = models.BooleanField(default=False, help_text="A tombstone: nothing brings it back.")

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        ordering = ("-sort_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "external_id"],
                condition=~Q(external_id=""),
                name="transcript_unique_external_id",
            ),
            models.UniqueConstraint(
                fields=["recording"], condition=Q(is_primary=True), name="transcript_one_primary"
            ),
        )
        indexes = (
            models.Index(fields=["-sort_at", "-id"], name="transcript_page"),
            models.Index(fields=["account", "-sort_at", "-id"], name="transcript_account_page"),
            models.Index(fields=["status", "-sort_at", "-id"], name="transcript_status_page"),
            models.Index(
                fields=["account", "recording_external_id"],
                condition=~Q(recording_external_id=""),
                name="transcript_orphan",
            ),
        )

    def __str__(self) -> str:
        return self.external_id or str(self.key)

    def get_absolute_url(self) -> str:
        return reverse("transcript", args=[self.key])

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def is_imported(self) -> bool:
        """Whether no provider ever had it: what happens to it happens here only."""
        return self.kind == IMPORTED and not self.external_id

    @property
    def is_only_here(self) -> bool:
        """Like ``only_here`` of the query set."""
        if self.is_buried or self.status != Status.DELETED:
            return self.is_imported and not self.is_buried
        return TranscriptText.objects.filter(transcript=self).exists()

    @property
    def is_overdue(self) -> bool:
        """Like ``overdue`` of the query set."""
        allowed = connections.face(self.account.provider).transcript_overdue_seconds
        over_at = self._over_at()
        if allowed is None or over_at is None or self.status not in OPEN:
            return False
        return clock.now() - over_at >= timedelta(seconds=allowed)

    def _over_at(self) -> datetime | None:
        recording, call = self.recording, self.call
        if recording is not None:
            known = recording.completed_at or (recording.status_at if recording.is_final else None)
            if known is not None:
                return known
        return call.ended_at if call is not None else None


class TranscriptText(models.Model):
    """The words of one transcript: read once from the provider, immutable from then on."""

    transcript = models.OneToOneField(Transcript, on_delete=models.CASCADE, related_name="text")
    utterances = models.JSONField(
        default=list,
        help_text="[{speaker, start, end, text, channel, confidence, language, "
        "words: [[text, start, end, confidence]]}]",
    )
    words = models.PositiveIntegerField(default=0)
    files = models.JSONField(
        default=list, help_text="[{name, content_type, path, size, sha256}], paths inside the data folder."
    )
    language = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True, help_text="Why there are no words, if the provider says.")
    problem = models.TextField(blank=True, help_text="Why a file could not be read.")
    extra = models.JSONField(null=True, blank=True)
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.words} words"
