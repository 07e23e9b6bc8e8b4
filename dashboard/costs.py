"""What a month cost, by account and engine: what the providers charged, and what the rest is estimated at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Ceil, Coalesce, TruncDate
from django.utils import timezone

from recordings import rates
from recordings.models import Account, Rate, Recording
from recordings.providers.snapshots import Status
from transcripts.models import IMPORTED, Transcript

MADE = (Status.COMPLETED, Status.DELETED)
MONTHS = 24  # that can be chosen


@dataclass(slots=True, kw_only=True)
class CostRow:
    """All recordings, or all transcripts of one engine, of an account in a month."""

    account: Account
    kind: str
    noun: str
    engine: str = ""
    count: int = 0
    seconds: float = 0.0
    charged: dict[str, Decimal] = field(default_factory=dict)  # by currency
    charged_count: int = 0
    estimated: dict[str, Decimal] = field(default_factory=dict)
    unrated: int = 0  # without a charge and without a rate
    unmeasured: int = 0  # without a charge, and of unknown length

    @property
    def minutes(self) -> float:
        """Tenths are told below ten: a few short ones are not none."""
        found = self.seconds / 60
        return round(found, 1) if found < 10 else round(found)


def month_in(text: str) -> date:
    """The first day of the month that an address names; of this month for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        return timezone.now().astimezone(UTC).date().replace(day=1)


def months() -> list[date]:
    """Those that can be chosen, the newest first."""
    found = [month_in("")]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def costs(accounts: Iterable[Account], month: date) -> list[CostRow]:
    """The rows of these accounts, by account, then recordings before transcripts."""
    by_pk = {each.pk: each for each in accounts}
    table = rates.Table(by_pk.values())
    found: dict[tuple[int, str, str], CostRow] = {}
    for kind, noun, rows in _things(list(by_pk), month):
        for group in _groups(rows):
            key = group["account"], kind, group["made_by"]
            account = by_pk[group["account"]]
            blank = CostRow(account=account, kind=kind, noun=noun, engine=group["made_by"])
            _take(found.setdefault(key, blank), group, table)
    return sorted(found.values(), key=lambda row: (row.account.name, row.noun, row.engine))


def totals(rows: Iterable[CostRow]) -> dict[str, tuple[Decimal, Decimal]]:
    """Charged and estimated of all rows, each currency by itself."""
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        for currency in row.charged.keys() | row.estimated.keys():
            charged, estimated = found.get(currency, (Decimal(0), Decimal(0)))
            found[currency] = (
                charged + row.charged.get(currency, Decimal(0)),
                estimated + row.estimated.get(currency, Decimal(0)),
            )
    return dict(sorted(found.items()))


def _things(accounts: list[int], month: date) -> Iterator[tuple[str, str, "QuerySet[Any]"]]:
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    ends = (begins + timedelta(days=32)).replace(day=1)
    when = Q(account__in=accounts, sort_at__gte=begins, sort_at__lt=ends)
    counts = Q(status__in=MADE) | Q(price__isnull=False)
    recordings = Recording.objects.filter(when, counts).annotate(length=F("duration_seconds"))
    yield "recording.start", "Recordings", recordings.annotate(made_by=Value("", output_field=CharField()))
    transcripts = Transcript.objects.filter(when, counts).exclude(kind=IMPORTED)
    length = Coalesce("duration_seconds", "recording__duration_seconds")
    yield "transcript.order", "Transcripts", transcripts.annotate(length=length, made_by=F("engine"))


def _groups(rows: "QuerySet[Any]") -> Iterable[dict[str, Any]]:
    """Counted by the database: a month may hold a hundred thousand. By day, for rates change with one."""
    days = rows.order_by().annotate(day=TruncDate("sort_at", tzinfo=UTC), is_charged=Q(price__isnull=False))
    named = days.values("account", "made_by", "day", "currency", "is_charged")
    found: Iterable[dict[str, Any]] = named.annotate(
        count=Count("pk"),
        measured=Count("length"),
        seconds=Sum("length"),
        minutes=Sum(Ceil(F("length") / 60.0)),
        charge=Sum("price"),
    )
    return found


def _take(row: CostRow, group: dict[str, Any], table: rates.Table) -> None:
    row.count += group["count"]
    row.seconds += group["seconds"] or 0.0
    if group["is_charged"]:
        row.charged_count += group["count"]
        currency = group["currency"]
        row.charged[currency] = row.charged.get(currency, Decimal(0)) + group["charge"]
        return
    rate = table.rate(row.account, row.kind, row.engine, group["day"])
    if rate is None:
        row.unrated += group["count"]
        return
    row.estimated[rate.currency] = row.estimated.get(rate.currency, Decimal(0)) + _estimate(rate, group)
    row.unmeasured += 0 if rate.unit == Rate.Unit.ITEM else group["count"] - group["measured"]


def _estimate(rate: Rate, group: dict[str, Any]) -> Decimal:
    if rate.unit == Rate.Unit.ITEM:
        return rate.amount * int(group["count"])
    return rates.cost_of_many(rate, minutes=group["minutes"] or 0, seconds=group["seconds"] or 0.0)
