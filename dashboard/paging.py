"""Pages of a list by key: as quick at any depth, and no row is shown twice while others arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection
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
    columns: Sequence[str] = (),
) -> Page[Row]:
    """Return the rows before `cursor`, which `next_cursor` of the page before gave; a wrong one is none.

    `by` names the time that the list is ordered by; rows of one moment go by their id. `accounts` are
    the only ones whose rows are wanted, None for all: however few of many, each index serves. With
    `columns`, "pk" and `by` among them, the rows are named tuples of these.
    """
    after = _read(cursor)
    if after is not None:
        moment, pk = after
        # The first condition is what the index serves; the second only cuts its edge.
        rows = rows.filter(Q(**{f"{by}__lte": moment})).filter(Q(**{f"{by}__lt": moment}) | Q(pk__lt=pk))
    rows = rows.order_by(f"-{by}", "-pk")
    found = list(_of_accounts(rows, accounts, columns, size + 1))
    shown = found[:size]
    following = _write(shown[-1], by) if len(found) > size else ""
    return Page(rows=shown, next_cursor=following, is_later=after is not None)


def _of_accounts(
    rows: QuerySet[Row], accounts: Sequence[int] | None, columns: Sequence[str], size: int
) -> "QuerySet[Row, Any]":
    """The newest of each account, from which the page is taken: a list of accounts in one condition
    would have the database read either all rows of these, or all rows of the others."""
    if accounts is None:
        return _told(rows, columns)[:size]
    if len(accounts) <= 1:
        return _told(rows.filter(account__in=accounts), columns)[:size]
    each_of = [rows.filter(account=each) for each in accounts]
    if columns and connection.features.supports_slicing_ordering_in_compound:
        found = _of_all([_told(each, columns)[:size] for each in each_of])
        return found.order_by(*rows.query.order_by)[:size]
    model = rows.model._default_manager
    newest = [model.filter(pk__in=each.values("pk")[:size]).order_by().values("pk") for each in each_of]
    return _told(rows.filter(pk__in=_of_all(newest)), columns)[:size]


def _told(rows: QuerySet[Row], columns: Sequence[str]) -> "QuerySet[Row, Any]":
    return rows.values_list(*columns, named=True) if columns else rows


def _of_all(parts: "Sequence[QuerySet[Row, Any]]") -> "QuerySet[Row, Any]":
    first, *others = parts
    return first.union(*others, all=True)


def _write(row: Model, by: str) -> str:
    return f"{getattr(row, by).isoformat()}_{row.pk}"


def _read(cursor: str) -> tuple[datetime, int] | None:
    text, _, pk = cursor.rpartition("_")
    try:
        moment = datetime.fromisoformat(text)
        return (moment, int(pk)) if moment.tzinfo else None
    except ValueError:
        return None
