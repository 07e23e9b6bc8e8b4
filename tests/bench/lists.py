"""P9 to P11: the list of recordings at a million rows, beside a thousand and beside Django admin's own."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import path

from dashboard import urls
from recordings.models import Account, Call, Recording
from recordings.providers.snapshots import CallState, Status
from tests.bench.figures import Figure, Size, measures
from tests.bench.requests import Browser, Costs, costs, cpu

ACCOUNTS, SEEN = 20, 3
FEW = 1_000
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
APART_SECONDS = 60
LIST = "/recordings/"
PEER = "/transcripts/"  # an empty list: what else the machine does meanwhile falls on it as well
ADMIN_LIMITS = {"sqlite": (5, 8), "postgresql": (20, 40)}
STANDING = 3  # session, user, and their rights


class StockAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What Django gives for a line of code, with the columns that our list has."""

    list_display = ("sort_at", "call", "account", "status", "duration_seconds", "media_expires_at")
    list_filter = ("status",)
    list_per_page = 50
    list_select_related = ("call", "account")


stock = admin.AdminSite(name="stock")
stock.register(Recording, StockAdmin)
urlpatterns = [*urls.urlpatterns, path("stock/", stock.urls)]


@measures("P9", "P10", "P11")
def lists(size: Size) -> Iterator[Figure]:
    """The same list first with a thousand rows, then with a million."""
    with override_settings(ROOT_URLCONF=__name__):
        everybody = people()
        fill(0, FEW)
        few = {name: _spent(user, [LIST], size) for name, user in everybody.items()}
        many = 20_000 if size.is_quick else 1_000_000
        fill(FEW, many)
        _settle()
        for name, user in everybody.items():
            yield from _depth(name, user, few[name], size, many)
        yield from _against_admin(everybody, size)
        yield from _queries(everybody, size)


def people() -> dict[str, Any]:
    """Twenty accounts; one who sees all accounts, and one who sees three of them."""
    three, others = Group.objects.create(name="three"), Group.objects.create(name="others")
    users, role = get_user_model().objects, Group.objects.get(name="manager")
    all_, limited = users.create_user("all", password="x"), users.create_user("limited", password="x")
    all_.groups.set([role, three, others])
    limited.groups.set([role, three])
    for number in range(ACCOUNTS):
        account = Account.objects.create(name=f"Account {number}", provider="recall")
        account.groups.set([three if number % 7 == 3 else others])
    return {"all accounts": all_, f"{SEEN} of {ACCOUNTS} accounts": limited}


def _spent(user: Any, addresses: list[str], size: Size) -> Costs:
    browser = Browser(user)
    things = {address: (lambda address=address: browser.get(address)) for address in addresses}  # type: ignore[misc]
    return costs(_rounds(size), _each(size), peer=lambda: browser.get(PEER), **things)


def _depth(name: str, user: Any, few: Costs, size: Size, many: int) -> Iterator[Figure]:
    deepest = f"{LIST}?before={quote(_deepest(user))}"
    spent = _spent(user, [LIST, deepest], size)
    yield Figure(
        number="P9",
        what=f"deepest / first page of {many:,} rows, {name}",
        ratio=spent.of(deepest) / spent.of(LIST),
        here=spent.told(deepest),
        peer=spent.told(LIST),
        must=1.2,
        goal=1.05,
        is_more_better=False,
    )
    yield Figure(
        number="P9",
        what=f"first page of {many:,} rows / of {FEW:,}, {name}",
        ratio=spent.of(LIST) / spent.of("peer") / (few.of(LIST) / few.of("peer")),
        here=f"{spent.told(LIST)}, an empty list {spent.of('peer') * 1e3:.2f} ms",
        peer=f"{few.told(LIST)}, an empty list {few.of('peer') * 1e3:.2f} ms",
        must=1.2,
        goal=1.05,
        is_more_better=False,
    )


def _deepest(user: Any) -> str:
    """The cursor before the last page."""
    rows = Recording.objects.usable_by(user).order_by("sort_at", "pk")
    last = rows[51] if rows.count() > 51 else rows[0]
    return f"{last.sort_at.isoformat()}_{last.pk}"


