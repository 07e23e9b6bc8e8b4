"""The ledger's pages: each number opens its rows, each row shows both values and a repair."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard import ledger_page, repairs, silences
from dashboard.models import User
from recordings import clock, ledger
from recordings.models import Account, Call, Errand, LedgerDay, LedgerEntry, Recording, WebhookDelivery
from tests.dashboard import samples
from tests.simulators.recall import RecallSimulator
from tests.world import World
from transcripts.models import Transcript

TODAY = "2026-11-20"


def rows_url(account: Account, column: str, things: str = "recordings", day: str = TODAY) -> str:
    return reverse("account-ledger-rows", args=[account.key, things, day, column])


@pytest.fixture
def swept(world: World, recall: RecallSimulator, account: Account) -> Account:
    """Three found by a sweep, one of them deleted here since and one running here only."""
    recall.fill(3, apart=600.0)
    world.sweep(account)
    world.clock.advance(60)
    world.sweep(account)
    first = Recording.objects.earliest("sort_at")
    Recording.objects.filter(pk=first.pk).update(status="deleted", is_buried=True)
    world.clock.advance(60)
    world.sweep(account)
    return account


def counts(page: str, things: str = "recordings") -> dict[str, str]:
    line = page.partition(f'id="day-{things}-{TODAY}"')[2].partition("</tr>")[0]
    cells = re.findall(r'data-label="(\w+)" class="num[^>]*>\s*<[^>]*>(\d+)<', line)
    return dict(cells)


def test_each_number_of_a_day_opens_as_many_rows(
    signed_in: Callable[[User], Client], viewer: User, swept: Account
) -> None:
    client = signed_in(viewer)
    page = client.get(reverse("account-ledger", args=[swept.key])).content.decode()

    shown = counts(page)
    assert shown == {
        "Provider": "3",
        "Here": "2",
        "Matched": "2",
        "Added": "3",
        "Repaired": "0",
        "Differing": "1",
        "Unexplained": "0",
    }
    for name, label, _ in ledger_page.COLUMNS:
        assert len(client.get(rows_url(swept, name)).context["rows"]) == int(shown[label]), name


def test_row_shows_both_values_and_its_repairs(
    signed_in: Callable[[User], Client], manager: User, viewer: User, world: World, swept: Account
) -> None:
    row = Recording.objects.earliest("sort_at")
    url = rows_url(swept, "differing")
    page = signed_in(manager).get(url).content.decode()

    assert f"<code>deleted</code> → <code>{'completed'}</code>" in page
    assert row.get_absolute_url() in page
    assert "Read anew" in page
    assert "Read anew" not in signed_in(viewer).get(url).content.decode()


def test_unexplained_row_can_be_deleted_by_its_form(
    signed_in: Callable[[User], Client], operator: User, viewer: User, world: World, account: Account
) -> None:
    things = samples.failing(world, account)
    form = reverse("order", args=["recording", things.recording.key, "recording.delete"])

    assert form in signed_in(operator).get(rows_url(account, "unexplained")).content.decode()
    assert form not in signed_in(viewer).get(rows_url(account, "unexplained")).content.decode()
    assert form not in signed_in(operator).get(rows_url(account, "repaired")).content.decode()
    Recording.objects.update(is_buried=True)
    assert form not in signed_in(operator).get(rows_url(account, "unexplained")).content.decode()


def test_transcripts_have_their_own_form(
    signed_in: Callable[[User], Client], operator: User, world: World, account: Account
) -> None:
    things = samples.failing(world, account)
    LedgerEntry.objects.update(things="transcripts", row_key=things.transcript.key)
    form = reverse("order", args=["transcript", things.transcript.key, "transcript.delete"])

    page = signed_in(operator).get(rows_url(account, "unexplained", "transcripts")).content.decode()
    assert form in page
    assert things.transcript.get_absolute_url() in page


def test_reading_anew_asks_the_provider_for_one_or_for_all(
    signed_in: Callable[[User], Client], manager: User, world: World, swept: Account
) -> None:
    client = signed_in(manager)
    Errand.objects.filter(kind="recording.fetch").delete()
    row = Recording.objects.earliest("sort_at")
    url = reverse("account-ledger-read", args=[swept.key, "recordings", TODAY, "listed"])

    client.post(url, {"thing": str(row.key)})
    assert set(Errand.objects.filter(kind="recording.fetch").values_list("subject", flat=True)) == {
        row.external_id
    }
    client.post(url, {"thing": "nonsense"})
    assert Errand.objects.filter(kind="recording.fetch").count() == 1
    response = client.post(url, follow=True)
    assert Errand.objects.filter(kind="recording.fetch", state="queued").count() == 3
    assert "3 are read anew now" in response.content.decode()
    differing = reverse("account-ledger-read", args=[swept.key, "recordings", TODAY, "differing"])
    assert "1 is read anew now" in client.post(differing, follow=True).content.decode()


def test_too_many_are_left_to_a_sweep(
    signed_in: Callable[[User], Client], manager: User, swept: Account, monkeypatch: Any
) -> None:
    monkeypatch.setattr(repairs, "AT_MOST", 2)
    url = reverse("account-ledger-read", args=[swept.key, "recordings", TODAY, "listed"])

    page = signed_in(manager).post(url, follow=True).content.decode()

    assert "have everything swept instead" in page
    assert not Errand.objects.filter(kind="recording.fetch", state="queued").exists()


def test_sweep_begins_here_and_its_progress_is_shown(
    signed_in: Callable[[User], Client], manager: User, viewer: User, world: World, account: Account
) -> None:
    url = reverse("account-ledger", args=[account.key])
    world.sweep(account)
    world.clock.advance(30)
    answer = signed_in(manager).post(reverse("account-sweep", args=[account.key, "full"]), {"from": "ledger"})
    assert answer.headers["Location"] == url

    Errand.objects.filter(kind="sweep.full").update(step=2, progress={"pages": 2, "seen": 200, "problem": ""})
    page = signed_in(viewer).get(url).content.decode()
    assert "running" in page
    assert "200 seen" in page
    assert "Sweep everything" not in page


def test_poll_is_answered_only_when_something_changed(
    signed_in: Callable[[User], Client], viewer: User, world: World, swept: Account
) -> None:
    client = signed_in(viewer)
    url, htmx = reverse("account-ledger", args=[swept.key]), {"HX-Request": "true"}
    stamp = client.get(url).context["stamp"]

    assert client.get(url, {"stamp": stamp}, headers=htmx).status_code == 204
    LedgerEntry.objects.all().delete()
    again = client.get(url, {"stamp": stamp}, headers=htmx)
    assert again.status_code == 200
    assert "<html" not in again.content.decode()


def test_older_days_stand_on_later_pages(
    signed_in: Callable[[User], Client], viewer: User, account: Account
) -> None:
    today = clock.now().date()
    for number in range(ledger_page.DAYS + 3):
        LedgerDay.objects.create(
            account=account, things="recordings", day=today - timedelta(days=number), began_at=clock.now()
        )
    client, url = signed_in(viewer), reverse("account-ledger", args=[account.key])

    first = client.get(url)
    assert len(first.context["lines"]) == ledger_page.DAYS
    second = client.get(url, {"before": first.context["before"]})
    assert len(second.context["lines"]) == 3
    assert second.context["before"] == ""
    assert client.get(url, {"before": "nonsense"}).context["lines"] == first.context["lines"]


def test_day_that_was_never_listed_is_empty(
    signed_in: Callable[[User], Client], viewer: User, account: Account
) -> None:
    client = signed_in(viewer)
    Recording.objects.create(
        account=account, external_id="a", status="completed", sort_at=clock.now() - timedelta(days=400)
    )
    old = (clock.now() - timedelta(days=400)).date().isoformat()
    assert "Nothing any more" in client.get(rows_url(account, "listed", day=old)).content.decode()
    assert len(client.get(rows_url(account, "ours", day=old)).context["rows"]) == 1


# Gaps in the callbacks.


@pytest.fixture
def silent(world: World, account: Account) -> Account:
    """A callback, thirty hours of nothing while three recordings of strangers ran, and a callback."""
    began = timezone.now()
    Account.objects.filter(pk=account.pk).update(created_at=began - timedelta(days=3))
    account.refresh_from_db()
    for hours, name in ((31, "a"), (1, "b")):
        WebhookDelivery.objects.create(
            account=account, dedupe_id=name, received_at=began - timedelta(hours=hours)
        )
    for hours in (28, 20, 10):
        Recording.objects.create(
            account=account,
            external_id=f"r{hours}",
            status="completed",
            sort_at=began - timedelta(hours=hours),
            found_by="sweep",
        )
    Recording.objects.create(
        account=account,
        external_id="told",
        status="completed",
        sort_at=began - timedelta(hours=31, minutes=5),
        found_by="webhook",
    )
    return account


def test_thirty_silent_hours_are_found_with_what_was_missed(silent: Account) -> None:
    (gap,) = silences.gaps(silent)

    assert (gap.hours, gap.missed, gap.swept_at) == (30, 3, None)


def test_gap_is_shown_with_the_sweep_that_covers_it(
    signed_in: Callable[[User], Client], viewer: User, world: World, silent: Account
) -> None:
    url = reverse("account-ledger", args=[silent.key])
    page = signed_in(viewer).get(url).content.decode()
    assert "30 h without a callback, while 3 recordings began" in page
    assert "no complete sweep has covered it yet" in page

    world.sweep(silent)
    page = signed_in(viewer).get(url).content.decode()
    assert "covered by the sweep of" in page


def test_silence_goes_on_until_somebody_calls_back(silent: Account) -> None:
    WebhookDelivery.objects.filter(dedupe_id="b").delete()
    (gap,) = silences.gaps(silent)
    assert (gap.ended_at, gap.hours) == (None, 31)
    LedgerDay.objects.create(
        account=silent, things="recordings", day=timezone.now().date(), began_at=timezone.now()
    )
    assert silences.gaps(silent)[0].swept_at == timezone.now()

    WebhookDelivery.objects.all().delete()
    (gap,) = silences.gaps(silent)
    assert (gap.began_at, gap.ended_at, gap.hours, gap.missed) == (None, None, None, 4)


def test_quiet_hours_without_recordings_are_no_gap(silent: Account) -> None:
    Recording.objects.filter(found_by="sweep").delete()

    assert silences.gaps(silent) == []


def test_strangers_are_missed_only_where_callbacks_tell_of_strangers(silent: Account) -> None:
    Recording.objects.filter(found_by="webhook").delete()

    assert silences.gaps(silent) == []


def test_no_callback_is_missed_where_none_can_come(silent: Account, settings: Any) -> None:
    settings.PUBLIC_URL = ""

    assert silences.gaps(silent) == []


def test_many_gaps_are_cut_short(silent: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(silences, "MOST", 1)
    WebhookDelivery.objects.create(
        account=silent, dedupe_id="c", received_at=timezone.now() - timedelta(hours=15)
    )

    (gap,) = silences.gaps(silent)

    assert (gap.missed, gap.hours) == (1, 14)


def test_rhythm_is_the_usual_time_between_two_callbacks(account: Account) -> None:
    assert silences.rhythm(account) is None
    now = timezone.now()
    for minutes in (0, 3, 6, 9, 2000, 2003):
        WebhookDelivery.objects.create(
            account=account, dedupe_id=str(minutes), received_at=now - timedelta(minutes=minutes)
        )

    assert silences.rhythm(account) == timedelta(minutes=3)


def test_book_of_transcripts_is_known() -> None:
    assert ledger.book_of("transcripts").model is Transcript
    assert Call not in {ledger.book_of(name).model for name in ("recordings", "transcripts")}
