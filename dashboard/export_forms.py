"""The form of an export: which file, with what in it, as the person wanted it last time."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from dashboard.models import User
from transcripts.exports import LABELS, Format, Options, options_of

PREFERENCE = "export"
WORDINGS = (
    ("", "As people read them: with names and corrections"),
    ("original", "As they came from the provider"),
)


class ExportForm(forms.Form):
    """Format, speakers, times and wording."""

    order_key = forms.CharField(widget=forms.HiddenInput, max_length=100)
    format = forms.ChoiceField(
        label="File", choices=[(form.value, f"{form.upper()} – {label}") for form, label in LABELS.items()]
    )
    has_speakers = forms.BooleanField(label="Name the speakers", required=False)
    has_times = forms.BooleanField(
        label="Give the times", required=False, help_text="Captions (VTT, SRT) have them always."
    )
    wording = forms.ChoiceField(label="Words", choices=WORDINGS, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User, form: str = "") -> None:
        """`form` is a format that the address asks for."""
        wanted = remembered(user)
        super().__init__(
            data,
            auto_id="export-%s",
            initial={
                "order_key": uuid.uuid4(),
                "format": form if form in list(Format) else wanted.format,
                "has_speakers": wanted.has_speakers,
                "has_times": wanted.has_times,
                "wording": "original" if wanted.is_original else "",
            },
        )

    def options(self) -> Options:
        """Return what was chosen, once the form is valid."""
        chosen = self.cleaned_data
        return Options(
            format=Format(chosen["format"]),
            has_speakers=chosen["has_speakers"],
            has_times=chosen["has_times"],
            is_original=chosen["wording"] == "original",
        )


def remembered(user: User) -> Options:
    """Return what this person chose last."""
    stored = user.preferences.get(PREFERENCE)
    return options_of(stored if isinstance(stored, dict) else {})


def remember(user: User, options: Options) -> None:
    """Begin with these the next time."""
    if remembered(user) != options or PREFERENCE not in user.preferences:
        user.preferences = {**user.preferences, PREFERENCE: options.as_json()}
        user.save(update_fields=["preferences"])
