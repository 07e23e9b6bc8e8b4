"""Callbacks from the outside: what is answered, what is stored, and at what cost."""

import io
import json
import socket
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from dashboard.views import webhooks
from recordings import connections, inbox, inbox_sqlite, intake
from recordings.models import Refusal, WebhookDelivery
from recordings.providers.base import Verified

EVENT = {"event": "bot.done", "data": {"bot": {"id": "b-1"}, "data": {"code": "done"}}}
DAY = timedelta(days=1)


@pytest.fixture
def post(account, recall):
    """Posts as the provider would; what is altered is altered after signing."""

    def send(body=EVENT, *, delivery_id="msg_1", key="", altered=b"", at=None, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        now = at or timezone.now()
        signed = recall.webhooks.signed(delivery_id, now.timestamp(), content)
        return Client().post(
            f"/webhooks/recall/{key or account.webhook_key}/",
            content + altered,
            content_type="application/json",
            headers={**signed, **headers},
        )

    return send


def refusals():
    return {each.reason: each.count for each in Refusal.objects.all()}


def test_verified_callback_is_stored_and_answered_with_nothing(post, account):
    response = post()

    delivery = WebhookDelivery.objects.get()
    assert (response.status_code, response.content) == (200, b"")
    assert (delivery.account, delivery.event, delivery.dedupe_id) == (account, "bot.done", "msg_1")
    assert json.loads(delivery.body) == EVENT
    assert delivery.due_at is not None


def test_signatures_and_credentials_are_not_kept(post):
    post(authorization="Basic abc", cookie="a=b", **{"x-forwarded-for": "192.0.2.1"})

    kept = WebhookDelivery.objects.get().headers
    assert kept["x-forwarded-for"] == "192.0.2.1"
    assert not [name for name in kept if "signature" in name or name in {"authorization", "cookie"}]


def test_environment_of_the_process_is_no_header(post, monkeypatch):
    monkeypatch.setattr(webhooks, "_NO_HEADERS", frozenset({"HTTP_PROXY"}))

    post(proxy="http://user:password@proxy.example")

    assert "proxy" not in WebhookDelivery.objects.get().headers


def test_double_is_one_row_and_counted(post):
    post()

    response = post()

    assert response.status_code == 200
    assert WebhookDelivery.objects.get().duplicates == 1


def test_resend_of_a_failed_delivery_makes_it_due_again_with_all_its_tries(post):
    post()
    WebhookDelivery.objects.update(state="failed", due_at=None, attempts=8)

    post()

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.duplicates) == ("received", 0, 1)
    assert delivery.due_at is not None


def test_resend_of_a_settled_delivery_leaves_it_settled(post):
    post()
    WebhookDelivery.objects.update(state="settled", due_at=None, attempts=1)

    post()

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.due_at, delivery.attempts) == ("settled", None, 1)


def test_one_statement_for_a_new_one_and_one_for_a_double(post, django_assert_num_queries):
    post(delivery_id="msg_0")

    with django_assert_num_queries(1):
        post(delivery_id="msg_1")
    with django_assert_num_queries(1):
        post(delivery_id="msg_1")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"altered": b" "}, "no signature matches any of the account's signing secrets"),
        ({"at": timezone.now() - DAY}, "its timestamp is too old"),
        ({"at": timezone.now() + 3650 * DAY}, "its timestamp is ahead of our clock"),
    ],
)
def test_altered_or_stale_is_400_and_only_counted(post, account, change, reason):
    first, second = post(**change), post(**change, host="elsewhere.example")

    assert (first.status_code, second.status_code, first.content) == (400, 400, b"")
    assert not WebhookDelivery.objects.exists()
    assert refusals() == {reason: 2}
    refusal = Refusal.objects.get()
    assert refusal.account == account
    assert refusal.url_seen == "http://elsewhere.example/webhooks/recall/…/"
    assert refusal.url_expected == "https://tapedeck.test/webhooks/recall/…/"
    assert (refusal.skew_seconds is None) == ("timestamp" not in reason)


