"""Reads and writes the transcript formats that no provider owns: WebVTT, SubRip and plain text.

Readers never raise: what cannot be understood is kept as text without times and told in ``problem``.
"""

from recordings.providers.formats.encodings import decode
from recordings.providers.formats.files import read_any
from recordings.providers.formats.plain import read_plain
from recordings.providers.formats.srt import read_srt
from recordings.providers.formats.turns import merge_turns
from recordings.providers.formats.vtt import read_vtt
from recordings.providers.formats.writers import write_srt, write_text, write_vtt

__all__ = [
    "decode",
    "merge_turns",
    "read_any",
    "read_plain",
    "read_srt",
    "read_vtt",
    "write_srt",
    "write_text",
    "write_vtt",
]
