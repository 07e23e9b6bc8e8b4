"""What is stored, as the administration shows and repairs it."""

import json
import uuid

import pytest
from django.contrib import admin as django_admin
from django.utils import timezone

from dashboard import repairs
from dashboard.admin import site
from dashboard.admin.mirrors import Mirror
from dashboard.admin.sites import CappedPaginator
from recordings.models import (
    Call,
    Errand,
    Operation,
    OperationStep,
    ReadRecord,
    Recording,
    Refusal,
    WebhookDelivery,
)
from transcripts.models import Transcript

LINK = "https://bucket.example/a.mp4?X-Amz-Signature=0123456789abcdef"
MIRRORS = [model for model, shown in site._registry.items() if isinstance(shown, Mirror)]


@pytest.fixture
def admin(signed_in, administrator):
    return signed_in(administrator)


@pytest.fixture
def stored(account, viewer):
    """One row of everything, with a link that opens something in each big column."""
    now = timezone.now()
    call = Call.objects.create(account=account, external_id="call-1", raw={"link": LINK})
    recording = Recording.objects.create(
        account=account, call=call, external_id="rec-1", sort_at=now, raw={"link": LINK}, handle={"x": LINK}
    )
    transcript = Transcript.objects.create(
        account=account, recording=recording, external_id="t-1", sort_at=now, raw={"link": LINK}
    )
    operation = Operation.objects.create(
        account=account, order_key="o", kind="recording.stop", fingerprint="f", recording=recording
    )
    exchange = {"method": "POST", "status": 200}
    OperationStep.objects.create(operation=operation, kind="ordered", at=now)
    OperationStep.objects.create(operation=operation, kind="answered", at=now, exchange=exchange)
    body = json.dumps({"event": "bot.done", "url": LINK}).encode()
    delivery = WebhookDelivery.objects.create(
        account=account,
        event="bot.done",
        body=body,
        headers={"x-link": LINK},
        received_at=now,
        query="token=abc",
    )
    Refusal.objects.create(account=account, day=now.date(), reason="stale", count=3, last_at=now)
    ReadRecord.objects.create(
        account=account, user=viewer, what="recording", key=uuid.uuid4(), purpose="saw", hour=now, last_at=now
    )
    Errand.objects.create(account=account, kind="call.fetch", subject="call-1")
    return {type(each): each for each in (call, recording, transcript, operation, delivery)}


def address(model, *parts):
    return "/".join(["/admin", model._meta.app_label, model._meta.model_name, *map(str, parts), ""])


@pytest.mark.parametrize("model", MIRRORS)
def test_mirror_is_read_only_and_its_links_are_masked(model, admin, stored):
    row = model.objects.first()

    listed = admin.get(address(model))
    shown = admin.get(address(model, row.pk, "change"))

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert "0123456789abcdef" not in listed.text + shown.text
    assert "token=abc" not in shown.text
    assert admin.get(address(model, "add")).status_code == 403
    assert admin.post(address(model, row.pk, "change"), {"key": "x"}).status_code == 403
    assert admin.post(address(model, row.pk, "delete"), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MIRRORS)
def test_list_is_quick_however_long_it_is(model, admin, stored, django_assert_max_num_queries):
    row = model.objects.first()
    admin.get(address(model))  # Content types and permissions are cached from here on.

    with django_assert_max_num_queries(7) as seen:
        admin.get(address(model))

    statements = [each["sql"] for each in seen.captured_queries]
    listing = [text for text in statements if f'FROM "{model._meta.db_table}"' in text]
    big = [name for name in ("raw", "body", "handle", "headers") if hasattr(row, name)]
    assert not [name for name in big for text in listing if f'"{model._meta.db_table}"."{name}"' in text]
    assert not [text for text in listing if "COUNT(*)" in text and "LIMIT" not in text]


def test_pages_are_counted_up_to_a_bound(account, monkeypatch):
    monkeypatch.setattr("dashboard.admin.sites.COUNTED_AT_MOST", 2)
    Call.objects.bulk_create(Call(account=account, external_id=str(number)) for number in range(3))

    assert CappedPaginator(Call.objects.order_by("pk"), 50).count == 2


