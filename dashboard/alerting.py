"""What is worth an alert: looked at by the clock, opened and closed, and announced once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from dashboard import alert_sending
from dashboard.causes import causes
from dashboard.models import Alert, AlertChannel, AlertNotice
from dashboard.silences import gaps
from dashboard.templatetags.tapedeck import action_label
from dashboard.troubles import SPAN, TROUBLES, Trouble
from recordings import clock, housekeeping
from recordings.models import Account, Errand, Operation, Rule, RuleMatch
from recordings.models.work import SINGLE
from recordings.work import errands
from recordings.work.errands import Local, Step

LOOK = "alerts.look"
EVERY_SECONDS = 60.0
IDLE_SECONDS = 300.0  # nobody is to be alerted
SETTLED = timedelta(seconds=50)  # what is gone at the next look was nothing
CALM = timedelta(hours=6)  # what comes again within it is not announced again
DOUBTS_AFTER = timedelta(hours=1)
MOST = 50  # alerts of one source
HELD_LOOKED_AT = 1_000
KINDS: dict[str, str] = {
    "failure": "A new kind of failure",
    "silence": "An account's callbacks have fallen silent",
    "doubt": "An order in doubt for an hour",
    "account": "An account that does not work",
    "budget": "A limit that is reached",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that is so at this moment; ``cause`` tells it apart from others of its kind."""

    cause: str
    title: str
    text: str = ""
    path: str = ""


