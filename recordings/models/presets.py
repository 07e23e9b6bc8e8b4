"""Named option sets: what an operator would otherwise type again and again."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse


class Preset(models.Model):
    """The options of one kind of order at one provider, under a name."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.CharField(max_length=32)
    kind = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    options = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("provider", "kind", "name")
        constraints = (
            models.UniqueConstraint(fields=["provider", "kind", "name"], name="preset_unique_name"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("preset", args=[self.key])
