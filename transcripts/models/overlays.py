"""What people put over the provider's text: names of speakers and corrected lines, with their history.

A row is never changed but for ``is_current``: what was said before stays as history until the transcript
is deleted.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from transcripts.models.transcripts import Transcript


class Overlay(models.Model):
    """What every change has: who made it, when, and whether it still holds."""

    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="%(class)ss")
    is_current = models.BooleanField(default=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        abstract = True


class SpeakerName(Overlay):
    """What a speaker is called wherever the provider's text has this label."""

    label = models.CharField(
        max_length=300, blank=True, help_text="The provider's label; empty: lines without a speaker."
    )
    name = models.CharField(max_length=200, blank=True, help_text="Empty: the provider's label again.")

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["transcript", "label"], condition=Q(is_current=True), name="speaker_one_name"
            ),
        )
        permissions = (("correct_transcript", "Name speakers and correct lines of transcripts"),)

    def __str__(self) -> str:
        return f"{self.label}: {self.name}"


class LineCorrection(Overlay):
    """How one line reads; what is empty is as the provider gave it."""

    line = models.PositiveIntegerField(help_text="The number of the utterance, from 0.")
    said = models.TextField(help_text="The provider's text of the line, by which it is found again.")
    text = models.TextField(blank=True)
    speaker = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["transcript", "line"], condition=Q(is_current=True), name="correction_one_a_line"
            ),
        )

    def __str__(self) -> str:
        return self.text or self.speaker
