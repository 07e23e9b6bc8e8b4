"""Alerts: announced once, together, by workers, to public addresses only."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from dashboard import alert_sending, alerting
from dashboard.models import Alert, AlertChannel, AlertNotice, User
from recordings import clock, connections, housekeeping, sealing
from recordings.models import (
    Account,
    Errand,
    Operation,
    Recording,
    Rule,
    RuleMatch,
    WebhookDelivery,
)
from recordings.providers.network import GuardedTransport
from tests.world import World

HOOK = "https://hooks.chat.test/services/T0/secret"


class Chat:
    """What Slack would be: keeps what it was posted, and answers as told."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str]] = []
        self.status = 200
        self.error: httpx.HTTPError | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.error is not None:
            raise self.error
        self.posts.append((str(request.url), httpx.Response(200, content=request.content).json()["text"]))
        return httpx.Response(self.status, headers={"Location": "https://elsewhere.test/"})

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.posts]


@pytest.fixture
def chat(account: Account, monkeypatch: pytest.MonkeyPatch) -> Chat:
    """Instead of the network for what people typed; providers' simulators stay where they are."""
    found = Chat()
    transport = httpx.MockTransport(found)
    monkeypatch.setattr(connections, "outward", lambda: httpx.Client(transport=transport))
    return found


@pytest.fixture
def channel(account: Account) -> AlertChannel:
    sealed = sealing.seal({"target": HOOK})
    return AlertChannel.objects.create(
        name="Chat", kind="webhook", sealed_target=sealed, wants=list(alerting.KINDS), digest_minutes=5
    )


def fail(account: Account, code: str = "internal_error") -> Recording:
    return Recording.objects.create(
        account=account,
        external_id=f"{code} {timezone.now().isoformat()}",
        status="failed",
        reason=f"It <failed> & {code}",
        reason_code=code,
        sort_at=timezone.now(),
    )


def look(world: World, minutes: float = 0) -> None:
    """Let the looks of so many minutes happen, and what follows from them."""
    housekeeping.ensure_standing()
    Errand.objects.exclude(kind__startswith="alerts.").update(due_at=None)
    world.work()
    for _ in range(round(minutes)):
        world.clock.advance(60)
        world.work()