def test_things_are_found_by_either_id(admin, stored):
    recording = stored[Recording]

    for text in (recording.external_id, str(recording.key)):
        assert f"/{recording.pk}/change/" in admin.get(f"{address(Recording)}?q={text}").text
    assert f"/{recording.pk}/change/" not in admin.get(f"{address(Recording)}?q=rec").text


def test_orders_show_their_timeline(admin, stored):
    page = admin.get(address(Operation, stored[Operation].pk, "change")).text

    assert "&quot;method&quot;: &quot;POST&quot;" in page


def test_looking_at_a_callback_is_written_down(admin, stored, administrator):
    admin.get(address(WebhookDelivery, stored[WebhookDelivery].pk, "change"))

    assert ReadRecord.objects.filter(user=administrator, what="delivery", purpose="saw").count() == 1
    assert admin.get(address(WebhookDelivery, 0, "change")).status_code == 302


def test_erased_body_is_said_to_be_erased(admin, stored):
    WebhookDelivery.objects.update(is_erased=True, body=b"")

    page = admin.get(address(WebhookDelivery, stored[WebhookDelivery].pk, "change")).text

    assert "erased" in page


def act(admin, model, action, *rows):
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    return admin.post(address(model), form, follow=True).text


@pytest.mark.parametrize(
    ("model", "kind", "parent"),
    [
        (Call, "call.fetch", ""),
        (Recording, "recording.fetch", "call-1"),
        (Transcript, "transcript.fetch", "rec-1"),
    ],
)
def test_resync_asks_for_a_read_once(admin, stored, model, kind, parent):
    Errand.objects.all().delete()

    act(admin, model, "resync", stored[model])
    page = act(admin, model, "resync", stored[model])

    assert "1 will be read again at the provider." in page
    errand = Errand.objects.get()
    assert (errand.kind, errand.subject, errand.parent) == (kind, stored[model].external_id, parent)


def test_resync_of_orphans_and_of_what_has_no_id(account):
    Errand.objects.all().delete()
    now = timezone.now()
    Recording.objects.create(account=account, external_id="lone", sort_at=now)
    Recording.objects.create(account=account, sort_at=now)
    Transcript.objects.create(account=account, external_id="t", recording_external_id="later", sort_at=now)

    assert repairs.read_again(Recording.objects.all()) == 1
    assert repairs.read_again(Transcript.objects.all()) == 1
    assert list(Errand.objects.order_by("pk").values_list("subject", "parent")) == [
        ("lone", ""),
        ("t", "later"),
    ]


def test_reprocess_makes_callbacks_due_again_and_counts(admin, stored, account):
    WebhookDelivery.objects.update(state="failed", due_at=None, attempts=8, deaths=3)
    erased = WebhookDelivery.objects.create(
        account=account, dedupe_id="2", event="e", received_at=timezone.now(), is_erased=True, state="settled"
    )

    page = act(admin, WebhookDelivery, "reprocess", stored[WebhookDelivery], erased)

    delivery = WebhookDelivery.objects.get(pk=stored[WebhookDelivery].pk)
    erased.refresh_from_db()
    assert "1 are due again." in page
    assert (delivery.state, delivery.attempts, delivery.deaths, delivery.replays) == ("received", 0, 0, 1)
    assert delivery.due_at is not None
    assert (erased.state, erased.replays) == ("settled", 0)


def test_too_many_at_once_are_refused_whole(admin, stored, monkeypatch):
    monkeypatch.setattr(repairs, "AT_MOST", 0)

    page = act(admin, Recording, "resync", stored[Recording])

    assert "are selected: nothing was done. Filter first." in page
    assert not Errand.objects.filter(kind="recording.fetch").exists()


def test_large_repairs_are_written_in_short_transactions(account, monkeypatch):
    monkeypatch.setattr(repairs, "AT_ONCE", 2)
    Call.objects.bulk_create(Call(account=account, external_id=str(number)) for number in range(5))

    assert repairs.read_again(Call.objects.all()) == 5


def test_queue_is_not_on_offer(admin):
    assert "django_q" not in admin.get("/admin/").text
    assert site is not django_admin.site
