"""Uploads that are too large are turned away while they come in, and not when they are here."""

from typing import Any

from django import forms
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from transcripts.imports import LARGEST

ENDINGS = (".vtt", ".srt")
TOO_LARGE = f"The file is larger than {LARGEST // 1024 // 1024} MB: nothing was kept of it."


class Capped(FileUploadHandler):
    """Reads on to the end, so that the answer is heard, but keeps nothing past the limit."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.is_too_large = False
        self._size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Raises ``StopUpload`` past the limit."""
        self._size += len(raw_data)
        if self._size > LARGEST:
            self.is_too_large = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one keep the file."""


class ImportForm(forms.Form):
    """One caption file."""

    file = forms.FileField(
        label="Caption file",
        help_text=f"WebVTT (.vtt) or SubRip (.srt), up to {LARGEST // 1024 // 1024} MB, in any encoding.",
        allow_empty_file=True,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ",".join((*ENDINGS, "text/vtt")), "data-largest": LARGEST}),
    )

    def __init__(self, data: Any = None, files: Any = None, *, is_too_large: bool = False) -> None:
        super().__init__(data, files, auto_id="import-%s")
        self._is_too_large = is_too_large

    def clean(self) -> dict[str, Any]:
        """What was too large never came in: its message stands instead of "no file"."""
        if self._is_too_large:
            self.errors.pop("file", None)
            self.add_error("file", TOO_LARGE)
        return self.cleaned_data

    def clean_file(self) -> Any:
        """The ending says what it is meant to be; what is inside is read as well as it can be."""
        file = self.cleaned_data["file"]
        if not file.name.lower().endswith(ENDINGS):
            raise forms.ValidationError("Only .vtt and .srt files can be imported.")
        return file
