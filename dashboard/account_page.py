"""How one account does: its health, its callbacks, what is read of it and when, and what was turned away."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dashboard.doctor import diagnosis
from dashboard.models import User
from recordings import connections
from recordings.actions import Choice, choices
from recordings.models import Account, Call, Errand, Operation, Refusal, WebhookDelivery
from recordings.targets import Target

SPAN = timedelta(days=7)
STANDING = {
    "calls.look": "Live calls",
    "sweep.recent": "Sweep of the last two days",
    "sweep.full": "Sweep of everything",
    "account.check": "Test of the credentials",
    "endpoints.look": "The provider's side of the callbacks",
}
JOBS = {
    **STANDING,
    "call.fetch": "Read of a call",
    "recording.fetch": "Read of a recording",
    "recording.confirm": "Search for a recording that is listed no more",
    "transcript.fetch": "Read of a transcript",
    "transcript.confirm": "Search for a transcript that is listed no more",
    "transcript.text": "Fetch of a transcript's words",
    "media.copy": "Copy of media to play it",
    "media.peaks": "Waveform of media",
    "media.rescue": "Rescue of media",
}
COUNTED = (("pages", "page"), ("seen", "seen"), ("added", "added"), ("changed", "repaired"))
PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Something that is read of the account again and again."""

    title: str
    errand: Errand
    counts: tuple[tuple[str, int], ...]

    @property
    def is_running(self) -> bool:
        return self.errand.lease_token is not None or self.errand.step > 0

    @property
    def problem(self) -> str:
        return self.errand.problem or str(self.errand.progress.get("problem") or "")


def stamp(account: Account) -> str:
    """Changes with the account, what is read of it, and what is turned away."""
    newest = account.errands.filter(kind__in=STANDING).aggregate(at=Max("updated_at"))["at"]
    leased = account.errands.filter(lease_token__isnull=False, kind__in=STANDING).count()
    refused = Refusal.objects.filter(account=account).aggregate(at=Max("last_at"))["at"]
    orders = Operation.objects.filter(account=account, call=None, recording=None)
    ordered = orders.aggregate(at=Max("updated_at"))["at"]
    own = (account.is_healthy, account.health_at, account.calls_seen_at, account.is_active)
    parts = (*own, account.webhook_key, last_event_at(account), newest, leased, refused, ordered)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def context(account: Account, user: User) -> dict[str, Any]:
    """What the templates of the page need."""
    may_administer = user.has_perm("recordings.administer_accounts")
    face = connections.face(account.provider)
    offered = choices(user, Target.of(account))
    return {
        "account": account,
        "webhook_help": face.webhook_help,
        "webhook_limits": face.webhook_limits,
        "choices": [each for each in offered if not _is_of_endpoints(each)],
        "endpoint_choices": [each for each in offered if _is_of_endpoints(each)],
        "diagnosis": diagnosis(account),
        "looks": looks(account),
        "refusals": refusals(account),
        "endpoints": endpoints(account),
        "problems": _problems(account),
        "last_event_at": last_event_at(account),
        "live": Call.objects.filter(account=account).present().count(),
        "open_orders": Operation.objects.filter(account=account).open().count(),
        "may_administer": may_administer,
        "may_sweep": user.has_perm("recordings.manage_bulk"),
        "webhook_url": account.webhook_url if may_administer else "",
        "old_url_until": _old_until(account) if may_administer else None,
        "stamp": stamp(account),
    }


def _is_of_endpoints(choice: Choice) -> bool:
    """Whether it makes, repairs or removes where the provider posts: it stands with the doctor."""
    return choice.action.kind.startswith("endpoint.")


def last_event_at(account: Account) -> datetime | None:
    """When the provider last called back."""
    newest = WebhookDelivery.objects.filter(account=account).order_by("-received_at", "-pk")
    return newest.values_list("received_at", flat=True).first()


def looks(account: Account) -> list[Look]:
    """What is read of it by the clock, with the counts of the last or the running time."""
    standing = account.errands.filter(state=Errand.State.QUEUED, subject="", kind__in=STANDING)
    by_kind = {each.kind: each for each in standing}
    return [
        Look(title=title, errand=by_kind[kind], counts=_counts(by_kind[kind]))
        for kind, title in STANDING.items()
        if kind in by_kind
    ]


def refusals(account: Account) -> list[Refusal]:
    """What was turned away lately; the account's secret address is not in it."""
    since = (timezone.now() - SPAN).date()
    found = list(Refusal.objects.filter(account=account, day__gte=since).order_by("-day", "-count")[:50])
    for refusal in found:
        refusal.url_seen = without_key(account, refusal.url_seen)
        refusal.url_expected = without_key(account, refusal.url_expected)
    return found


def endpoints(account: Account) -> list[dict[str, Any]]:
    """Where the provider posts, as it says itself."""
    return [
        {
            **each,
            "url": without_key(account, each.get("url", "")),
            "is_ours": bool(account.webhook_url) and each.get("url", "").startswith(account.webhook_url),
            "last_push_at": parse_datetime(each.get("last_push_at") or ""),
            "seen_at": parse_datetime(each.get("seen_at") or ""),
        }
        for each in account.endpoints
    ]


def without_key(account: Account, text: str) -> str:
    """An address without the part that lets whoever knows it post here."""
    for key in (account.webhook_key, account.old_webhook_key):
        text = text.replace(key, "…") if key else text
    return text


def _problems(account: Account) -> list[Look]:
    """Reads and jobs that were given up lately."""
    since = timezone.now() - SPAN
    failed = account.errands.filter(state=Errand.State.FAILED, created_at__gte=since)
    return [
        Look(title=JOBS.get(each.kind, each.kind.replace(".", " ").capitalize()), errand=each, counts=())
        for each in failed.order_by("-created_at")[:PROBLEMS]
    ]


def _counts(errand: Errand) -> tuple[tuple[str, int], ...]:
    told = [(label, errand.progress[name]) for name, label in COUNTED if name in errand.progress]
    return tuple((f"{label}s" if label == "page" and count != 1 else label, count) for label, count in told)


def _old_until(account: Account) -> datetime | None:
    until = account.old_webhook_key_until
    return until if until and until > timezone.now() else None
