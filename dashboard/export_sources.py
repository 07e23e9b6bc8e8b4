"""Lists from which all that their filters let through can be exported."""

from typing import cast

from django.contrib.auth.models import AbstractUser
from django.http import QueryDict

from dashboard.models import User
from dashboard.recording_filters import RecordingFilters
from dashboard.search_form import SearchForm
from dashboard.transcript_filters import TranscriptFilters
from recordings.models import Recording
from transcripts import archives
from transcripts.archives import Source
from transcripts.models import Transcript
from transcripts.search import QueryError, find_ids

AT_ONCE = 200
COUNTED, PAGES = 1_000, 10  # further nobody counts before a form is shown
# Of each source, the route of its list.
ROUTES = {"transcripts": "transcripts", "recordings": "recordings", "search": "search"}


def of_transcripts(user: AbstractUser, query: str, cursor: str) -> tuple[list[int], str]:
    """The list of transcripts: those of them that have words."""
    filters = TranscriptFilters(QueryDict(query), user=cast("User", user))
    rows = Transcript.objects.filter(has_text=True, is_buried=False).only("pk", "sort_at", "account_id")
    found = filters.page(rows, cursor, size=AT_ONCE)
    return [row.pk for row in found.rows], found.next_cursor


def of_recordings(user: AbstractUser, query: str, cursor: str) -> tuple[list[int], str]:
    """The list of recordings: of each the transcript that is shown first."""
    filters = RecordingFilters(QueryDict(query), user=cast("User", user))
    rows = Recording.objects.only("pk", "sort_at", "account_id")
    found = filters.page(rows, cursor, size=AT_ONCE)
    first = Transcript.objects.filter(recording__in=found.rows, is_primary=True, has_text=True)
    return list(first.order_by("-sort_at", "-pk").values_list("pk", flat=True)), found.next_cursor


def of_search(user: AbstractUser, query: str, cursor: str) -> tuple[list[int], str]:
    """A search: everything that it finds, newest first."""
    form = SearchForm(QueryDict(query), user=cast("User", user))
    try:
        return find_ids(user, form.typed, after=cursor, filters=form.filters) if form.is_asked else ([], "")
    except QueryError:
        return [], ""


def register_all() -> None:
    """Make these lists known to the exports."""
    archives.register_source("transcripts", Source(label="The list of transcripts", find=of_transcripts))
    archives.register_source("search", Source(label="A search", find=of_search))
    archives.register_source("recordings", Source(label="The list of recordings", find=of_recordings))


def count(source: Source, user: User, query: str) -> tuple[int, bool]:
    """Return how many it would be now, and whether that is only what was counted so far."""
    total, cursor = 0, ""
    for _ in range(PAGES):
        found, cursor = source.find(user, query, cursor)
        total += len(found)
        if not cursor or total >= COUNTED:
            break
    return total, bool(cursor)
