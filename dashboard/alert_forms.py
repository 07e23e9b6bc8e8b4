"""The form of a channel of alerts. Its address is sealed: it is typed once and never shown again."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from dashboard.alert_sending import NO_EMAIL
from dashboard.alerting import KINDS
from dashboard.models import AlertChannel
from recordings.providers.client import is_safe_link
from recordings.sealing import seal

HIDDEN = "Leave empty to keep the present one, which is not shown."


if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[AlertChannel]
else:
    _ModelForm = forms.ModelForm


class ChannelForm(_ModelForm):
    """Name, where it goes, and what is wanted there."""

    target = forms.CharField(
        label="Email address or webhook URL",
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    wants = forms.MultipleChoiceField(
        label="Alerts", choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = AlertChannel
        fields = ("name", "kind", "target", "wants", "digest_minutes", "is_active")
        labels = {"digest_minutes": "Digest, minutes", "is_active": "Switched on"}

    field_order = Meta.fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)
        self.fields["digest_minutes"].widget.attrs["max"] = "1440"
        if self.instance.pk:
            self.fields["target"].required = False
            self.fields["target"].help_text = HIDDEN
        else:
            self.initial["wants"] = list(KINDS)  # Else those of the empty channel: none.

    def clean_digest_minutes(self) -> int:
        """At most a day."""
        return min(int(self.cleaned_data["digest_minutes"]), 1440)

    def clean(self) -> dict[str, Any]:
        """The address must fit the kind; changing the kind needs a new one."""
        cleaned = super().clean() or self.cleaned_data
        target, kind = cleaned.get("target", ""), cleaned.get("kind")
        if target:
            self._check(str(kind), target)
        elif self.instance.pk and "kind" in self.changed_data:
            self.add_error("target", "Another kind needs another address.")
        return cleaned

    def save(self, commit: bool = True) -> AlertChannel:  # noqa: FBT001, FBT002 - Django's signature
        """Seal what was typed."""
        if self.cleaned_data["target"]:
            self.instance.sealed_target = seal({"target": self.cleaned_data["target"]})
            self.instance.problem = ""
        return super().save(commit)

    def _check(self, kind: str, target: str) -> None:
        if kind == AlertChannel.Kind.WEBHOOK:
            if not is_safe_link(target, settings.TAPEDECK_LOOPBACK_HOSTS) or urlsplit(target).username:
                self.add_error("target", "A webhook's address begins with https:// and names a host.")
            return
        if not settings.TAPEDECK_HAS_EMAIL:
            self.add_error("kind", NO_EMAIL)
        try:
            validate_email(target)
        except ValidationError as exc:
            self.add_error("target", exc)