def _against_admin(everybody: dict[str, Any], size: Size) -> Iterator[Figure]:
    """By CPU, for PostgreSQL puts all cores on what the stock list counts; by the clock, to be known."""
    browser = Browser(next(iter(everybody.values())))
    chief = Browser(get_user_model().objects.create_superuser("chief", password="x"))
    lists = {
        "ours": lambda: browser.get(f"{LIST}?status={Status.COMPLETED}"),
        "stock": lambda: chief.get(f"/stock/recordings/recording/?status__exact={Status.COMPLETED}"),
    }
    must, goal = ADMIN_LIMITS[connection.vendor]
    what = "against Django admin's stock changelist, filtered page 1"
    spent, passed = (costs(_rounds(size), 5, clock=clock, **lists) for clock in (cpu, time.perf_counter))
    yield Figure(
        number="P10",
        what=what,
        ratio=spent.of("stock") / spent.of("ours"),
        here=spent.told("ours"),
        peer=f"stock changelist {spent.told('stock')}",
        must=must,
        goal=goal,
    )
    yield Figure(
        number="P10",
        what="the same by the clock",
        ratio=passed.of("stock") / passed.of("ours"),
        here=passed.told("ours"),
        peer=f"stock changelist {passed.told('stock')}",
    )


def _queries(everybody: dict[str, Any], size: Size) -> Iterator[Figure]:
    for name, user in everybody.items():
        browser = Browser(user)
        browser.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            browser.get(LIST)
        asked = [query["sql"] for query in queries]
        spent = costs(_rounds(size), _each(size), page=lambda b=browser: b.get(LIST), sql=_replayed(browser))  # type: ignore[misc]
        yield Figure(
            number="P11",
            what=f"share of SQL in a list request, %, {name}",
            ratio=100 * spent.of("sql") / spent.of("page"),
            here=spent.told("sql"),
            peer=spent.told("page"),
            must=25,
            goal=15,
            is_more_better=False,
        )
        yield Figure(
            number="P11",
            what=f"queries of a list page, {name}",
            ratio=len(asked) - STANDING,
            here=f"{len(asked)}, of them {STANDING} for session, user and rights",
            peer="",
            must=4,
            goal=3,
            is_more_better=False,
        )


def _replayed(browser: Browser) -> Any:
    """The statements of one page, executed and fetched by themselves: neither ORM nor template."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        browser.get(LIST)

    def replay() -> None:
        with connection.cursor() as cursor:
            for sql, params in asked:
                cursor.execute(sql, params)
                cursor.fetchall()

    return replay


def _rounds(size: Size) -> int:
    return 2 if size.is_quick else 8


def _each(size: Size) -> int:
    return 5 if size.is_quick else 20


def fill(first: int, upto: int) -> None:
    """Made by the database itself, from one row: a million by the ORM would take a quarter of an hour."""
    accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    if not first:
        Call.objects.bulk_create(
            Call(
                account_id=accounts[n % ACCOUNTS],
                external_id=f"c{n}",
                title=f"Call {n}",
                state=CallState.ENDED,
            )
            for n in range(FEW)
        )
    call = Call.objects.order_by("pk")[0].pk
    seed = Recording.objects.create(
        account_id=accounts[0], status=Status.COMPLETED, sort_at=NEWEST, duration_seconds=300.0, raw=_RAW
    )
    changes = {
        "key": _SQL[connection.vendor]["key"],
        "account_id": f"{accounts[0]} + n %% {ACCOUNTS}",
        "call_id": f"{call} + n %% {FEW}",
        "external_id": "'r' || n",
        "status": "CASE WHEN n %% 20 = 7 THEN 'failed' WHEN n %% 20 = 11 THEN 'deleted' ELSE 'completed' END",
        "sort_at": _SQL[connection.vendor]["moment"],
    }
    names = [field.column for field in Recording._meta.concrete_fields if field.column != "id"]
    columns = ", ".join(changes.get(name, f"seed.{name}") for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO recordings_recording ({', '.join(names)}) "
            f"{_SQL[connection.vendor]['series']} SELECT {columns} FROM series, recordings_recording seed"
            " WHERE seed.id = %s",
            [first, upto - 1, seed.pk],
        )
    seed.delete()


def _settle() -> None:
    """What autovacuum and the nightly run do in a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


_RAW = {"id": "0" * 36, "links": ["x" * 40] * 10, "created_at": "2026-11-01T00:00:00Z"}
_EPOCH = int(NEWEST.timestamp())
_SQL = {
    "sqlite": {
        "series": "WITH RECURSIVE series(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM series WHERE n < %s)",
        "key": "lower(hex(randomblob(16)))",
        "moment": f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', {_EPOCH} - n * {APART_SECONDS}, 'unixepoch')",
    },
    "postgresql": {
        "series": "WITH series(n) AS (SELECT generate_series(%s, %s))",
        "key": "gen_random_uuid()",
        "moment": f"to_timestamp({_EPOCH} - n * {APART_SECONDS})",
    },
}