def test_new_kind_of_failure_is_told_once_with_its_page(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    fail(account, "never_heard_of")
    look(world, minutes=8)

    ((address, text),) = chat.posts
    assert address == HOOK
    assert f"Tapedeck: {account.name}: Recordings that failed: 1" in text
    assert "<https://tapedeck.test/attention/cause/?what=recordings" in text
    assert "It &lt;failed&gt; &amp; never_heard_of" in text
    fail(account, "never_heard_of")
    look(world, minutes=30)
    assert len(chat.posts) == 1
    fail(account, "another")
    look(world, minutes=8)
    assert len(chat.posts) == 2
    channel.refresh_from_db()
    assert (channel.problem, channel.sending_until) == ("", None)
    assert channel.last_sent_at is not None


def test_what_comes_within_the_minutes_of_the_digest_is_one_message(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    fail(account, "one")
    look(world, minutes=2)
    fail(account, "two")
    Account.objects.update(is_healthy=False, health_message="The key was refused.")
    look(world, minutes=10)

    assert len(chat.posts) == 1
    assert "3 things need somebody" in chat.texts[0]
    assert "The account does not work" in chat.texts[0]


def test_what_is_over_at_the_next_look_was_nothing(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    Account.objects.update(is_healthy=False)
    look(world)
    Account.objects.update(is_healthy=True)
    look(world, minutes=10)

    assert chat.posts == []
    assert Alert.objects.get().closed_at is not None


def test_what_comes_and_goes_is_announced_once_in_hours(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    for _ in range(4):
        Account.objects.update(is_healthy=False)
        look(world, minutes=8)
        Account.objects.update(is_healthy=True)
        look(world, minutes=8)
    assert len(chat.posts) == 1

    world.clock.advance(7 * 3600)
    Account.objects.update(is_healthy=False)
    look(world, minutes=8)
    assert len(chat.posts) == 2
    assert Alert.objects.count() == 1


def test_what_is_over_before_its_digest_is_not_sent(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    AlertChannel.objects.update(digest_minutes=30)
    Account.objects.update(is_healthy=False)
    look(world, minutes=3)
    assert AlertNotice.objects.count() == 1
    Account.objects.update(is_healthy=True)
    look(world, minutes=40)

    assert chat.posts == []


def test_doubt_is_told_after_an_hour(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    order = Operation.objects.create(
        account=account,
        order_key="x",
        kind="recording.start",
        fingerprint="x",
        state="in_doubt",
        doubt_since=clock.now(),
        outcome="No answer came.",
    )
    look(world, minutes=50)
    assert chat.posts == []
    look(world, minutes=20)

    assert "In doubt for an hour: Start recording" in chat.texts[0]
    assert order.get_absolute_url() in chat.texts[0]


def test_silence_is_told(world: World, account: Account, channel: AlertChannel, chat: Chat) -> None:
    began = clock.now() - timedelta(hours=5)
    Account.objects.update(created_at=began - timedelta(days=1))
    row = Recording.objects.create(account=account, external_id="a", status="completed", sort_at=began)
    Operation.objects.create(
        account=account,
        order_key="x",
        kind="recording.start",
        fingerprint="x",
        made_key=row.key,
        state="succeeded",
    )
    look(world, minutes=8)

    assert "No callbacks, though recordings ran" in chat.texts[0]
    assert f"/accounts/{account.key}/ledger/" in chat.texts[0]
    WebhookDelivery.objects.create(account=account, dedupe_id="late", received_at=clock.now())
    look(world, minutes=2)
    assert Alert.objects.get().closed_at is not None


def test_other_packages_bring_their_own_sources(
    world: World, account: Account, channel: AlertChannel, chat: Chat, monkeypatch: Any
) -> None:
    monkeypatch.setattr(alerting, "_sources", {})
    alerting.register("budget", lambda _: [alerting.Found(cause="march", title="The limit is reached")])
    look(world, minutes=8)

    assert chat.texts[0].splitlines() == [
        f"Tapedeck: {account.name}: The limit is reached",
        f"• {account.name}: The limit is reached",
    ]


def test_rule_that_holds_what_it_took_up_is_told_with_the_newest_reason(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    rule = Rule.objects.create(name="All sales calls", does="transcribe")
    for number, reason in enumerate(("No rate is known.", "The monthly limit is reached.")):
        RuleMatch.objects.create(
            rule=rule,
            does="transcribe",
            account=account,
            subject_key=uuid.uuid4(),
            reason=reason,
            at=clock.now() + timedelta(seconds=number),
        )
    RuleMatch.objects.create(
        rule=rule,
        does="transcribe",
        account=account,
        subject_key=uuid.uuid4(),
        state="ordered",
        at=clock.now(),
    )
    look(world, minutes=8)

    assert "Held by the rule “All sales calls”: 2" in chat.texts[0]
    assert "The monthly limit is reached." in chat.texts[0]
    assert rule.get_absolute_url() in chat.texts[0]


def test_channel_gets_only_what_it_wants(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    AlertChannel.objects.update(wants=["silence"])
    fail(account)
    look(world, minutes=10)

    assert chat.posts == []
    assert Alert.objects.get().announced_at is not None


def test_without_a_channel_nothing_is_looked_for(world: World, account: Account) -> None:
    fail(account)
    look(world, minutes=10)

    assert not Alert.objects.exists()


@pytest.mark.parametrize("trouble", ["refused", "status", "redirect"])
def test_message_that_does_not_arrive_is_tried_again_and_the_channel_says_why(
    world: World, account: Account, channel: AlertChannel, chat: Chat, trouble: str
) -> None:
    chat.error = httpx.ConnectError(f"no way to {HOOK}") if trouble == "refused" else None
    chat.status = {"status": 500, "redirect": 302}.get(trouble, 200)
    fail(account)
    look(world, minutes=8)
    channel.refresh_from_db()
    said = {"refused": "no way to …", "status": "answered 500", "redirect": "answered 302"}[trouble]
    assert said in channel.problem
    assert HOOK not in channel.problem

    chat.error, chat.status = None, 200
    chat.posts.clear()
    look(world, minutes=30)
    channel.refresh_from_db()
    assert channel.problem == ""
    assert len(chat.posts) == 1


def test_hopeless_message_is_left_until_the_channel_is_changed(
    world: World, account: Account, channel: AlertChannel, chat: Chat, monkeypatch: Any
) -> None:
    monkeypatch.setattr(alert_sending, "TRIES", 1)
    chat.status = 404
    fail(account)
    look(world, minutes=60)
    assert len(chat.posts) == 1

    chat.status = 200
    alerting.reask(channel)
    look(world, minutes=8)
    assert len(chat.posts) == 2


def test_two_workers_do_not_send_the_same(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    fail(account)
    look(world, minutes=2)
    AlertChannel.objects.update(sending_until=clock.now() + timedelta(seconds=330))
    AlertChannel.objects.update(sending_until=clock.now() + timedelta(seconds=50))
    Errand.objects.filter(kind="alerts.send").update(due_at=clock.now())
    world.work()
    assert chat.posts == []

    look(world, minutes=3)
    assert len(chat.posts) == 1


def test_channel_that_was_removed_is_sent_nothing(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    fail(account)
    look(world, minutes=2)
    alert_sending.ask_for_test(channel, account)
    channel.delete()
    look(world, minutes=10)

    assert chat.posts == []
    assert not Errand.objects.filter(kind__in=("alerts.send", "alerts.test"), state="queued").exists()


def test_many_alerts_go_in_several_messages(
    world: World, account: Account, channel: AlertChannel, chat: Chat, monkeypatch: Any
) -> None:
    monkeypatch.setattr(alert_sending, "AT_ONCE", 2)
    for code in ("a", "b", "c"):
        fail(account, code)
    look(world, minutes=10)

    assert [text.count("•") for text in chat.texts] == [2, 1]


def test_old_alerts_are_forgotten(world: World, account: Account, channel: AlertChannel, chat: Chat) -> None:
    Alert.objects.create(
        account=account,
        kind="account",
        cause="account",
        title="Old",
        opened_at=clock.now() - timedelta(days=30),
        closed_at=clock.now() - timedelta(days=20),
    )
    look(world)

    assert not Alert.objects.exists()


def test_email_is_sent_by_the_mail_server_that_is_set(
    world: World, account: Account, channel: AlertChannel, settings: Any, monkeypatch: Any
) -> None:
    settings.TAPEDECK_HAS_EMAIL = True
    AlertChannel.objects.update(kind="email", sealed_target=sealing.seal({"target": "ops@company.test"}))
    fail(account)
    look(world, minutes=8)

    (message,) = mail.outbox
    assert message.to == ["ops@company.test"]
    assert message.subject == f"Tapedeck: {account.name}: Recordings that failed: 1"
    assert "https://tapedeck.test/attention/cause/" in message.body

    def broken(_: Any) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)
    fail(account, "other")
    look(world, minutes=8)
    assert AlertChannel.objects.get().problem == "The mail server did not take it: connection refused"
    settings.TAPEDECK_HAS_EMAIL = False
    look(world, minutes=30)
    assert AlertChannel.objects.get().problem == alert_sending.NO_EMAIL


def test_address_under_a_lost_key_says_so(
    world: World, account: Account, channel: AlertChannel, chat: Chat
) -> None:
    AlertChannel.objects.update(sealed_target="sealed by a lost key")
    alert_sending.ask_for_test(channel, account)
    look(world)

    assert AlertChannel.objects.get().problem == alert_sending.UNREADABLE


def test_webhook_inside_the_network_is_not_reached(channel: AlertChannel, monkeypatch: Any) -> None:
    monkeypatch.setattr(connections, "transport", None)
    with connections.outward() as http:
        assert isinstance(http._transport, GuardedTransport)
    for address in ("https://127.0.0.1/", "https://[::1]/x", "https://169.254.169.254/latest"):
        channel.sealed_target = sealing.seal({"target": address})
        with pytest.raises(alert_sending.NotDelivered, match="inside a private network"):
            alert_sending.deliver(channel, "x", [])


def test_rotated_keys_seal_addresses_anew(db: None, settings: Any, capsys: Any) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.TAPEDECK_KEYS = [old]
    kept = AlertChannel.objects.create(
        name="A", kind="webhook", sealed_target=sealing.seal({"target": HOOK}), wants=[]
    )
    settings.TAPEDECK_KEYS = [new, old]
    call_command("rotatekeys")
    settings.TAPEDECK_KEYS = [new]
    kept.refresh_from_db()
    assert sealing.unseal(kept.sealed_target) == {"target": HOOK}

    AlertChannel.objects.update(sealed_target="lost")
    with pytest.raises(CommandError, match="the alert channel A"):
        call_command("rotatekeys")


# The pages.


def typed(**changes: Any) -> dict[str, Any]:
    facts = {"name": "Ops", "kind": "webhook", "target": HOOK, "wants": ["failure"]}
    return {**facts, "digest_minutes": "5", "is_active": "on", **changes}


def test_channel_is_added_tested_changed_and_removed(
    signed_in: Callable[[User], Client], administrator: User, world: World, account: Account, chat: Chat
) -> None:
    client = signed_in(administrator)
    assert "Nobody is alerted yet" in client.get("/alerts/").content.decode()
    client.post("/alerts/new/", typed(digest_minutes="99999"))
    channel = AlertChannel.objects.get()
    assert (channel.name, channel.wants, channel.digest_minutes) == ("Ops", ["failure"], 1440)
    assert HOOK not in client.get("/alerts/").content.decode()
    assert HOOK not in client.get(channel.get_absolute_url()).content.decode()

    client.post(f"/alerts/{channel.key}/test/")
    look(world)
    assert "This channel works" in chat.texts[0]
    assert AlertChannel.objects.get().last_sent_at is not None
    client.post(channel.get_absolute_url(), typed(name="Night", target="", is_active=""))
    channel.refresh_from_db()
    assert (channel.name, channel.is_active) == ("Night", False)
    assert sealing.unseal(channel.sealed_target) == {"target": HOOK}
    client.post(f"/alerts/{channel.key}/delete/")
    assert not AlertChannel.objects.exists()


def test_new_channel_wants_everything_until_somebody_says_otherwise(
    signed_in: Callable[[User], Client], administrator: User, channel: AlertChannel
) -> None:
    client = signed_in(administrator)

    new = client.get("/alerts/new/").context["form"]
    there = client.get(channel.get_absolute_url()).context["form"]

    assert new["wants"].value() == list(alerting.KINDS)
    assert there["wants"].value() == channel.wants


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target": "http://hooks.chat.test/x"}, "begins with https://"),
        ({"target": "https://user:pass@hooks.chat.test/x"}, "begins with https://"),
        ({"target": ""}, "This field is required"),
        ({"kind": "email"}, "An administrator sets EMAIL_URL".lower()),
        ({"kind": "email", "target": "nobody"}, "Enter a valid email address"),
        ({"wants": ["nonsense"]}, "Select a valid choice"),
        ({"name": ""}, "This field is required"),
        ({"digest_minutes": "x"}, "Enter a whole number"),
    ],
)
def test_wrong_channel_is_not_saved(
    signed_in: Callable[[User], Client], administrator: User, changes: dict[str, Any], said: str
) -> None:
    page = signed_in(administrator).post("/alerts/new/", typed(**changes)).content.decode()

    assert said.lower() in page.lower()
    assert not AlertChannel.objects.exists()


def test_email_channel_is_saved_where_a_server_is_set(
    signed_in: Callable[[User], Client], administrator: User, settings: Any, channel: AlertChannel
) -> None:
    settings.TAPEDECK_HAS_EMAIL = True
    client = signed_in(administrator)
    page = client.post(channel.get_absolute_url(), typed(kind="email", target="")).content.decode()
    assert "Another kind needs another address." in page

    client.post(channel.get_absolute_url(), typed(kind="email", target="ops@company.test"))
    assert sealing.unseal(AlertChannel.objects.get().sealed_target) == {"target": "ops@company.test"}


def test_changed_channel_is_sent_what_it_missed(
    signed_in: Callable[[User], Client],
    administrator: User,
    world: World,
    account: Account,
    channel: AlertChannel,
    chat: Chat,
) -> None:
    fail(account)
    look(world, minutes=2)
    Errand.objects.filter(kind="alerts.send").delete()
    signed_in(administrator).post(channel.get_absolute_url(), typed(digest_minutes="0"))
    look(world)

    assert len(chat.posts) == 1


def test_test_without_an_account_says_so(
    signed_in: Callable[[User], Client], administrator: User, channel: AlertChannel
) -> None:
    Account.objects.update(is_active=False)

    page = signed_in(administrator).post(f"/alerts/{channel.key}/test/", follow=True).content.decode()

    assert "no active account" in page


def test_people_see_alerts_of_their_accounts_and_no_channels(
    signed_in: Callable[[User], Client],
    operator: User,
    viewer: User,
    account: Account,
    channel: AlertChannel,
    others: Group,
) -> None:
    Alert.objects.create(account=account, kind="account", cause="a", title="It broke", opened_at=clock.now())
    page = signed_in(operator).get("/alerts/").content.decode()
    assert "It broke" in page
    assert "Chat" not in page
    assert signed_in(viewer).get("/alerts/").status_code == 403
    assert signed_in(operator).get(channel.get_absolute_url()).status_code == 403

    account.groups.set([others])
    assert "It broke" not in signed_in(operator).get("/alerts/").content.decode()