Source = Callable[[Account], Iterable[Found]]
_sources: dict[str, list[Source]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lately:
    """One account's last week, as Attention shows it."""

    account: Account

    @property
    def wanted(self) -> list[Account]:
        return [self.account]

    def between(self, rows: Any, trouble: Trouble) -> Any:
        return rows.filter(**{f"{trouble.by}__gte": timezone.now() - SPAN})

    def rest(self) -> str:
        return ""


def register(kind: str, source: Source) -> None:
    """Have a source of this kind asked about each account; called from ``AppConfig.ready``."""
    _sources.setdefault(kind, []).append(source)


def look(errand: Errand) -> Step:
    """See what is so at this account, and say what is new of it."""
    if not AlertChannel.objects.filter(is_active=True).exists():
        return Step(every_seconds=IDLE_SECONDS)
    account = errand.account
    found = {
        (kind, each.cause[:300]): each
        for kind, sources in _sources.items()
        for source in sources
        for each in source(account)
    }
    return Step(write=lambda: _write(account, found), every_seconds=EVERY_SECONDS)


def failures(account: Account) -> Iterator[Found]:
    """The causes that Attention groups failures by."""
    for trouble in TROUBLES.values():
        for cause in [] if trouble.is_lasting else causes(trouble, _Lately(account=account))[:MOST]:
            meaning = cause.remedy.meaning if cause.remedy else cause.said or cause.code
            yield Found(
                cause=cause.name,
                title=f"{trouble.title}: {cause.count}",
                text=meaning,
                path=cause.url_at(account),
            )


def doubts(account: Account) -> Iterator[Found]:
    """Orders whose outcome is unknown for long."""
    old = Operation.objects.filter(account=account, state=Operation.State.IN_DOUBT)
    for order in old.filter(doubt_since__lt=timezone.now() - DOUBTS_AFTER)[:MOST]:
        label = action_label(account.provider, order.kind)
        yield Found(
            cause=str(order.key),
            title=f"In doubt for an hour: {label}",
            text=order.outcome,
            path=order.get_absolute_url(),
        )


def silence(account: Account) -> Iterator[Found]:
    """Callbacks that should have come and did not."""
    for gap in gaps(account):
        if gap.ended_at is None:
            yield Found(
                cause="silence",
                title="No callbacks, though recordings ran",
                text=f"{gap.missed} recording{pluralize(gap.missed)} began since the last one.",
                path=reverse("account-ledger", args=[account.key]),
            )


def sick(account: Account) -> Iterator[Found]:
    """The account itself."""
    if account.is_healthy is False:
        yield Found(
            cause="account",
            title="The account does not work",
            text=account.health_message,
            path=account.get_absolute_url(),
        )


def limits(account: Account) -> Iterator[Found]:
    """Rules that hold what they took up: a limit is reached, or a rate is not known."""
    held = RuleMatch.objects.filter(
        account=account, state=RuleMatch.State.HELD, is_over=False, rule__isnull=False
    )
    newest: dict[Rule, list[RuleMatch]] = {}
    for match in held.select_related("rule").order_by("-at", "-pk")[:HELD_LOOKED_AT]:
        if match.rule is not None:
            newest.setdefault(match.rule, []).append(match)
    for rule, matches in newest.items():
        yield Found(
            cause=str(rule.key),
            title=f"Held by the rule “{rule.name}”: {len(matches)}",
            text=matches[0].reason,
            path=rule.get_absolute_url(),
        )


def ensure_standing(account: Account) -> None:
    """Every active account is looked at."""
    errands.standing(account, LOOK, every_seconds=EVERY_SECONDS, lane=SINGLE)


def register_all() -> None:
    """Make the errands and the sources known."""
    errands.register(LOOK, Local(handler=look))
    alert_sending.register_all()
    housekeeping.register_standing(ensure_standing)
    for kind, source in SOURCES:
        register(kind, source)


def _write(account: Account, found: dict[tuple[str, str], Found]) -> None:
    known = {(alert.kind, alert.cause): alert for alert in Alert.objects.filter(account=account)}
    now = clock.now()
    for name, each in found.items():
        _open(account, name, each, known.get(name))
    gone = [alert.pk for name, alert in known.items() if name not in found and alert.closed_at is None]
    Alert.objects.filter(pk__in=gone).update(closed_at=now)
    Alert.objects.filter(account=account, closed_at__lt=now - SPAN).delete()
    _announce(account)


def _open(account: Account, name: tuple[str, str], found: Found, alert: Alert | None) -> None:
    now = clock.now()
    facts: dict[str, Any] = {"title": found.title[:300], "text": found.text, "path": found.path[:500]}
    if alert is None:
        kind, cause = name
        Alert.objects.create(account=account, kind=kind, cause=cause, opened_at=now, **facts)
        return
    if alert.closed_at is not None:
        is_relapse = alert.closed_at < now - CALM
        facts |= {"closed_at": None}
        facts |= {"opened_at": now, "announced_at": None} if is_relapse else {}
    Alert.objects.filter(pk=alert.pk).update(**facts)


def _announce(account: Account) -> None:
    """What was there a look before and is still there goes to the channels that want it, once."""
    now = clock.now()
    new = Alert.objects.filter(account=account, closed_at=None, announced_at=None)
    settled = list(new.filter(opened_at__lte=now - SETTLED))
    if not settled:
        return
    for channel in AlertChannel.objects.filter(is_active=True):
        wanted = [alert for alert in settled if alert.kind in channel.wants]
        notices = [AlertNotice(alert=alert, channel=channel, created_at=now) for alert in wanted]
        AlertNotice.objects.bulk_create(notices)
        if notices:
            alert_sending.ask(channel, account)
    Alert.objects.filter(pk__in=[alert.pk for alert in settled]).update(announced_at=now)


def reask(channel: AlertChannel) -> None:
    """Have it tried anew what a channel was not sent, after it was changed."""
    notice = (
        AlertNotice.objects.filter(channel=channel, sent_at=None).select_related("alert__account").first()
    )
    if notice is not None:
        with transaction.atomic():
            alert_sending.ask(channel, notice.alert.account)


SOURCES: tuple[tuple[str, Source], ...] = (
    ("failure", failures),
    ("doubt", doubts),
    ("silence", silence),
    ("account", sick),
    ("budget", limits),
)
