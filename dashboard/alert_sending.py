"""Sends alerts: what came to a channel within its minutes is one message, by email or by webhook."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q

from dashboard.models import AlertChannel, AlertNotice
from recordings import clock, connections, sealing
from recordings.models import Account, Errand
from recordings.models.work import SINGLE
from recordings.providers.client import Client
from recordings.providers.errors import ProviderError
from recordings.sync import wishes
from recordings.work import errands, pace
from recordings.work.errands import Local, Step

SEND, TEST = "alerts.send", "alerts.test"
AT_ONCE = 50  # alerts of one message
SECONDS = 10.0
LEASE = timedelta(seconds=60)
TRIES = 20
NO_EMAIL = "No mail server is set: an administrator sets EMAIL_URL."
UNREADABLE = "Its address cannot be read with the present keys: type it again."


class NotDelivered(Exception):
    """The message did not arrive, as far as is known; says why in a sentence."""


def ask(channel: AlertChannel, account: Account) -> None:
    """Have the channel's new alerts sent when its digest is due. Joins the caller's transaction."""
    delay = channel.digest_minutes * 60.0
    _queue(account, SEND, channel, delay)


def ask_for_test(channel: AlertChannel, account: Account) -> None:
    """Have a test message sent now."""
    _queue(account, TEST, channel, 0.0)


def send(errand: Errand) -> Step:
    """One message with all that the channel was not sent yet; tried again, later and later."""
    channel = AlertChannel.objects.filter(key=errand.subject, is_active=True).first()
    if channel is None:
        return Step()
    notices = list(_unsent(channel)[:AT_ONCE])
    if not notices or not _take(channel):
        return Step(due_in_seconds=SECONDS) if notices else Step()
    try:
        deliver(channel, _subject(notices), [_line(notice) for notice in notices])
    except NotDelivered as exc:
        return _failed(errand, channel, str(exc))

    def write() -> None:
        AlertNotice.objects.filter(pk__in=[each.pk for each in notices]).update(sent_at=clock.now())
        _note(channel, problem="", last_sent_at=clock.now())

    return Step(write=write, cursor={} if len(notices) == AT_ONCE else None)


def send_test(errand: Errand) -> Step:
    """A word that says that this channel works."""
    channel = AlertChannel.objects.filter(key=errand.subject).first()
    if channel is None:
        return Step()
    try:
        deliver(channel, "Tapedeck: a test", [("This channel works: alerts will come here.", "", "")])
    except NotDelivered as exc:
        problem = str(exc)
        return Step(write=lambda: _note(channel, problem=problem))
    return Step(write=lambda: _note(channel, problem="", last_sent_at=clock.now()))


def deliver(channel: AlertChannel, subject: str, lines: Sequence[tuple[str, str, str]]) -> None:
    """Send title, text and address of each line; raises ``NotDelivered``."""
    try:
        target = sealing.unseal(channel.sealed_target).get("target", "")
    except sealing.SecretsUnreadable as exc:
        raise NotDelivered(UNREADABLE) from exc
    if channel.kind == AlertChannel.Kind.EMAIL:
        _mail(target, subject, lines)
    else:
        _post(target, subject, lines)


def register_all() -> None:
    """Make these errands known to the engine."""
    errands.register(SEND, Local(handler=send))
    errands.register(TEST, Local(handler=send_test))


def _queue(account: Account, kind: str, channel: AlertChannel, delay_seconds: float) -> None:
    # An account lends its name: another may already do the same, which takes it along.
    waiting = Errand.objects.filter(kind=kind, subject=str(channel.key), state=Errand.State.QUEUED)
    if not waiting.exists():
        wishes.ask(account, kind, subject=str(channel.key), delay_seconds=delay_seconds, lane=SINGLE)


def _unsent(channel: AlertChannel) -> Any:
    mine = AlertNotice.objects.filter(channel=channel, sent_at=None, alert__closed_at=None)
    return mine.select_related("alert__account").order_by("created_at", "pk")


def _take(channel: AlertChannel) -> bool:
    """Only one worker sends to a channel: what it has not settled yet is not sent twice."""
    now = clock.now()
    free = Q(sending_until=None) | Q(sending_until__lt=now) | Q(sending_until__gt=now + LEASE + clock.SLACK)
    mine = AlertChannel.objects.filter(free, pk=channel.pk)
    return bool(mine.update(sending_until=now + LEASE))


def _failed(errand: Errand, channel: AlertChannel, problem: str) -> Step:
    wait = pace.backoff_seconds(errand.step + 1, first=30.0)
    is_hopeless = errand.step + 1 >= TRIES
    return Step(write=lambda: _note(channel, problem=problem), due_in_seconds=None if is_hopeless else wait)


def _note(channel: AlertChannel, **facts: Any) -> None:
    AlertChannel.objects.filter(pk=channel.pk).update(sending_until=None, **facts)


def _subject(notices: Sequence[AlertNotice]) -> str:
    first = notices[0].alert
    if len(notices) == 1:
        return f"Tapedeck: {first.account.name}: {first.title}"
    return f"Tapedeck: {len(notices)} things need somebody"


def _line(notice: AlertNotice) -> tuple[str, str, str]:
    alert = notice.alert
    address = f"{settings.PUBLIC_URL}{alert.path}" if settings.PUBLIC_URL and alert.path else ""
    return f"{alert.account.name}: {alert.title}", alert.text, address


def _mail(target: str, subject: str, lines: Sequence[tuple[str, str, str]]) -> None:
    if not settings.TAPEDECK_HAS_EMAIL:
        raise NotDelivered(NO_EMAIL)
    body = "\n\n".join("\n".join(part for part in line if part) for line in lines)
    message = EmailMessage(" ".join(subject.split())[:200], body, to=[target])
    try:
        message.send()
    except OSError as exc:  # smtplib's own errors are of this kind too
        raise NotDelivered(f"The mail server did not take it: {exc}") from exc


def _post(target: str, subject: str, lines: Sequence[tuple[str, str, str]]) -> None:
    """As Slack's incoming webhooks take it: one text, with three characters escaped."""
    told = [subject, *(_marked(*line) for line in lines)]
    host = urlsplit(target).hostname or ""
    loopback = tuple(settings.TAPEDECK_LOOPBACK_HOSTS)
    with connections.outward() as http:
        client = Client(
            http, hosts=(host,), loopback_hosts=loopback, secrets=(target,), deadline_seconds=SECONDS
        )
        try:
            reply = client.request(
                "POST", target, is_write=True, json={"text": "\n".join(told)}, largest=100_000
            )
        except ProviderError as exc:
            raise NotDelivered(f"The webhook did not take it: {exc.message.replace(target, '…')}") from exc
    if not reply.is_success:
        raise NotDelivered(f"The webhook answered {reply.status}.")


def _marked(title: str, text: str, address: str) -> str:
    shown = f"<{address}|{_escaped(title)}>" if address else _escaped(title)
    return f"• {shown}: {_escaped(text)}" if text else f"• {shown}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
