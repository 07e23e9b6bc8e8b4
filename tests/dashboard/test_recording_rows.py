"""The rows of the list of recordings: what each cell says, and that nothing in it is taken for HTML."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.recording_rows import drawn
from recordings.models import Account, Call, Recording
from transcripts.models import Transcript

AT = datetime(2020, 1, 2, 3, 4, tzinfo=UTC)
ODD = """<b>&"'"""
ODD_DRAWN = "&lt;b&gt;&amp;&quot;&#x27;"


def row(*, transcripts: tuple[Transcript, ...] = (), is_selectable: bool = False, **facts: Any) -> str:
    account = Account(name=f"Phones {ODD}", provider="recall")
    recording = Recording(
        **{"account": account, "sort_at": AT, "status": "completed", "external_id": "r1", **facts}
    )
    return drawn([(recording, transcripts)], is_selectable=is_selectable)


def cells(html: str) -> dict[str, str]:
    return dict(re.findall(r'<t[dh] data-label="([^"]+)"[^>]*>(.*?)</t[dh]>', html))


def test_row_leads_to_its_recording_and_says_what_is_known() -> None:
    recording = Recording(
        account=Account(name="Phones", provider="recall"),
        call=Call(title="Weekly"),
        sort_at=AT,
        status="completed",
        duration_seconds=247.6,
    )
    html = drawn([(recording, ())], is_selectable=False)

    assert html.startswith(f'<tr id="recording-{recording.key}">')
    told = cells(html)
    assert told["Call"] == f'<a href="/recordings/{recording.key}/"><bdi>Weekly</bdi></a>'
    assert told["Began"].endswith(">2 Jan 2020 03:04</time>")
    assert (told["Account"], told["Length"], told["Media until"], told["Transcripts"]) == (
        *("Phones", "4:07"),
        *("", ""),
    )
    assert "Select" not in told


def test_what_people_and_providers_wrote_is_escaped() -> None:
    told = cells(row(call=Call(title=ODD), reason=ODD, is_selectable=True))

    assert f"<bdi>{ODD_DRAWN}</bdi>" in told["Call"]
    assert told["Account"] == f"Phones {ODD_DRAWN}"
    assert f'<span title="{ODD_DRAWN}">' in told["Status"]
    assert f'aria-label="Select {ODD_DRAWN}"' in told["Select"]
    assert 'form="bulk" name="key"' in told["Select"]


@pytest.mark.parametrize(
    ("facts", "length", "until"),
    [
        ({"status": "in_progress", "started_at": AT}, "data-running", ""),
        ({"status": "in_progress"}, "", ""),
        ({"status": "failed", "started_at": AT}, "", ""),
        ({"duration_seconds": 0.0}, "0:00", ""),
        ({"media_expires_at": AT + timedelta(days=1)}, "", "data-age"),
        ({"media_expires_at": AT, "status": "deleted"}, "", ""),
    ],
)
def test_length_runs_while_it_is_live_and_media_are_gone_with_the_recording(
    facts: dict[str, Any], length: str, until: str
) -> None:
    told = cells(row(**facts))

    assert (length in told["Length"], until in told["Media until"]) == (True, True)
    assert bool(told["Length"]) == bool(length)
    assert bool(told["Media until"]) == bool(until)


def test_transcripts_are_named_by_their_engine_and_counted_beyond_four() -> None:
    account = Account(provider="recall")
    words = [
        Transcript(account=account, engine="recallai_async", status="completed"),
        Transcript(account=account, engine=ODD, status="failed"),
        *(Transcript(account=account, status="completed", is_empty=True) for _ in range(4)),
    ]

    told = cells(row(transcripts=tuple(words)))["Transcripts"]
    few = cells(row(transcripts=tuple(words[:4])))["Transcripts"]

    assert told.startswith(f'<ul class="cluster"><li><a class="plain" href="/transcripts/{words[0].key}/"')
    assert f'title="{ODD_DRAWN}"' in told
    assert (told.count('title="Transcript"'), told.count(">no words<")) == (2, 2)
    assert told.endswith('<li class="muted small">and 2 more</li></ul>')
    assert " more" not in few


def test_no_recordings_are_no_rows() -> None:
    assert drawn([], is_selectable=True) == ""
