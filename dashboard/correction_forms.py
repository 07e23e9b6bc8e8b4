"""Forms with which people name speakers and correct lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from dashboard.models import User
from recordings.providers.snapshots import Json
from transcripts.models import Transcript
from transcripts.overlays import label_of
from transcripts.overlays_changes import LONGEST_LINE, LONGEST_NAME, correct_line, rename_speaker

LINE, EVERYWHERE = "line", "everywhere"


def _name(**facts: Any) -> forms.CharField:
    """A name, offered among those that are here already (templates/transcripts/_names.html)."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "list": "speaker-names"})
    return forms.CharField(max_length=LONGEST_NAME, required=False, widget=widget, **facts)


class SpeakerForm(forms.Form):
    """What a speaker is called wherever the provider's text has this label."""

    label = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)
    name = _name(help_text="Empty: the provider's own word again. The provider's text is never changed.")

    def __init__(self, *args: Any, names: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names

    def save(self, user: User, transcript: Transcript) -> bool:
        """Raises ``CorrectionRefused``."""
        return rename_speaker(user, transcript, self.cleaned_data["label"], self.cleaned_data["name"])


class LineForm(forms.Form):
    """What one line says, and who says it."""

    text = forms.CharField(
        max_length=LONGEST_LINE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "autofocus": True}),
        help_text="Empty: as the provider gave it.",
    )
    speaker = _name()
    scope = forms.ChoiceField(
        choices=((LINE, "This line only"), (EVERYWHERE, "Every line of this speaker")),
        widget=forms.RadioSelect,
        initial=LINE,
        label="A new name is for",
    )

    def __init__(
        self, *args: Any, line: int, given: Mapping[str, Json], names: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.line, self.given, self.names = line, given, names

    def clean_text(self) -> str:
        """Browsers send line ends of their own."""
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n")

    @property
    def is_about_speaker(self) -> bool:
        """Whether more than the words of this line may read otherwise now."""
        return "speaker" in self.changed_data

    def save(self, user: User, transcript: Transcript) -> None:
        """Raises ``CorrectionRefused``."""
        text = self.cleaned_data["text"] if self._has_new_text else None
        speaker = self.cleaned_data["speaker"] if self.is_about_speaker else None
        if speaker is not None and self.cleaned_data["scope"] == EVERYWHERE:
            rename_speaker(user, transcript, label_of(self.given), speaker)
            speaker = ""
        if text is not None or speaker is not None:
            correct_line(user, transcript, self.line, text=text, speaker=speaker)

    @property
    def _has_new_text(self) -> bool:
        return bool(self.cleaned_data["text"] != str(self.initial.get("text", "")).strip())
