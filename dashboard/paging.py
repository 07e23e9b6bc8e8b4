"""Pages of a list by key: as quick at any depth, and no row is shown twice while others arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows, newest first; `next_cursor` is "" on the last page, `is_later` false on the first."""

    rows: list[Row]
    next_cursor: str
    is_later: bool


def page(
    rows: QuerySet[Row],
    *,
    by: str,
    cursor: str = "",
    size: int = SIZE,
    accounts: Sequence[int] | None = None,
) -> Page[Row]:
    """Return the rows before `cursor`, which `next_cursor` of the page before gave; a wrong one is none.

    `by` names the time that the list is ordered by; rows of one moment go by their id. `accounts` are
    the only ones whose rows are wanted, None for all: however few of many, each index serves.
    """
    after = _read(cursor)
    if after is not None:
        moment, pk = after
        # The first condition is what the index serves; the second only cuts its edge.
        rows = rows.filter(Q(**{f"{by}__lte": moment})).filter(Q(**{f"{by}__lt": moment}) | Q(pk__lt=pk))
    order = (f"-{by}", "-pk")
    found = list(_of_accounts(rows, accounts, order, size + 1).order_by(*order)[: size + 1])
    shown = found[:size]
    following = _write(shown[-1], by) if len(found) > size else ""
    return Page(rows=shown, next_cursor=following, is_later=after is not None)


def _of_accounts(
    rows: QuerySet[Row], accounts: Sequence[int] | None, order: tuple[str, str], size: int
) -> QuerySet[Row]:
    """The newest of each account, from which the page is taken: a list of accounts in one condition
    would have the database read either all rows of these, or all rows of the others."""
    if accounts is None:
        return rows
    if len(accounts) <= 1:
        return rows.filter(account__in=accounts)
    model = rows.model._default_manager
    newest = [rows.filter(account=each).order_by(*order).values("pk")[:size] for each in accounts]
    first, *others = [model.filter(pk__in=each).order_by().values("pk") for each in newest]
    return rows.filter(pk__in=first.union(*others, all=True))


def _write(row: Model, by: str) -> str:
    return f"{getattr(row, by).isoformat()}_{row.pk}"


def _read(cursor: str) -> tuple[datetime, int] | None:
    text, _, pk = cursor.rpartition("_")
    try:
        moment = datetime.fromisoformat(text)
        return (moment, int(pk)) if moment.tzinfo else None
    except ValueError:
        return None
