"""Media that were copied into our own storage, to outlive the provider's time of keeping."""

import uuid
from typing import Self

from django.db import models

from recordings.models.mirror import Recording
from recordings.models.work import Operation


class RescueQuerySet(models.QuerySet["Rescue"]):
    """Rescued media by what they are of."""

    def of(self, key: uuid.UUID, variant: str) -> Self:
        return self.filter(recording__key=key, variant=variant)


class Rescue(models.Model):
    """One whole file, checked against what came over the wire before it got its name."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="rescues")
    operation = models.ForeignKey(
        Operation, null=True, blank=True, on_delete=models.SET_NULL, related_name="rescues"
    )
    variant = models.CharField(max_length=40)
    label = models.CharField(max_length=60, blank=True)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    kept_at = models.DateTimeField()

    objects = RescueQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["recording", "variant"], name="rescue_once"),)

    def __str__(self) -> str:
        return f"{self.variant} of {self.recording_id}"
