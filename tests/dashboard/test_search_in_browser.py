"""Searching in a real Chromium, by keyboard alone."""

from typing import Any

import pytest

from dashboard.models import User
from recordings.models import Account
from tests.dashboard.browser import barriers, complaints, sign_in
from tests.transcripts.library import a_transcript, said


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_search_by_keyboard(page: Any, live_server: Any, operator: User, account: Account) -> None:
    transcript = a_transcript(
        account, said("good morning", "Bob", 0.0), said("the budget", "Ana", 751.0), title="Planning"
    )
    wrong = complaints(page)
    sign_in(page, live_server, operator)
    page.goto(f"{live_server.url}/operations/")

    page.keyboard.press("/")
    page.keyboard.type("budget speaker:ana")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="12:32 of").wait_for()
    assert barriers(page) == []
    page.get_by_role("link", name="Planning").focus()
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/transcripts/{transcript.key}/?t=752&q=budget")
    assert page.locator("mark").first.inner_text() == "budget"
    for path in ("/search/", "/search/?q=%22", "/search/?q=unheard", "/search/?q=budget&speaker=ana&since=x"):
        page.goto(f"{live_server.url}{path}")
        assert barriers(page) == [], path
    # No provider has the sound of this recording.
    assert [each for each in wrong if "404" not in each] == []
