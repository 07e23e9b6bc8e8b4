"""Everything that the search page shows: things that have a pasted id, and transcripts with the words."""

from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode

from dashboard.lookup import Hit as Thing
from dashboard.lookup import look_up
from dashboard.models import User
from dashboard.reads import note_hits
from dashboard.search_form import SearchForm
from transcripts.index_errands import is_rebuilding
from transcripts.search import QueryError, Results, find, words_of

SEE = "transcripts.view_transcript"
NOTHING = Results(hits=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is. ``problem`` is why the words could not be looked for."""

    things: tuple[Thing, ...] = ()
    results: Results = NOTHING
    problem: str = ""

    @property
    def only_page(self) -> str:
        """The address of the one thing that has the id, if no transcript has it as words; else ""."""
        pages = {thing.url for thing in self.things}
        return pages.pop() if len(pages) == 1 and not self.results.hits else ""


def search(user: User, form: SearchForm, cursor: str) -> Found:
    """Look for both; who may not read transcripts finds ids only."""
    if not form.is_asked:
        return Found()
    things = () if cursor or form.filters else tuple(look_up(form.typed, user))
    if not user.has_perm(SEE):
        return Found(things=things)
    try:
        results = find(user, form.typed, order=form.sorting, after=cursor, filters=form.filters)
    except QueryError as exc:
        return Found(things=things, problem="" if things else str(exc))
    return Found(things=things, results=results)


def context(user: User, form: SearchForm, found: Found, cursor: str) -> dict[str, Any]:
    """What the page needs; what it shows of transcripts is noted as read."""
    note_hits(user, found.results.hits)
    words = words_of(form.typed)
    return {
        "form": form,
        "things": found.things,
        "results": found.results,
        "problem": found.problem,
        "page": {"next_cursor": found.results.next_cursor, "is_later": bool(cursor)},
        "reader_query": f"&{urlencode({'q': words})}" if words else "",
        "may_read": user.has_perm(SEE),
        "is_rebuilding": form.is_asked and is_rebuilding(),
    }