def test_unknown_keys_are_404_and_one_row(post):
    answers = [post(key=f"guess-{number}") for number in range(3)]

    assert {(each.status_code, each.content) for each in answers} == {(404, b"")}
    assert refusals() == {"unknown address": 3}
    assert Refusal.objects.get().account is None


def test_inactive_account_is_unknown(post, account):
    account.is_active = False
    account.save()

    assert post().status_code == 404


def test_rotated_key_works_until_its_time(post, account, world):
    old = account.webhook_key
    account.old_webhook_key, account.webhook_key = old, "new"
    account.old_webhook_key_until = timezone.now() + 7 * DAY
    account.save()

    assert post(key=old).status_code == 200
    assert post(key="new").status_code == 200
    intake.forget()
    world.clock.advance(8 * 86_400)
    assert post(key=old).status_code == 404


def test_too_large_is_413_before_it_is_read(account, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST_BODY", 10)

    response = Client().post(account_address(account), b"12345678901", content_type="text/plain")

    assert (response.status_code, response.content) == (413, b"")
    assert refusals() == {"larger than 10 MiB": 1}
    assert Client().post("/webhooks/recall/unknown/", b"12345678901", "text/plain").status_code == 404


def account_address(account):
    return account.webhook_url.removeprefix("https://tapedeck.test")


def chunked(account, content, **more):
    environ = {"wsgi.input": io.BytesIO(content), "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    return Client().post(account_address(account), **environ, **more)


def test_body_in_chunks_is_read_up_to_the_limit(account, recall, monkeypatch):
    content = json.dumps(EVENT).encode()
    signed = recall.webhooks.signed("msg_1", timezone.now().timestamp(), content)
    more = {"wsgi.input_terminated": True, "headers": signed}

    assert chunked(account, content, **more).status_code == 200
    assert bytes(WebhookDelivery.objects.get().body) == content

    monkeypatch.setattr(intake, "LARGEST_BODY", 10)
    assert chunked(account, content, **more).status_code == 413


def test_server_that_does_not_end_chunks_is_not_read_for_ever(account):
    assert chunked(account, b"x").status_code == 400
    assert "it carries no signature" in next(iter(refusals()))


@pytest.mark.parametrize("length", ["1000", "many", "-1"])
def test_body_that_was_cut_is_400_and_no_refusal(account, length):
    environ = {"wsgi.input": io.BytesIO(b"short"), "CONTENT_LENGTH": length}

    assert Client().post(account_address(account), **environ).status_code == 400
    assert refusals() == {}


def test_get_is_taken_and_other_methods_are_not(account):
    client = Client()

    assert client.get(account_address(account)).status_code == 400
    assert client.get(account_address(account).rstrip("/")).status_code == 400
    assert client.put(account_address(account)).status_code == 405


def test_what_follows_the_key_reaches_the_adapter_as_it_came(account, monkeypatch):
    seen = []

    class Adapter:
        def verify(self, inbound):
            seen.append(inbound)
            return Verified(dedupe_id="1", event="")

    monkeypatch.setattr(connections, "open_account", lambda account: Adapter())

    Client().get(f"{account_address(account)}recording/a%20b?x=%2F&y")

    assert seen[0].path == "recording/a b"
    assert seen[0].url == f"{account.webhook_url}recording/a%20b?x=%2F&y"
    delivery = WebhookDelivery.objects.get()
    assert (delivery.method, delivery.path, delivery.query) == ("GET", "recording/a b", "x=%2F&y")


def test_ping_is_answered_and_forgotten(account, monkeypatch):
    class Adapter:
        def verify(self, inbound):
            return Verified(dedupe_id="1", event="ping", is_ping=True)

    monkeypatch.setattr(connections, "open_account", lambda account: Adapter())

    assert Client().post(account_address(account)).status_code == 200
    assert not WebhookDelivery.objects.exists()


def test_what_no_database_holds_is_stored_all_the_same(account, monkeypatch):
    class Adapter:
        def verify(self, inbound):
            return Verified(dedupe_id="x" * 300, event="a\0b\ud800", note="\0")

    monkeypatch.setattr(connections, "open_account", lambda account: Adapter())

    assert Client().post(account_address(account)).status_code == 200
    delivery = WebhookDelivery.objects.get()
    assert (delivery.event, delivery.note, len(delivery.dedupe_id)) == ("ab?", "", 64)


def test_verified_but_not_json_is_stored(post):
    assert post(b"<html>").status_code == 200
    assert WebhookDelivery.objects.get().event == ""


def test_unreadable_credentials_are_503_so_that_it_comes_again(post, account):
    account.sealed_secrets = "not sealed by any key"
    account.save()

    response = post()

    assert (response.status_code, response.content) == (503, b"")
    assert int(response.headers["Retry-After"]) > 0
    assert not WebhookDelivery.objects.exists()


def test_database_that_cannot_be_written_is_503_and_not_2xx(post, monkeypatch):
    post(delivery_id="msg_0")

    def refuse(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(inbox, "store", refuse)

    assert post().status_code == 503


def test_refusal_that_cannot_be_counted_is_still_a_refusal(post, monkeypatch):
    def refuse(*args):
        raise DatabaseError("disk full")

    monkeypatch.setattr(inbox, "_attempt", refuse)

    assert post(altered=b" ").status_code == 400


def test_senders_cannot_make_endless_reasons(account):
    for number in range(inbox.REASONS_KEPT + 5):
        inbox.count_refusal(account, f"reason {number}", at=timezone.now())
    inbox.count_refusal(account, "reason 1", at=timezone.now())
    inbox.count_refusal(account, "tomorrow", at=timezone.now() + DAY)

    counted = refusals()
    assert len(counted) == inbox.REASONS_KEPT + 2
    assert (counted["reason 1"], counted[inbox.OTHER_REASONS], counted["tomorrow"]) == (2, 5, 1)


@pytest.fixture
def broken_connection(account, monkeypatch):
    """The first statement finds that the connection has died, as after a restart of the database."""
    died = []

    def die(execute, sql, params, many, context):
        if died:
            return execute(sql, params, many, context)
        died.append(sql)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connection, "is_usable", lambda: not died)
    monkeypatch.setattr(connection, "close", lambda: None)
    with connection.execute_wrapper(die):
        yield died


@pytest.mark.django_db(transaction=True)
def test_connection_that_died_is_opened_anew(broken_connection, account):
    inbox.count_refusal(account, "any", at=timezone.now())

    assert len(broken_connection) == 1
    assert refusals() == {"any": 1}


def test_connection_that_died_inside_a_transaction_is_left_to_it(broken_connection, account):
    inbox.count_refusal(account, "any", at=timezone.now())

    assert len(broken_connection) == 1
    assert refusals() == {}


@pytest.mark.parametrize("is_watched", [True, False])
def test_statement_that_fails_is_the_same_error_whoever_watches(account, is_watched):
    watch = connection.execute_wrapper(lambda execute, *args: execute(*args))
    with watch if is_watched else nullcontext(), pytest.raises(DatabaseError), transaction.atomic():
        inbox._write("INSERT INTO no_such_table VALUES (%s)", [1], wait_seconds=1)


@pytest.fixture
def busy_writers(account, monkeypatch):
    if connection.vendor != "sqlite":
        pytest.skip("elsewhere many write at a time")
    monkeypatch.setattr(inbox, "WAIT_SECONDS", 0.01)
    with inbox_sqlite._turn:
        yield


@pytest.mark.django_db(transaction=True)
def test_writers_that_hold_sqlite_for_long_make_a_503(post, busy_writers):
    assert post().status_code == 503


@pytest.mark.django_db(transaction=True)
def test_strangers_never_wait_for_a_writer(post, busy_writers):
    assert post(key="guess").status_code == 404
    assert refusals() == {}


@pytest.mark.django_db(transaction=True)
def test_eleven_megabytes_over_a_real_socket_are_refused_before_they_are_sent(live_server, account):
    host, _, port = live_server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as sock:
        head = f"POST {account_address(account)} HTTP/1.1\r\nHost: x\r\nContent-Length: 11534336\r\n\r\n"
        sock.sendall(head.encode())
        answer = sock.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413")
