"""The end of every real case: all comes to rest, one sweep follows, and everything is compared."""

import time
from collections import Counter

from django.db import connection
from django.db.models import F

from recordings import clock, housekeeping
from recordings.models import Errand, Operation, Recording, WebhookDelivery
from recordings.work import oldest_due_age_seconds
from tests.faults.real.processes import TookTooLong, patiently
from tests.faults.real.providers import Answered, Provider, hurry, query_of
from tests.faults.real.stage import OPEN, Stage
from tests.faults.truths import differences
from tests.faults.verdict import ENDED_WELL
from tests.faults.watch import PING

State = Operation.State
AGREE_WITHIN_SECONDS = 60.0
CALM_SECONDS = 90.0
DUE_SECONDS = 4.0
SLACK_SECONDS = 1.0


def close(stage: Stage, *, ends_calls: bool = True) -> None:
    """Everything works again; wait for rest, sweep, compare. What does not hold becomes a problem."""
    for provider in stage.each():
        provider.simulator.faults.clear()
        provider.delay_seconds = 0.0
        provider.release.set()
        if ends_calls:
            for call_id in list(provider.simulator.truth()["calls"]):  # type: ignore[attr-defined]
                provider.simulator.end_call(call_id)  # type: ignore[attr-defined]
    stage.wait(_is_at_rest, CALM_SECONDS)
    _sweep(stage)
    judge(stage)


def judge(stage: Stage) -> None:
    """What must hold at any moment of rest."""
    for provider in stage.each():
        check_callbacks(stage, provider)
    for order in Operation.objects.order_by("pk"):
        _judge_order(stage, order)
    check_database(stage)
    _count(stage)


def _is_at_rest() -> bool:
    """no order is under way, no callback unread, nothing due for long"""
    orders = Operation.objects.filter(state__in=OPEN)
    unread = WebhookDelivery.objects.filter(state=WebhookDelivery.State.RECEIVED)
    fetches = Errand.objects.filter(state=Errand.State.QUEUED, every_seconds=None, due_at__lte=clock.now())
    is_open = orders.exists() or unread.exists() or fetches.exists()
    return not is_open and oldest_due_age_seconds() < DUE_SECONDS


def _sweep(stage: Stage) -> None:
    """Full sweeps, until each mirror says what its provider says: one is enough once all has ended there."""
    found: list[str] = []

    def do_agree() -> bool:
        """the mirror agrees with the providers"""
        began = clock.now()
        housekeeping.ensure_standing()
        for kind in ("sweep.full", "calls.look"):
            hurry(None, kind)
        patiently(lambda: _are_done(began), CALM_SECONDS)
        patiently(_is_at_rest, CALM_SECONDS)
        found[:] = [
            f"{each.slug}: {text}"
            for each in stage.each()
            for text in differences(each.account, each.simulator)
        ]
        stage.numbers["sweeps"] = stage.numbers.get("sweeps", 0) + 1
        return not found

    try:
        patiently(do_agree, AGREE_WITHIN_SECONDS, every=1.0)
    except TookTooLong as exc:
        if not found:
            stage.problem("stuck", str(exc))
    for text in found:
        stage.problem("differs", text)


def _are_done(began: object) -> bool:
    standing = Errand.objects.filter(state=Errand.State.QUEUED, kind__in=("sweep.full", "calls.look"))
    return not standing.exclude(done_at__gt=began).exclude(problem__gt="").exists()


def check_callbacks(stage: Stage, provider: Provider, until: float = float("inf")) -> None:
    """Every acknowledged callback has its row, and each row is of another event."""
    promised = acknowledged(provider, until)
    events = {(each.url, each.body): each.event for each in provider.callbacks()}
    kept: Counter[tuple[str, bytes]] = Counter()
    rows = WebhookDelivery.objects.filter(account=provider.account, is_erased=False)
    for query, body in rows.values_list("query", "body").iterator():
        kept[query, bytes(body)] += 1
    erased = WebhookDelivery.objects.filter(account=provider.account, is_erased=True).exists()
    told = [each for each in promised if events.get((each.url, each.body)) != PING and not erased]
    lost = [each.body[:80] for each in told if not kept[query_of(each.url), each.body]]
    stage.check(not lost, "lost", f"{provider.slug}: {len(lost)} acknowledged have no row, as {lost[:3]}")
    doubled = [body[:80] for (_, body), count in kept.items() if count > 1]
    stage.check(
        not doubled, "doubled", f"{provider.slug}: {len(doubled)} have several rows, as {doubled[:3]}"
    )


def acknowledged(provider: Provider, until: float = float("inf")) -> list[Answered]:
    """What the product said it has taken in, by then."""
    return [
        each
        for each in provider.answered
        if each.status is not None and 200 <= each.status < 300 and each.at + each.seconds <= until
    ]


def _judge_order(stage: Stage, order: Operation) -> None:
    provider = stage.provider_of(order)
    effects = provider.effects_of(order) if order.made_key else 0
    name = f"{order.kind} {order.pk} at {provider.slug} is {order.state} ({order.outcome})"
    stage.check(effects <= 1, "twice", f"{name}: {effects} effects")
    stage.check(order.state not in OPEN, "stuck", name)
    if order.sent_at and order.not_after:
        stage.check(order.sent_at <= order.not_after, "late", f"{name}: sent after {order.not_after}")
    if order.made_key is None:
        return
    has_happened = provider.has_happened(order)
    stage.check(not has_happened or order.state not in ENDED_WELL, "denied", f"{name}, and it happened")
    is_claimed = order.state == State.SUCCEEDED and order.kind == "recording.start"
    stage.check(effects or not is_claimed, "claimed", f"{name}, and it did not happen")


def check_database(stage: Stage) -> None:
    """The database's own check, one row a thing, and nothing that waits for nobody."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            found = cursor.execute("PRAGMA integrity_check").fetchone()
        stage.check(found == ("ok",), "lost", f"the database is broken: {found}")
    ids = list(Recording.objects.exclude(external_id="").values_list("account", "external_id"))
    stage.check(len(ids) == len(set(ids)), "doubled", "two rows are one recording")
    held = Errand.objects.exclude(lease_token=None).filter(due_at=None)
    stage.check(not held.exists(), "stuck", "an errand is leased and never due again")
    unseen = Operation.objects.filter(state=State.IN_DOUBT, doubt_since=None)
    stage.check(not unseen.exists(), "hidden", "an order is in doubt without an age")


def _count(stage: Stage) -> None:
    states = Counter(Operation.objects.values_list("state", flat=True))
    stage.numbers |= {
        "orders": sum(states.values()),
        "states": dict(sorted(states.items())),
        "sent": sum(provider.writes for provider in stage.each()),
        "callbacks": sum(len(provider.answered) for provider in stage.each()),
        "acknowledged": sum(len(acknowledged(provider)) for provider in stage.each()),
        "rows": WebhookDelivery.objects.count(),
        "duplicates": sum(WebhookDelivery.objects.values_list(F("duplicates"), flat=True)),
        "ended_at": round(time.time(), 1),
    }
