"""Two transcripts side by side as HTML, written here: for thousands of rows a template takes too long."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.ages import clock_text
from recordings.providers.snapshots import Json
from transcripts.comparing_rows import REPLACED

UNKNOWN = "Speaker not known"
_ROW = (
    '<li class="pair"{differs}><div class="pair-side" data-side="A">{a}</div>'
    '<div class="pair-side" data-side="B">{b}</div></li>'
)
# Names and words stand alone for the eye that reads from the other side: whatever direction marks they
# carry, they change nothing around them.
_STRETCH = (
    '<p class="pair-head">{time} <bdi class="pair-who"{differs}>{who}</bdi></p>'
    '<p class="pair-text"><span dir="auto">{text}</span></p>'
)
_TIME = '<a class="pair-time" href="{address}">{clock}</a>'
_NO_TIME = '<span class="pair-time" title="The provider gave no time">–</span>'
_MARK = '<mark data-kind="{kind}" data-n="{number}">{text}</mark>'
_NOTHING = '<p class="pair-nothing">no words here</p>'
_OTHER = ' data-differs title="Elsewhere the other transcript has these words from somebody else"'


def pairs(rows: Iterable[Mapping[str, Json]], addresses: Sequence[str]) -> SafeString:
    """One list item a row; ``addresses`` are the pages of both transcripts."""
    return mark_safe("".join(_row(row, addresses) for row in rows))  # noqa: S308 - every word of it was escaped


def differs(row: Mapping[str, Json]) -> bool:
    """Whether anything in a row is not the same on both sides."""
    sides = (*row["a"], *row["b"])
    return any(each["differs"] or any(len(part) > 1 for part in each["parts"]) for each in sides)


def _row(row: Mapping[str, Json], addresses: Sequence[str]) -> str:
    first, second = (
        "".join(_stretch(each, address) for each in row[side])
        for side, address in zip("ab", addresses, strict=True)
    )
    return _ROW.format(
        differs=" data-differs" if differs(row) else "", a=first or _NOTHING, b=second or _NOTHING
    )


def _stretch(stretch: Mapping[str, Json], address: str) -> str:
    at = stretch["at"]
    time = _NO_TIME if at is None else _TIME.format(address=_moment(address, at), clock=clock_text(at))
    return _STRETCH.format(
        time=time,
        differs=_OTHER if stretch["differs"] else "",
        who=escape(stretch["who"] or UNKNOWN),
        text="".join(_part(part) for part in stretch["parts"]),
    )


def _part(part: Sequence[Json]) -> str:
    if len(part) == 1:
        return escape(part[0])
    kind = "replaced" if part[1] == REPLACED else "only"
    return _MARK.format(kind=kind, number=part[2], text=escape(part[0]))


def _moment(address: str, seconds: float) -> str:
    return f"{escape(address)}?{urlencode({'t': f'{seconds:g}'})}"
