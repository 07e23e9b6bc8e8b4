"""Expiry: what providers will delete, the soonest first; rescued one by one, in bulk, or by a rule."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from dashboard import expiry
from dashboard.expiry import ExpiryFilters
from recordings import rescues
from recordings.models import Batch, Operation, Recording, Rescue, Rule
from recordings.providers.snapshots import Status

LIST = "/expiry/"


@pytest.fixture(autouse=True)
def _own_data_folder(settings, tmp_path):
    settings.TAPEDECK_DATA = tmp_path


def a_recording(account, name, days, **facts):
    now = timezone.now()
    facts = {"status": Status.COMPLETED, "sort_at": now, "duration_seconds": 61.0, **facts}
    expires_at = None if days is None else now + timedelta(days=days)
    return Recording.objects.create(account=account, external_id=name, media_expires_at=expires_at, **facts)


def keep(recording):
    return Rescue.objects.create(
        recording=recording,
        variant="video",
        label="Video",
        content_type="video/mp4",
        size=3 * 1024 * 1024,
        sha256="c0ffee",
        kept_at=timezone.now(),
    )


def names(client, query=""):
    context = client.get(f"{LIST}{query}").context
    return [row.recording.external_id for row in context["rows"]]


def text(response):
    return response.content.decode()


# The list.


def test_what_is_deleted_soonest_stands_first(signed_in, viewer, account):
    for name, days in (("week", 7), ("hours", 0.5), ("days", 2), ("past", -1), ("for good", None)):
        a_recording(account, name, days)
    a_recording(account, "failed", 1, status=Status.FAILED)
    a_recording(account, "buried", 1, is_buried=True)
    keep(a_recording(account, "kept", 1))
    client = signed_in(viewer)

    page = client.get(LIST)

    assert [row.recording.external_id for row in page.context["rows"]] == ["hours", "days", "week"]
    assert [row.tone for row in page.context["rows"]] == ["bad", "warn", "neutral"]
    assert page.context["counts"] == [("within a day", 1, "bad"), ("within three days", 2, "warn")]
    assert "Rescue" not in text(page).partition("<main")[2].replace("rescued", "")
    assert names(client, "?show=lost") == ["past"]
    assert names(client, "?show=kept") == ["kept"]
    assert names(client, f"?until={(timezone.localdate() + timedelta(days=3)):%Y-%m-%d}") == ["hours", "days"]
    assert names(client, f"?account={uuid.uuid4()}") == ["hours", "days", "week"]


def test_list_goes_on_by_key(signed_in, viewer, account, monkeypatch):
    monkeypatch.setattr(expiry, "SIZE", 2)
    moment = timezone.now() + timedelta(days=1)
    for name in ("a", "b", "c", "d", "e"):
        Recording.objects.filter(pk=a_recording(account, name, 1).pk).update(media_expires_at=moment)
    client = signed_in(viewer)

    found, cursor = [], ""
    for _ in range(3):
        page = client.get(LIST, {"after": cursor})
        found += [row.recording.external_id for row in page.context["rows"]]
        cursor = page.context["next_cursor"]

    assert found == ["a", "b", "c", "d", "e"]
    assert cursor == ""
    assert names(client, "?after=nonsense") == names(client, "?after=2026-01-01T00:00:00_1") == ["a", "b"]


def test_accounts_that_one_may_not_use_are_left_out(signed_in, viewer, account, others):
    a_recording(account, "hidden", 1)
    account.groups.add(others)

    assert names(signed_in(viewer)) == []
    assert "No provider has said" in text(signed_in(viewer).get(LIST))


@pytest.mark.parametrize(
    ("query", "told"), [("?show=kept", "are kept here"), ("?show=lost", "Nothing was lost")]
)
def test_empty_lists_say_what_that_means(signed_in, viewer, account, query, told):
    assert told in text(signed_in(viewer).get(f"{LIST}{query}"))


# Rescue.


def test_manager_rescues_one_and_sees_what_is_kept(signed_in, manager, world, recall, account):
    call = world.call(account, recall.place_call("Quarterly planning"))
    order = world.order(manager, call, "recording.start")
    world.advance(40)
    recall.end_call(call.external_id)
    world.advance(60)
    recording = Recording.objects.get(key=order.made_key)
    client = signed_in(manager)
    offered = text(client.get(recording.get_absolute_url()))

    client.post(reverse("recording-rescue", args=[recording.key]), {"order_key": "one"})
    waiting = text(client.get(recording.get_absolute_url()))
    client.post(reverse("recording-rescue", args=[recording.key]), {"order_key": "one"})
    again = text(client.post(reverse("recording-rescue", args=[recording.key]), follow=True))
    world.work()
    page = text(client.get(recording.get_absolute_url()))
    refused = text(client.post(reverse("recording-rescue", args=[recording.key]), follow=True))

    address = reverse("recording-rescue", args=[recording.key])
    operation = Operation.objects.get(kind="recording.rescue")
    rescue = Rescue.objects.get()
    assert address in offered
    assert address not in waiting + page
    assert "Rescue media: Queued." in again
    assert operation.state == Operation.State.SUCCEEDED
    assert rescue.sha256 in page
    assert "Rescue media, ordered by manager" in page
    assert "It is kept here already." in refused
    shown = text(client.get(operation.get_absolute_url()))
    assert "<h1>Rescue media</h1>" in shown
    assert "Rescue media" in text(client.get(reverse("operations")))


def test_operators_rescue_nothing(signed_in, operator, account):
    recording = a_recording(account, "one", 1)
    client = signed_in(operator)

    assert client.post(reverse("recording-rescue", args=[recording.key])).status_code == 403
    assert reverse("recording-rescue", args=[recording.key]) not in text(client.get(LIST))
    assert "Not kept here" in text(client.get(recording.get_absolute_url()))


def test_recording_of_a_hidden_account_is_not_there(signed_in, manager, account, others):
    recording = a_recording(account, "one", 1)
    account.groups.add(others)

    assert signed_in(manager).post(reverse("recording-rescue", args=[recording.key])).status_code == 404


def test_what_runs_shows_how_far_it_is(signed_in, manager, account):
    recording = a_recording(account, "one", 1)
    client = signed_in(manager)
    client.post(reverse("recording-rescue", args=[recording.key]))
    Operation.objects.update(outcome="3.0 MiB of 9.0 MiB are copied.")

    assert "3.0 MiB of 9.0 MiB are copied." in text(client.get(LIST))
    assert "3.0 MiB of 9.0 MiB are copied." in text(client.get(recording.get_absolute_url()))


def test_all_that_match_are_rescued_in_bulk_the_soonest_first(signed_in, manager, account):
    for name, days in (("week", 7), ("hours", 0.5), ("days", 2), ("gone", -1)):
        a_recording(account, name, days)
    client = signed_in(manager)
    assert 'name="list" value="expiry"' in text(client.get(LIST))

    made = client.post(
        reverse("batch-new"), {"kind": "recording.rescue", "list": "expiry", "all": "1", "query": ""}
    )
    batch = Batch.objects.get()
    draft = text(client.get(made.url))
    client.post(reverse("batch-confirm", args=[batch.key]))

    keys = list(batch.items.order_by("pk").values_list("subject_key", flat=True))
    expected = [Recording.objects.get(external_id=name).key for name in ("hours", "days", "week")]
    assert keys == expected
    assert "Rescue media: 3" in draft
    assert "Nothing changes at the provider." in draft
    assert "Nothing is charged for this." in draft
    assert batch.items.filter(state="waiting").count() == 3


def test_bulk_takes_so_many_of_what_goes_soonest(account, viewer, rf):
    for number in range(5):
        a_recording(account, f"r{number}", 5 - number)
    filters = ExpiryFilters(rf.get(LIST).GET, user=viewer)

    pieces = list(filters.pages(Recording.objects.all(), most=3, size=2))
    everything = list(filters.pages(Recording.objects.all(), most=9, size=2))

    assert [[row.external_id for row in piece] for piece in pieces] == [["r4", "r3"], ["r2"]]
    assert sum(map(len, everything)) == 5


def test_what_cannot_be_rescued_is_left_out_with_its_reason(signed_in, manager, account):
    good, kept, running = (a_recording(account, name, 1) for name in ("good", "kept", "running"))
    keep(kept)
    Recording.objects.filter(pk=running.pk).update(status=Status.IN_PROGRESS)
    keys = [good.key, kept.key, running.key]

    made = signed_in(manager).post(reverse("batch-new"), {"kind": "recording.rescue", "key": keys})
    draft = text(signed_in(manager).get(made.url))

    assert "Rescue media: 1" in draft
    assert "It is kept here already." in draft
    assert "The provider offers no media to copy." in draft


def test_rule_that_rescues_is_written_without_a_preset(signed_in, manager, account):
    data = {"name": "Keep all", "does": "rescue", "accounts": [account.pk], "priority": "1"}

    signed_in(manager).post(reverse("rule-new"), data)

    assert Rule.objects.get().does == Rule.Does.RESCUE


# What failed, once more.


def fail_to_rescue(recording, manager):
    operation = rescues.order(manager, recording, order_key=str(uuid.uuid4()))
    Operation.objects.filter(pk=operation.pk).update(
        state=Operation.State.FAILED, outcome="The provider's file broke off.", outcome_code="rescue_failed"
    )
    return operation


CAUSE = {"what": "orders", "in": "recall", "cause": "rescue_failed"}


def test_failed_rescue_is_ordered_anew_where_attention_tells_of_it(signed_in, manager, account):
    recording = a_recording(account, "one", 1)
    failed = fail_to_rescue(recording, manager)
    client, address = signed_in(manager), reverse("recording-rescue", args=[recording.key])
    page = client.get(reverse("attention-cause"), CAUSE)
    here = page.wsgi_request.get_full_path()
    assert f'action="{address}"' in text(page)
    assert f'name="next" value="{escape(here)}"' in text(page)
    assert f'action="{address}"' in text(client.get(failed.get_absolute_url()))

    answer = client.post(address, {"next": here}, follow=True)

    assert answer.redirect_chain[-1][0] == here
    assert "Rescue media: Queued." in text(answer)
    anew = Operation.objects.exclude(pk=failed.pk).get()
    assert (anew.kind, anew.recording, anew.state) == ("recording.rescue", recording, "queued")
    assert address not in text(client.get(anew.get_absolute_url()))


def test_rescue_is_not_offered_anew_where_it_cannot_work_or_to_who_may_not(
    signed_in, manager, operator, account
):
    first, kept, gone = (a_recording(account, name, 1) for name in ("one", "kept", "gone"))
    orders = [fail_to_rescue(each, manager) for each in (first, kept, gone)]
    keep(kept)
    Recording.objects.filter(pk=gone.pk).update(status=Status.DELETED)

    def offered(user):
        browser = signed_in(user)
        pages = [
            browser.get(reverse("attention-cause"), CAUSE),
            *map(browser.get, (each.get_absolute_url() for each in orders)),
        ]
        return [
            [each.key for each in (first, kept, gone) if f"{each.key}/rescue/" in text(page)]
            for page in pages
        ]

    assert offered(manager) == [[first.key], [first.key], [], []]
    assert offered(operator) == [[], [], [], []]


def test_failed_rescues_are_retried_in_bulk_without_options_of_old(signed_in, manager, account):
    recordings = [a_recording(account, name, 1) for name in ("one", "two")]
    for each in recordings:
        fail_to_rescue(each, manager)
    client = signed_in(manager)
    assert "Rescue media for all of it" in text(client.get(reverse("attention-cause"), CAUSE))

    client.post(reverse("attention-retry"), CAUSE)

    batch = Batch.objects.get()
    assert (batch.kind, batch.options) == ("recording.rescue", {})
    assert set(batch.items.values_list("subject_key", flat=True)) == {each.key for each in recordings}
    client.post(reverse("batch-confirm", args=[batch.key]))
    batch.refresh_from_db()
    assert batch.state == "running"


def test_another_sites_address_is_not_gone_back_to(signed_in, manager, account):
    recording = a_recording(account, "one", 1)

    answer = signed_in(manager).post(
        reverse("recording-rescue", args=[recording.key]), {"next": "https://evil.test/"}
    )

    assert answer.headers["Location"] == recording.get_absolute_url()
