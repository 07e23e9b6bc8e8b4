"""Comparisons of two transcripts of one recording, kept until one of the texts changes."""

import uuid

from django.db import models

from transcripts.models.transcripts import Transcript


class Comparison(models.Model):
    """What differs between two texts, as of these versions of them."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="comparisons")
    other = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="+")
    is_original = models.BooleanField(default=False, help_text="Without people's names and corrections.")
    reference_version = models.CharField(max_length=100, blank=True)
    other_version = models.CharField(max_length=100, blank=True)
    result = models.JSONField(null=True, blank=True)
    problem = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["reference", "other", "is_original"], name="comparison_unique_pair"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference_id} and {self.other_id}"
