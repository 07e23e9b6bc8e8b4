"""Writes words as a table that is safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

from recordings.providers.formats.times import is_known, write_clock
from recordings.providers.snapshots import Json, Utterance

# A cell that begins so would be run as a formula; the wide forms by spreadsheets of East Asia.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for an older encoding


def defused(value: Json) -> str:
    """The text of a cell: what a spreadsheet would run gets an apostrophe in front, numbers stay."""
    text = "" if value is None else str(value)
    is_number = isinstance(value, int | float)
    return f"'{text}" if text.startswith(FORMULA) and not is_number else text


def table(heads: Sequence[str], rows: Iterable[Sequence[Json]]) -> bytes:
    """CSV in UTF-8 with its mark; every cell defused."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return (MARK + out.getvalue()).encode()


def write_csv(utterances: Iterable[Utterance], *, has_speakers: bool = True, has_times: bool = True) -> bytes:
    """One row an utterance: start and end as ``00:01:02.345``, speaker, text; an unknown time is empty."""
    heads = [*(("start", "end") if has_times else ()), *(("speaker",) if has_speakers else ()), "text"]
    return table(heads, (_row(each, has_speakers=has_speakers, has_times=has_times) for each in utterances))


def clock(seconds: float | None) -> str:
    """A moment as a spreadsheet reads it; "" when it is not known."""
    return write_clock(seconds) if seconds is not None and is_known(seconds) else ""


def _row(utterance: Utterance, *, has_speakers: bool, has_times: bool) -> list[str]:
    times = [clock(utterance.start), clock(utterance.end)] if has_times else []
    return [*times, *([utterance.speaker] if has_speakers else []), utterance.text]
