"""The form of a preset: the form of its order, with a name and nothing required."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from dashboard.forms import OrderForm
from recordings import presets
from recordings.models import Account, Preset
from recordings.providers.options import Options
from recordings.providers.orders import Action
from recordings.validation import OrderRefused


class PresetForm(OrderForm):
    """A name, and the options as the order's own form has them."""

    name = forms.CharField(max_length=80, help_text="What operators choose it by.")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        preset: Preset,
        action: Action,
        given: Options | None = None,
    ) -> None:
        super().__init__(
            data,
            options=presets.fields_of(action),
            account=Account(provider=preset.provider),
            may_send_elsewhere=False,
            given=given,
            initial={"name": preset.name},
        )
        self.preset, self.action = preset, action
        del self.fields["order_key"], self.fields["seen"]

    def clean_name(self) -> str:
        """One name a kind of order."""
        name = str(self.cleaned_data["name"])
        alike = Preset.objects.filter(provider=self.preset.provider, kind=self.preset.kind, name=name)
        if alike.exclude(pk=self.preset.pk).exists():
            raise ValidationError("Another preset of this order has this name.")
        return name

    def checked(self) -> dict[str, Any] | None:
        """The options as they are kept; None when they are wrong, which the form then says."""
        if not self.is_valid():
            return None
        try:
            return presets.check(self.action, self.preset.provider, self.values())
        except OrderRefused as exc:
            self.refuse(exc.message, exc.errors)
            return None
